// Answers of all tasks to JSON.
#include "cli/worker/prediction_line.h"

namespace temper::cli {

namespace {

struct NameOf {
  const char* operator()(const Label&) const { return "label"; }
  const char* operator()(const Labels&) const { return "labels"; }
  const char* operator()(const Tags&) const { return "tags"; }
  const char* operator()(const Spans&) const { return "spans"; }
  const char* operator()(const Text&) const { return "text"; }
  const char* operator()(const Score&) const { return "score"; }
};

}  // namespace

void add_answer(Value& line, const Prediction& prediction, const TaskInfo& task) {
  const char* name = std::visit(NameOf{}, prediction.value);
  const bool is_text = std::holds_alternative<Label>(prediction.value) || std::holds_alternative<Text>(prediction.value);
  if (const Score* score = std::get_if<Score>(&prediction.value)) {
    line.set(name, score->value);
  } else if (task.task == Task::kLanguageModeling) {
    line.set("nll", prediction.nll);
    line.set("nll_tokens", prediction.nll_tokens);
  } else {
    line.set(name, is_text ? Value(to_string(prediction.value)) : parse_json(to_string(prediction.value)));
  }
  if (const Spans* spans = std::get_if<Spans>(&prediction.value)) line.set("text", spans->spans.empty() ? std::string() : spans->spans.front().text);
  if (task.task != Task::kClassification && task.task != Task::kMultiLabel) return;
  Value probabilities{Value::Table{}};
  for (std::size_t i = 0; i < prediction.probabilities.size(); ++i) probabilities.set(task.labels.at(i), prediction.probabilities[i]);
  line.set("probabilities", std::move(probabilities));
}

}  // namespace temper::cli
