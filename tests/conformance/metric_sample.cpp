// A dozen items of every task, with perfect, wrong and mixed answers.
#include <temper/testing/metric.h>

#include <algorithm>
#include <cmath>

namespace temper::testing {
namespace {

constexpr std::size_t kItems = 12;
const std::vector<std::string> kLabels = {"negative", "neutral", "positive"};
const std::vector<std::string> kTags = {"O", "B-PER", "I-PER", "B-LOC"};
const std::vector<std::string> kTexts = {"the quick brown fox jumps over a lazy dog", "she sells sea shells by the sea shore every day",
                                         "a stitch in time saves nine of them", "all that glitters is not gold my dear friend"};

std::size_t label_of(std::size_t item) { return (item * item + item / 5) % kLabels.size(); }  // unevenly, each occurs

Target reference(Task task, std::size_t item) {
  switch (task) {
    case Task::kClassification: return Label{kLabels[label_of(item)]};
    case Task::kMultiLabel: {
      Labels labels;
      for (std::size_t i = 0; i < kLabels.size(); ++i) {
        if ((item % 7 + 1) >> i & 1) labels.names.push_back(kLabels[i]);  // one at least
      }
      return labels;
    }
    case Task::kRegression: return Score{static_cast<double>(item * item) / 10 - 3};
    case Task::kTokenClassification: return item % 2 ? Tags{{"O", "B-PER", "I-PER", "O"}} : Tags{{"B-LOC", "O", "B-PER"}};
    case Task::kQuestionAnswering: return Spans{{{0, static_cast<std::int64_t>(kTexts[item % kTexts.size()].size()), kTexts[item % kTexts.size()]}}};
    case Task::kGeneration:
    case Task::kLanguageModeling: break;
  }
  return Text{kTexts[item % kTexts.size()]};
}

// Nothing of the reference is in it.
Target wrong_answer(const Target& right) {
  if (const auto* label = std::get_if<Label>(&right)) {
    const auto at = std::find(kLabels.begin(), kLabels.end(), label->name) - kLabels.begin();
    return Label{kLabels[(at + 1) % kLabels.size()]};
  }
  if (const auto* labels = std::get_if<Labels>(&right)) {
    Labels others;
    for (const std::string& name : kLabels) {
      if (std::find(labels->names.begin(), labels->names.end(), name) == labels->names.end()) others.names.push_back(name);
    }
    return others;
  }
  if (const auto* score = std::get_if<Score>(&right)) return Score{-2 * score->value - 1};
  if (const auto* tags = std::get_if<Tags>(&right)) {
    Tags others = *tags;
    for (std::string& name : others.names) name = name == "O" ? "B-PER" : "O";
    return others;
  }
  if (std::holds_alternative<Spans>(right)) return Spans{{{0, 7, "zzzzzzz"}}};
  return Text{"zzzzzzz qqqqqq zzzzzzz qqqqqq"};
}

Prediction answer(const MetricSample& sample, std::size_t item, bool right) {
  Prediction prediction;
  const Target& target = sample.targets[item].front();
  prediction.id = "item " + std::to_string(item);
  prediction.value = right ? target : wrong_answer(target);
  const double likelihood = right ? 1.0 : 0.02;  // of the reference, per target
  if (const auto* label = std::get_if<Label>(&target)) {
    for (const std::string& name : kLabels) prediction.probabilities.push_back(name == label->name ? likelihood : (1 - likelihood) / 2);
  }
  if (const auto* labels = std::get_if<Labels>(&target)) {
    for (const std::string& name : kLabels) {
      const bool is_there = std::find(labels->names.begin(), labels->names.end(), name) != labels->names.end();
      prediction.probabilities.push_back(is_there ? likelihood : 1 - likelihood);
    }
  }
  const auto* tags = std::get_if<Tags>(&target);
  const bool is_text = std::holds_alternative<Text>(target);
  prediction.nll_tokens = tags ? static_cast<std::int64_t>(tags->names.size()) : is_text ? 9 : 1;
  prediction.nll = -std::log(likelihood) * static_cast<double>(prediction.nll_tokens);
  return prediction;
}

}  // namespace

MetricSample metric_sample(Task task) {
  MetricSample sample;
  sample.task.task = task;
  if (task == Task::kClassification || task == Task::kMultiLabel) sample.task.labels = kLabels;
  if (task == Task::kTokenClassification) sample.task.labels = kTags;
  for (std::size_t item = 0; item < kItems; ++item) {
    sample.targets.push_back({reference(task, item)});
    sample.perfect.push_back(answer(sample, item, true));
    sample.wrong.push_back(answer(sample, item, false));
    sample.mixed.push_back(answer(sample, item, item % 2 == 0));
  }
  return sample;
}

}  // namespace temper::testing
