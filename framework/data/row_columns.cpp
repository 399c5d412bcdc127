// Options first, then usual names; and the forms, which are told apart by the columns that are there.
#include "data/row_columns.h"

#include <algorithm>

#include <temper/error.h>
#include <temper/targets.h>

namespace temper {

void RowOptions::visit(OptionVisitor& v) {
  const RowOptions usual;
  v.option("form", form,
           "What the columns hold together: text (with a label), pair (two texts with a label), tokens (with tags), spans (a text with marked spans), answers (of a question "
           "in its context), prompt (with its completion), messages (of a chat; the last one is the answer) or alpaca (instruction, input, output); auto tells by the names of "
           "the columns, and a note says what was chosen.")
      .one_of({"auto", "text", "pair", "tokens", "spans", "answers", "prompt", "messages", "alpaca"});
  v.option("text", text, "The column that holds the text, or the prompt; templates may call it {text}, whatever its name.").alias("prompt");
  v.option("text_pair", text_pair, "The column that holds the second text of a pair; templates may call it {text_pair}.");
  v.option("label", label, "The column that holds the label: a name, several names (multi_label), a number (regression), or a text or several in an array (generation).").alias("completion");
  v.option("id", id, "The column that names the row; by default rows are named by split and line, train:17.");
  v.option("label_separator", label_separator, "What stands between several labels in one cell (multi_label); blanks around them are no part of them.");
  v.option("tokens", tokens, "The column that holds the tokens: an array, or words with blanks between (token_classification).");
  v.option("tags", tags, "The column that holds a tag for each token: an array, or words with blanks between (token_classification).");
  v.option("spans", spans, "The column that holds spans of the text: an array of {\"start\", \"end\", \"label\"} or of [start, end, label] (token_classification).");
  v.option("tag_names", tag_names, "What tags that are numbers stand for, from 0 (token_classification).");
  v.option("question", question, "The column that holds the question (question_answering).");
  v.option("context", context, "The column that holds the text in which the answer stands (question_answering).");
  v.option("answers", answers, "The column that holds the answers: a text, {\"text\", \"answer_start\"} or an array of either; none where the context has none (question_answering).");
  v.option("answer_start", answer_start, "The column that holds where the answer begins, if no such number stands with the answer; without any it is looked for (question_answering).");
  v.option("messages", messages, "The column that holds a chat: an array of {\"role\", \"content\"} or of {\"from\", \"value\"} (generation).");
  v.option("offsets", offsets, "What offsets of spans and answers count: characters (code points, as Python counts) or bytes of UTF-8.").one_of({"characters", "bytes"});
}

}  // namespace temper

namespace temper::data {

namespace {

using Names = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

const Pairs kTextPairs = {{"text", "text_pair"}, {"text_a", "text_b"}, {"text1", "text2"}, {"sentence1", "sentence2"}, {"sentence_a", "sentence_b"}, {"premise", "hypothesis"}, {"question1", "question2"}, {"query", "passage"}};
const Pairs kPrompts = {{"prompt", "completion"}, {"prompt", "response"}, {"prompt", "answer"}, {"question", "answer"}, {"question", "answers"}, {"query", "response"}, {"query", "answer"}, {"input", "output"}, {"input", "target"},
                        {"source", "target"}, {"document", "summary"}, {"article", "highlights"}, {"dialogue", "summary"}, {"text", "summary"}, {"text", "completion"}, {"text", "target"}, {"instruction", "response"}, {"instruction", "output"}};

const std::vector<std::pair<const char*, Form>> kForms = {{"text", Form::kText},       {"pair", Form::kPair},     {"tokens", Form::kTokens},     {"spans", Form::kSpans},
                                                          {"answers", Form::kAnswers}, {"prompt", Form::kPrompt}, {"messages", Form::kMessages}, {"alpaca", Form::kAlpaca}};

std::vector<Form> forms_of(Task task) {
  switch (task) {
    case Task::kTokenClassification: return {Form::kTokens, Form::kSpans};
    case Task::kQuestionAnswering: return {Form::kAnswers};
    case Task::kGeneration: return {Form::kPrompt, Form::kMessages, Form::kAlpaca};
    case Task::kLanguageModeling: return {Form::kText};
    default: return {Form::kText, Form::kPair};
  }
}

std::string name_of(Form form) {
  for (const auto& [name, known] : kForms)
    if (known == form) return name;
  return {};
}

class Chooser {
 public:
  Chooser(const RowOptions& options, Task task, const Names& names) : options_(options), task_(task), names_(names) {
    columns_.text = options.text;
    columns_.label = options.label;
    columns_.tokens = options.tokens;
    columns_.tags = options.tags;
    columns_.spans = options.spans;
    columns_.question = options.question;
    columns_.context = options.context;
    columns_.answers = options.answers;
    columns_.answer_start = options.answer_start;
    columns_.messages = options.messages;
    columns_.id = options.id;
  }

  RowColumns choose() {
    columns_.form = form();
    switch (columns_.form) {
      case Form::kText: choose_text(); break;
      case Form::kPair: choose_pair(); break;
      case Form::kTokens: choose_usual(columns_.tokens, usual_.tokens, {"words"}), choose_usual(columns_.tags, usual_.tags, {"ner_tags", "labels", "pos_tags", "label"}); break;
      case Form::kSpans: choose_usual(columns_.spans, usual_.spans, {"entities", "labels", "label"}), choose_usual(columns_.text, usual_.text, {"sentence", "content"}); break;
      case Form::kAnswers:
        choose_usual(columns_.question, usual_.question, {"query"});
        choose_usual(columns_.context, usual_.context, {"passage", "paragraph", "document", "text"});
        choose_usual(columns_.answers, usual_.answers, {"answer", "answer_text"});
        choose_usual(columns_.answer_start, usual_.answer_start, {"start"});
        break;
      case Form::kPrompt: choose_prompt(); break;
      case Form::kMessages: choose_usual(columns_.messages, usual_.messages, {"conversations", "conversation"}); break;
      case Form::kAlpaca: columns_.text = "instruction", columns_.label = "output"; break;
    }
    write_note();
    return std::move(columns_);
  }

 private:
  bool has(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  bool has_any(const Names& names) const { return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return has(name); }); }
  bool names_texts() const { return options_.text != usual_.text || options_.label != usual_.label; }

  Form form() {
    const std::vector<Form> forms = forms_of(task_);
    if (options_.form == "auto") return guessed();
    for (const Form form : forms)
      if (name_of(form) == options_.form) return form;
    std::string list;
    for (const Form form : forms) list += (list.empty() ? "" : ", ") + name_of(form);
    throw Error("dataset.form is \"" + options_.form + "\", which is no form of the task " + std::string(to_string(task_)), "its forms: " + list);
  }

  Form guessed() {
    switch (task_) {
      case Task::kTokenClassification: {
        const bool has_tokens = has_any({columns_.tokens, "words"}), has_spans = options_.spans != usual_.spans || (!has_tokens && has_any({columns_.spans, "entities"})) || (!has_tokens && has(columns_.text));
        was_guessed_ = has_spans;
        return has_spans ? Form::kSpans : Form::kTokens;
      }
      case Task::kQuestionAnswering: return Form::kAnswers;
      case Task::kGeneration:
        if (names_texts()) return Form::kPrompt;
        if (options_.messages != usual_.messages || has_any({"messages", "conversations", "conversation"})) was_guessed_ = true;
        if (was_guessed_) return Form::kMessages;
        if (has("instruction") && has("output")) was_guessed_ = true;
        return was_guessed_ ? Form::kAlpaca : Form::kPrompt;
      case Task::kLanguageModeling: return Form::kText;
      default: break;
    }
    if (options_.text_pair) return Form::kPair;
    if (options_.text != usual_.text) return Form::kText;
    for (const auto& [first, second] : kTextPairs) {
      if (!has(first) || !has(second) || (has(usual_.text) && first != usual_.text)) continue;
      was_guessed_ = true;
      return Form::kPair;
    }
    return Form::kText;
  }

  // An option that was left alone and names no column: the first of these names that is one.
  void choose_usual(std::string& column, const std::string& by_default, const Names& usual) {
    if (column != by_default || has(column)) return;
    for (const std::string& name : usual) {
      if (!has(name)) continue;
      column = name;
      was_guessed_ = true;
      return;
    }
  }

  void choose_label() {
    if (task_ == Task::kRegression) choose_usual(columns_.label, usual_.label, {"score", "similarity", "similarity_score", "target"});
    if (task_ == Task::kMultiLabel) choose_usual(columns_.label, usual_.label, {"labels", "tags", "categories"});
  }

  void choose_text() {
    choose_label();
    if (task_ == Task::kLanguageModeling) choose_usual(columns_.text, usual_.text, {"content", "document", "body"});
  }

  void choose_pair() {
    choose_label();
    if (options_.text_pair) {
      columns_.text_pair = *options_.text_pair;
      return;
    }
    columns_.text_pair = "text_pair";
    if (options_.text != usual_.text) return;
    for (const auto& [first, second] : kTextPairs) {
      if (!has(first) || !has(second)) continue;
      columns_.text = first;
      columns_.text_pair = second;
      return;
    }
  }

  void choose_prompt() {
    if (names_texts() || (has(columns_.text) && has(columns_.label))) return;
    for (const auto& [prompt, completion] : kPrompts) {
      if (!has(prompt) || !has(completion)) continue;
      columns_.text = prompt;
      columns_.label = completion;
      was_guessed_ = true;
      return;
    }
  }

  void write_note() {
    if (!was_guessed_) return;
    std::string list;
    RowColumns::Named parts = columns_.inputs();
    if (task_has_targets(task_))
      for (auto& target : columns_.targets()) parts.push_back(std::move(target));
    for (const auto& [option, name] : parts) list += (list.empty() ? "" : ", ") + (option == name ? option : option + " \"" + name + '"');
    columns_.note = "read in the form " + name_of(columns_.form) + ": " + list;
  }

  const RowOptions& options_;
  const RowOptions usual_;
  const Task task_;
  const Names& names_;
  RowColumns columns_;
  bool was_guessed_ = false;
};

}  // namespace

RowColumns::Named RowColumns::targets() const {
  switch (form) {
    case Form::kTokens: return {{"tags", tags}};
    case Form::kSpans: return {{"spans", spans}};
    case Form::kAnswers: return {{"answers", answers}};
    case Form::kMessages: return {};
    case Form::kAlpaca: return {{"output", label}};
    default: return {{"label", label}};
  }
}

RowColumns::Named RowColumns::inputs() const {
  switch (form) {
    case Form::kPair: return {{"text", text}, {"text_pair", text_pair}};
    case Form::kTokens: return {{"tokens", tokens}};
    case Form::kAnswers: return {{"question", question}, {"context", context}};
    case Form::kMessages: return {{"messages", messages}};
    case Form::kAlpaca: return {{"instruction", text}};
    default: return {{"text", text}};
  }
}

RowColumns choose_columns(const RowOptions& options, Task task, const std::vector<std::string>& names) { return Chooser(options, task, names).choose(); }

}  // namespace temper::data
