// From predictions to values, standard errors and scores of single items.
#include "evaluation/score.h"

#include <cmath>
#include <limits>

#include <temper/error.h>

namespace temper::evaluation {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ItemStatistics collect(const Metric& metric, const TaskInfo& task, std::span<const Prediction> predictions, std::span<const Targets> targets) {
  ItemStatistics statistics(metric.statistics_size(task));
  std::vector<double> row(statistics.size());
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    row.assign(row.size(), 0.0);
    metric.statistics(task, predictions[i], targets[i], row);
    statistics.add(row);
  }
  return statistics;
}

std::size_t items_that_take_part(const ItemStatistics& statistics) {
  std::size_t items = 0;
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    if (statistics.takes_part(row)) items += statistics.count(row);
  }
  return items;
}

// The value of each item taken alone, [distinct rows][values]; NaN where the item takes no part.
std::vector<std::vector<double>> values_of_rows(const MetricSet::Plugin& plugin, const TaskInfo& task, const ItemStatistics& statistics) {
  std::vector<std::vector<double>> values;
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    values.push_back(statistics.takes_part(row) ? plugin.metric->evaluate(task, statistics.distinct(row))
                                                : std::vector<double>(plugin.values.size(), kNaN));
  }
  return values;
}

}  // namespace

std::vector<double> jackknife_standard_errors(const Metric& metric, const TaskInfo& task, const ItemStatistics& statistics) {
  const std::vector<double> sum = statistics.sum();
  const std::size_t size = metric.values(task).size();
  // Items of equal statistics have equal leave-one-out values.
  std::vector<std::vector<double>> without;  // [distinct rows that take part][values]
  std::vector<double> weights;
  double n = 0;
  std::vector<double> rest(sum.size());
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    if (!statistics.takes_part(row)) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) rest[i] = sum[i] - statistics.distinct(row)[i];
    without.push_back(metric.evaluate(task, rest));
    weights.push_back(static_cast<double>(statistics.count(row)));
    n += weights.back();
  }
  std::vector<double> errors(size, kNaN);
  if (n < 2) return errors;
  for (std::size_t value = 0; value < size; ++value) {
    double mean = 0, squares = 0;
    for (std::size_t row = 0; row < without.size(); ++row) mean += weights[row] * without[row][value] / n;
    for (std::size_t row = 0; row < without.size(); ++row) squares += weights[row] * std::pow(without[row][value] - mean, 2);
    errors[value] = std::sqrt((n - 1) / n * squares);
  }
  return errors;
}

Scores score_predictions(const MetricSet& metrics, std::span<const Prediction> predictions, std::span<const Targets> targets, const ScoreOptions& options) {
  if (predictions.size() != targets.size()) {
    throw Error("there are " + std::to_string(predictions.size()) + " predictions for " + std::to_string(targets.size()) + " items");
  }
  Scores scores;
  std::vector<std::vector<double>> values, errors;  // [plugins][values]
  for (const MetricSet::Plugin& plugin : metrics.plugins) {
    const ItemStatistics& statistics = scores.statistics.emplace_back(collect(*plugin.metric, metrics.task, predictions, targets));
    values.push_back(plugin.metric->evaluate(metrics.task, statistics.sum()));
    errors.push_back(options.standard_errors ? jackknife_standard_errors(*plugin.metric, metrics.task, statistics)
                                             : std::vector<double>(plugin.values.size(), kNaN));
  }
  for (const MetricSet::Choice& choice : metrics.choices) {
    const MetricValue& value = metrics.chosen(choice);
    const ItemStatistics& statistics = scores.statistics[choice.plugin];
    scores.values.push_back({value.name, value.better, values[choice.plugin].at(choice.value), errors[choice.plugin].at(choice.value), items_that_take_part(statistics)});
    if (!options.item_scores || !value.per_item) continue;
    const auto of_rows = values_of_rows(metrics.plugins[choice.plugin], metrics.task, statistics);
    ItemScores& column = scores.items.emplace_back(ItemScores{"score_" + value.name, {}});
    for (std::size_t item = 0; item < statistics.items(); ++item) column.values.push_back(of_rows[statistics.row_of_item(item)][choice.value]);
  }
  return scores;
}

}  // namespace temper::evaluation
