// A loss from probabilities, or a metric's value.
#include "study/predicted_objective.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace temper::study {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double loss_of(const TaskInfo& task, std::span<const Prediction> predictions, std::span<const Targets> targets) {
  double nats = 0, count = 0;
  for (std::size_t row = 0; row < predictions.size() && row < targets.size(); ++row) {
    const Prediction& prediction = predictions[row];
    if (prediction.nll_tokens > 0) {
      nats += prediction.nll;
      count += static_cast<double>(prediction.nll_tokens);
      continue;
    }
    for (const Target& target : targets[row]) {
      const auto* label = std::get_if<Label>(&target);
      if (!label || prediction.probabilities.size() != task.labels.size()) return kNaN;
      const auto place = std::find(task.labels.begin(), task.labels.end(), label->name) - task.labels.begin();
      if (place == static_cast<std::ptrdiff_t>(task.labels.size())) return kNaN;
      // As the metric cross_entropy: a probability of 0 counts as the smallest step of a double, so that one item cannot make the mean
      // infinite.
      nats -= std::log(std::max(prediction.probabilities[static_cast<std::size_t>(place)], std::numeric_limits<double>::epsilon()));
      count += 1;
    }
  }
  return count == 0 ? kNaN : nats / count;
}

}  // namespace

double predicted_objective(const std::string& objective, const TaskInfo& task, const evaluation::MetricSet& metrics, std::span<const Prediction> predictions,
                           std::span<const Targets> targets) {
  if (objective == "validation_loss") return loss_of(task, predictions, targets);
  for (const evaluation::ScoredValue& value : evaluation::score_predictions(metrics, predictions, targets, {.standard_errors = false, .item_scores = false}).values) {
    if ("validation_" + value.name == objective) return value.value;
  }
  return kNaN;
}

}  // namespace temper::study
