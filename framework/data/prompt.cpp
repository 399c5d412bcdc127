// Templates: text with {field} in it.
#include <temper/prompt.h>

#include <algorithm>

namespace temper {

void PromptOptions::visit(OptionVisitor& v) {
  v.option("input", input,
           "What the model reads of an item: text with {field} in it, where the fields are those of the dataset's rows; {{ and }} "
           "are literal braces.");
  v.option("labels", labels, "How labels are spelled in prompts, by label; a label that is not named is spelled as it is, behind one blank.");
}

namespace {

Error template_error(std::string_view text, std::size_t at, const std::string& what) {
  return Error("template \"" + std::string(text) + "\", character " + std::to_string(at + 1) + ": " + what,
               "a field is written {name}, a literal brace is doubled: {{ or }}");
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

std::string field_text(const Item& item, const std::string& name) {
  const FieldValue* value = item.fields.find(name);
  if (!value) {
    std::vector<std::string> names;
    std::string list;
    for (const auto& [known, unused] : item.fields.all()) {
      names.push_back(known);
      list += (list.empty() ? "" : ", ") + known;
    }
    std::string remedy = did_you_mean(name, names);
    if (!remedy.empty()) remedy += ' ';
    throw Error("item \"" + item.id + "\" has no field \"" + name + "\", which the template names", remedy + "its fields: " + list);
  }
  if (const std::string* text = std::get_if<std::string>(value)) return *text;
  if (const auto* tokens = std::get_if<std::vector<std::string>>(value)) return joined(*tokens);
  const bool is_ids = std::holds_alternative<std::vector<std::int64_t>>(*value);
  throw Error("item \"" + item.id + "\": field \"" + name + "\" holds " + (is_ids ? "token ids" : "messages") +
              ", a template takes text");
}

}  // namespace

Template::Template(std::string_view text) {
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
    } else if (c == '}') {
      throw template_error(text, i, "a closing brace without an opening one");
    } else if (c == '{') {
      const std::size_t end = text.find_first_of("{}", i + 1);
      if (end == std::string_view::npos || text[end] == '{') throw template_error(text, i, "a brace that is never closed");
      if (end == i + 1) throw template_error(text, i, "braces without a field's name");
      literals_.push_back(std::exchange(literal, {}));
      fields_.emplace_back(text.substr(i + 1, end - i - 1));
      i = end;
    } else {
      literal += c;
    }
  }
  literals_.push_back(std::move(literal));
}

std::string Template::render(const Item& item) const {
  std::string text = literals_.front();
  for (std::size_t i = 0; i < fields_.size(); ++i) text += field_text(item, fields_[i]) + literals_[i + 1];
  return text;
}

namespace {

std::string behind_blank(const std::string& text) { return ' ' + text; }

}  // namespace

PromptFormat::PromptFormat(const PromptOptions& options, const TaskInfo& task) : input_(options.input), labels_(task.labels) {
  for (const auto& [label, unused] : options.labels) {
    if (std::find(labels_.begin(), labels_.end(), label) != labels_.end()) continue;
    throw Error("prompt.labels spells the label \"" + label + "\", which the task does not have", did_you_mean(label, labels_));
  }
  for (const std::string& label : labels_) {
    const auto spelled = options.labels.find(label);
    choices_.push_back(spelled == options.labels.end() ? behind_blank(label) : spelled->second);
    for (std::size_t i = 0; i + 1 < choices_.size(); ++i) {
      if (choices_[i] == choices_.back()) throw Error("the labels \"" + labels_[i] + "\" and \"" + label + "\" are both spelled \"" + choices_.back() + "\"", "spell one of them otherwise in [prompt] labels");
    }
  }
}

std::string PromptFormat::answer(const Target& target) const {
  const auto* label = std::get_if<Label>(&target);
  if (!label) return behind_blank(to_string(target));
  const auto known = std::find(labels_.begin(), labels_.end(), label->name);
  if (known == labels_.end()) throw Error("the label \"" + label->name + "\" is none of the task's", did_you_mean(label->name, labels_));
  return choices_[static_cast<std::size_t>(known - labels_.begin())];
}

}  // namespace temper
