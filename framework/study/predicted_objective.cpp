// A loss from probabilities, or a metric's value.
#include "study/predicted_objective.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace temper::study {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double loss_of(const TaskInfo& task, std::span<const Prediction> predictions, std::span<const Targets> targets) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t row = 0; row < predictions.size() && row < targets.size(); ++row) {
    for (const Target& target : targets[row]) {
      const auto* label = std::get_if<Label>(&target);
      if (!label || predictions[row].probabilities.size() != task.labels.size()) return kNaN;
      const auto place = std::find(task.labels.begin(), task.labels.end(), label->name) - task.labels.begin();
      if (place == static_cast<std::ptrdiff_t>(task.labels.size())) return kNaN;
      sum -= std::log(predictions[row].probabilities[static_cast<std::size_t>(place)]);
      ++count;
    }
  }
  return count == 0 ? kNaN : sum / static_cast<double>(count);
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
