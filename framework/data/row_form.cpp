// Items and targets by form; the longer ones stand in files of their own.
#include "data/row_form.h"

#include <algorithm>
#include <set>

#include <temper/iob2.h>
#include <temper/targets.h>

#include "data/row_parts.h"

namespace temper::data {

namespace {

using Kind = RowValue::Kind;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? std::string() : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// One row on its way.
class Reading {
 public:
  Reading(const RowColumns& columns, const RowOptions& options, Task task, const Row& row, const std::string& noun, ReadRow& read)
      : columns_(columns), options_(options), task_(task), row_(row), cells_(row, noun), read_(read) {}

  void id() {
    if (columns_.id) read_.item.id = cells_.id(*columns_.id);
  }

  // What the form makes of its columns, then all others.
  void fields() {
    Fields& fields = read_.item.fields;
    hidden_ = {columns_.label, kTextField};
    if (columns_.id) hidden_.insert(*columns_.id);
    switch (columns_.form) {
      case Form::kText:
      case Form::kPrompt:
      case Form::kSpans:
        if (columns_.form == Form::kSpans) hidden_ = {columns_.spans, kTextField};
        if (!cells_.has(columns_.text) && row_.find(kInputIdsField)) break;
        fields.set(kTextField, cells_.text(columns_.text, "text"));
        break;
      case Form::kPair:
        fields.set(kTextField, cells_.text(columns_.text, "text"));
        fields.set("text_pair", cells_.text(columns_.text_pair, "text_pair"));
        hidden_.insert("text_pair");
        break;
      case Form::kTokens: {
        hidden_ = {columns_.tags, columns_.tokens, "tokens"};
        auto tokens = cells_.words(columns_.tokens, "tokens");
        if (tokens.empty()) cells_.fail(columns_.tokens, "holds no tokens");
        fields.set("tokens", std::move(tokens));
        break;
      }
      case Form::kAnswers:
        hidden_ = {columns_.answers, columns_.answer_start, "question", "context"};
        fields.set("question", cells_.text(columns_.question, "question"));
        fields.set("context", cells_.text(columns_.context, "context"));
        break;
      case Form::kMessages: hidden_ = {columns_.messages, "messages", kTextField}; break;  // read with their target
      case Form::kAlpaca: {
        const std::string instruction = cells_.text("instruction", "instruction"), input = cells_.has("input") ? cells_.text("input", "input") : "";
        fields.set(kTextField, input.empty() ? instruction : instruction + "\n\n" + input);
        break;
      }
    }
    if (columns_.id) hidden_.insert(*columns_.id);
    if (columns_.form == Form::kMessages) messages();
    if (columns_.form == Form::kSpans) spans();
    for (const auto& [name, value] : row_.values)
      if (!hidden_.contains(name)) fields.set(name, field(name, value));
  }

  void targets() {
    switch (columns_.form) {
      case Form::kMessages:
        if (!answer_) cells_.fail(columns_.messages, "ends with no message of the assistant, which would be the answer");
        read_.targets = {Text{*answer_}};
        break;
      case Form::kTokens: tags(); break;
      case Form::kSpans:
        cells_.get(columns_.spans, "spans");
        if (!tags_.problem.empty()) cells_.fail(columns_.spans, tags_.problem);
        if (tags_.tokens.empty()) cells_.fail(columns_.text, "holds no words");
        read_.targets = {Tags{tags_.tags}};
        break;
      case Form::kAnswers: read_.targets = answer_targets(cells_, columns_, options_.offsets == "bytes", *read_.item.fields.text("context")); break;
      default: label(); break;
    }
  }

 private:
  FieldValue field(const std::string& name, const RowValue& value) const {
    const bool is_ids = name == kInputIdsField || name == kTokenTypeIdsField;
    if (value.kind != Kind::kArray && !is_ids) return value.text;
    const Value array = cells_.document(name, "field");
    if (!array.is_array()) cells_.fail(name, "is no array of integers");
    std::vector<std::int64_t> ids;
    std::vector<std::string> texts;
    for (const Value& entry : array.as_array()) {
      if (is_ids && !entry.is_integer()) cells_.fail(name, "is no array of integers");
      if (is_ids) ids.push_back(entry.as_integer());
      else if (entry.is_string()) texts.push_back(entry.as_string());
      else return value.text;
    }
    if (is_ids) return ids;
    return texts.empty() ? FieldValue(value.text) : FieldValue(std::move(texts));
  }

  void messages() {
    Dialogue dialogue = read_dialogue(cells_, columns_.messages);
    std::string said;
    for (const Message& message : dialogue.messages) said += (said.empty() ? "" : "\n\n") + message.content;
    read_.item.fields.set(kTextField, std::move(said));
    read_.item.fields.set("messages", std::move(dialogue.messages));
    answer_ = std::move(dialogue.answer);
  }

  // Items have the words, whether or not spans are there.
  void spans() {
    const std::string& text = *read_.item.fields.text(kTextField);
    tags_ = cells_.has(columns_.spans) ? tag_spans(text, marked_spans(cells_, columns_.spans, options_.offsets == "bytes", text)) : tag_spans(text, {});
    if (!tags_.problem.empty()) read_.item.fields.set("tokens", tag_spans(text, {}).tokens);
    else read_.item.fields.set("tokens", tags_.tokens);
    hidden_.insert("tokens");
  }

  void tags() {
    Tags tags{cells_.words(columns_.tags, "tags")};
    const std::size_t tokens = std::get<std::vector<std::string>>(*read_.item.fields.find("tokens")).size();
    if (tags.names.size() != tokens) throw BadRow{"has " + std::to_string(tokens) + " tokens and " + std::to_string(tags.names.size()) + " tags"};
    for (std::string& tag : tags.names) {
      if (options_.tag_names.empty()) break;
      const bool is_number = tag.size() < 10 && tag.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t number = is_number ? std::stoul(tag) : options_.tag_names.size();
      if (number >= options_.tag_names.size()) cells_.fail(columns_.tags, "holds \"" + tag + "\", expected a number below " + std::to_string(options_.tag_names.size()) + ", of dataset.tag_names");
      tag = options_.tag_names[number];
    }
    read_.changed_tags = to_iob2(tags.names);
    read_.targets = {std::move(tags)};
  }

  void label() {
    const RowValue& value = cells_.get(columns_.label, columns_.form == Form::kAlpaca ? "output" : "label");
    if (task_ == Task::kMultiLabel) return labels(value);
    if (task_ == Task::kGeneration && value.kind == Kind::kArray) {
      for (const Value& entry : cells_.document(columns_.label, "label").as_array()) {
        if (!entry.is_string()) cells_.fail(columns_.label, std::string("holds ") + entry.type_name() + ", expected strings");
        add_target(entry.as_string());
      }
      if (read_.targets.empty()) cells_.fail(columns_.label, "is an empty array, expected an answer");
      return;
    }
    if (value.kind == Kind::kArray || value.kind == Kind::kObject) cells_.fail(columns_.label, std::string("is ") + describe(value.kind) + ", expected a string, a number or a boolean");
    add_target(value.text);
  }

  void add_target(const std::string& text) {
    std::string problem;
    auto target = target_from_text(task_, text, problem);
    if (!target) cells_.fail(columns_.label, problem);
    read_.targets.push_back(*std::move(target));
  }

  void labels(const RowValue& value) {
    Labels labels;
    if (const Value array = cells_.document(columns_.label, "label"); array.is_array()) {
      labels.names = cells_.words(columns_.label, "label");
    } else if (value.kind == Kind::kObject) {
      cells_.fail(columns_.label, "is an object, expected an array of labels");
    } else if (options_.label_separator.empty()) {
      if (!value.text.empty()) labels.names = {value.text};
    } else {
      for (std::size_t at = 0; !trimmed(value.text).empty() && at <= value.text.size();) {
        const std::size_t end = std::min(value.text.find(options_.label_separator, at), value.text.size());
        labels.names.push_back(trimmed(value.text.substr(at, end - at)));
        at = end + options_.label_separator.size();
      }
    }
    std::set<std::string> known;
    for (const std::string& name : labels.names) {
      if (name.empty()) cells_.fail(columns_.label, "holds an empty label");
      if (!known.insert(name).second) cells_.fail(columns_.label, "holds the label \"" + name + "\" twice");
    }
    read_.targets = {std::move(labels)};
  }

  const RowColumns& columns_;
  const RowOptions& options_;
  const Task task_;
  const Row& row_;
  const RowCells cells_;
  ReadRow& read_;
  std::set<std::string> hidden_;  // columns that are no fields of their own
  std::optional<std::string> answer_;
  TaggedText tags_;
};

}  // namespace

RowForm::RowForm(RowColumns columns, RowOptions options, const Source& source, std::string noun)
    : columns_(std::move(columns)), options_(std::move(options)), task_(source.task), needs_targets_(source.needs_targets), noun_(std::move(noun)) {}

ReadRow RowForm::read(const Row& row) const {
  ReadRow read;
  Reading reading(columns_, options_, task_, row, noun_, read);
  try {
    reading.id();
    reading.fields();
  } catch (const BadRow& bad) {
    read.problem = bad.what;
    return read;
  }
  if (!task_has_targets(task_)) return read;
  try {
    reading.targets();
  } catch (const BadRow& bad) {
    read.targets.clear();
    if (needs_targets_) read.problem = bad.what;
  }
  return read;
}

}  // namespace temper::data
