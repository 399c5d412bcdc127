// From lines of any system's answers to metric values.
#include "evaluation/evaluate_lines.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <temper/error.h>

#include "evaluation/answer_lines.h"
#include "evaluation/choose_metrics.h"

namespace temper::evaluation {
namespace {

// What such lines may be, the likeliest first.
std::vector<Task> possible_tasks(const AnswerLines& input) {
  if (input.has_probabilities && input.shape != AnswerShape::kList) return {Task::kClassification};
  if (!input.shape) return {Task::kLanguageModeling, Task::kGeneration, Task::kClassification};
  switch (*input.shape) {
    case AnswerShape::kText:
      if (input.no_answer_line > 0) return {Task::kQuestionAnswering, Task::kClassification, Task::kGeneration, Task::kLanguageModeling};
      return {Task::kClassification, Task::kGeneration, Task::kQuestionAnswering, Task::kLanguageModeling};
    case AnswerShape::kNumber: return {Task::kRegression, Task::kClassification, Task::kGeneration, Task::kQuestionAnswering};
    case AnswerShape::kList: break;
  }
  return {Task::kMultiLabel, Task::kTokenClassification};
}

// Does the task know answers of this shape?
bool takes(Task task, AnswerShape shape) {
  if (shape == AnswerShape::kList) return task == Task::kMultiLabel || task == Task::kTokenClassification;
  if (task == Task::kRegression) return shape == AnswerShape::kNumber;
  return task != Task::kMultiLabel && task != Task::kTokenClassification;
}

Target target_of(const Answer& answer, Task task) {
  switch (task) {
    case Task::kClassification: return Label{answer.text};
    case Task::kMultiLabel: return Labels{answer.list};
    case Task::kRegression: return Score{answer.number};
    case Task::kTokenClassification: return Tags{answer.list};
    case Task::kQuestionAnswering: return Spans{answer.text.empty() ? std::vector<Span>{} : std::vector<Span>{{0, static_cast<std::int64_t>(answer.text.size()), answer.text}}};
    case Task::kGeneration:
    case Task::kLanguageModeling: break;
  }
  return Text{answer.text};
}

// The names that occur, sorted: the classes of the task.
std::vector<std::string> labels_in(const AnswerLines& input, Task task) {
  if (task != Task::kClassification && task != Task::kMultiLabel && task != Task::kTokenClassification) return {};
  std::set<std::string> names;
  const auto add = [&](const Answer& answer) {
    if (answer.shape == AnswerShape::kList) names.insert(answer.list.begin(), answer.list.end());
    else names.insert(answer.text);
  };
  for (const AnswerLine& line : input.lines) {
    if (line.prediction) add(*line.prediction);
    std::ranges::for_each(line.references, add);
    for (const auto& [label, probability] : line.probabilities) names.insert(label);
  }
  return {names.begin(), names.end()};
}

// Predictions between 0 and 1 of references that are 0 or 1 are no labels but probabilities of the 1.
void read_scores_as_probabilities(AnswerLines& input) {
  bool has_fraction = false;
  for (const AnswerLine& line : input.lines) {
    if (!line.prediction || line.prediction->number < 0 || line.prediction->number > 1) return;
    if (std::ranges::any_of(line.references, [](const Answer& answer) { return answer.number != 0 && answer.number != 1; })) return;
    has_fraction |= line.prediction->number > 0 && line.prediction->number < 1;
  }
  if (!has_fraction) return;
  for (AnswerLine& line : input.lines) {
    const double p = line.prediction->number;
    line.probabilities = {{"0", 1 - p}, {"1", p}};
    line.prediction = Answer{AnswerShape::kText, p > 0.5 ? "1" : "0", 0, {}};
  }
}

// Where a line brings only probabilities of several labels, those above a half are the answer.
Labels likely_labels(const AnswerLine& line) {
  Labels labels;
  for (const auto& [label, probability] : line.probabilities) {
    if (probability > 0.5) labels.names.push_back(label);
  }
  return labels;
}

Prediction prediction_of(const AnswerLine& line, const TaskInfo& task) {
  Prediction prediction;
  prediction.id = line.id;
  if (line.prediction) prediction.value = target_of(*line.prediction, task.task);
  if (task.task == Task::kMultiLabel && line.prediction && line.prediction->shape == AnswerShape::kText) prediction.value = likely_labels(line);
  if (!line.probabilities.empty()) {
    prediction.probabilities.assign(task.labels.size(), 0.0);
    for (const auto& [label, probability] : line.probabilities) {
      prediction.probabilities[std::lower_bound(task.labels.begin(), task.labels.end(), label) - task.labels.begin()] = probability;
    }
  }
  prediction.nll = line.nll;
  prediction.nll_tokens = line.nll_tokens;
  return prediction;
}

std::vector<ScoredValue> score(const registry::Registry& registry, const AnswerLines& given, const std::string& file, const std::vector<std::string>& metrics, Task task) {
  std::optional<AnswerLines> with_probabilities;
  if (task == Task::kClassification && given.shape == AnswerShape::kNumber && !given.has_probabilities) read_scores_as_probabilities(with_probabilities.emplace(given));
  const AnswerLines& input = with_probabilities ? *with_probabilities : given;
  if (input.no_answer_line > 0 && task != Task::kQuestionAnswering) {
    throw Error({Problem{{file, input.no_answer_line, 0}, "\"references\" must be a list of at least one reference", "an empty list is a question without an answer: --task question_answering"}});
  }
  const MetricSet set = choose_metrics(registry, metrics, {task, labels_in(input, task)});
  std::vector<Prediction> predictions;
  std::vector<Targets> targets;
  for (const AnswerLine& line : input.lines) {
    predictions.push_back(prediction_of(line, set.task));
    Targets& references = targets.emplace_back();
    for (const Answer& reference : line.references) references.push_back(target_of(reference, task));
    if (line.no_answer) references.push_back(Spans{});
  }
  return score_predictions(set, predictions, targets, {.standard_errors = true, .item_scores = false}).values;
}

bool all_score(const registry::Registry& registry, const std::vector<std::string>& metrics, Task task) {
  return std::ranges::all_of(metrics, [&](const std::string& metric) { return scores_task(registry, metric, task); });
}

Task task_for(const registry::Registry& registry, const AnswerLines& input, const std::vector<std::string>& metrics) {
  const std::vector<Task> tasks = possible_tasks(input);
  const auto fits = std::ranges::find_if(tasks, [&](Task task) { return all_score(registry, metrics, task); });
  if (fits != tasks.end()) return *fits;
  const std::string shape = input.shape ? std::string("whose answers are ") + to_string(*input.shape) : "that hold only likelihoods";
  throw Error("the metric \"" + metrics.front() + "\" does not score lines " + shape, "it needs answers of another kind, or name the task");
}

}  // namespace

std::vector<ScoredValue> evaluate_lines(const registry::Registry& registry, std::istream& lines, const std::string& file,
                                        const std::vector<std::string>& metrics, std::optional<Task> task) {
  if (metrics.empty()) throw Error("no metric is named", "for example --metric accuracy");
  // Unknown names are reported before a long file is read.
  Problems problems;
  for (const std::string& metric : metrics) {
    try {
      scores_task(registry, metric, Task::kClassification);
    } catch (const Error& error) {
      problems.add(error);
    }
  }
  problems.throw_if_any();
  const AnswerLines input = read_answer_lines(lines, file);
  if (task && input.shape && !takes(*task, *input.shape)) {
    throw Error("the answers are " + std::string(to_string(*input.shape)) + ", which " + std::string(temper::to_string(*task)) + " does not know");
  }
  if (task) return score(registry, input, file, metrics, *task);
  for (const Task common : possible_tasks(input)) {
    if (all_score(registry, metrics, common)) return score(registry, input, file, metrics, common);
  }
  std::vector<ScoredValue> values;
  for (const std::string& metric : metrics) {
    for (ScoredValue& value : score(registry, input, file, {metric}, task_for(registry, input, {metric}))) {
      if (std::ranges::none_of(values, [&](const ScoredValue& other) { return other.name == value.name; })) values.push_back(std::move(value));
    }
  }
  return values;
}

Value to_value(const std::vector<ScoredValue>& values) {
  const auto number = [](double value) { return std::isnan(value) ? Value() : Value(value); };
  Value result{Value::Table()};
  for (const ScoredValue& scored : values) {
    Value::Table entry;
    entry.emplace_back("value", number(scored.value));
    entry.emplace_back("stderr", number(scored.standard_error));
    entry.emplace_back("items", Value(static_cast<std::int64_t>(scored.items)));
    entry.emplace_back("better", Value(scored.better == Better::kHigher ? "higher" : "lower"));
    if (!scored.signature.empty()) entry.emplace_back("signature", Value(scored.signature));
    result.set(scored.name, Value(std::move(entry)));
  }
  return result;
}

}  // namespace temper::evaluation
