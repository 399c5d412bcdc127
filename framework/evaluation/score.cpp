// From predictions to values, standard errors and scores of single items.
#include "evaluation/score.h"

#include <algorithm>
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

// Values with some items left out, and how many such sets there are alike.
struct LeftOut {
  std::vector<std::vector<double>> values;  // [sets][values]
  std::vector<double> weights;              // [sets]
};

std::vector<double> jackknife(const LeftOut& without, std::size_t size) {
  double n = 0;
  for (const double weight : without.weights) n += weight;
  std::vector<double> errors(size, kNaN);
  if (n < 2) return errors;
  for (std::size_t value = 0; value < size; ++value) {
    double mean = 0, squares = 0;
    for (std::size_t set = 0; set < without.values.size(); ++set) mean += without.weights[set] * without.values[set][value] / n;
    for (std::size_t set = 0; set < without.values.size(); ++set) squares += without.weights[set] * std::pow(without.values[set][value] - mean, 2);
    errors[value] = std::sqrt((n - 1) / n * squares);
  }
  return errors;
}

// Items of equal statistics have equal leave-one-out values.
LeftOut leave_one_out_of_sum(const Metric& metric, const TaskInfo& task, const ItemStatistics& statistics) {
  LeftOut without;
  const std::vector<double> sum = statistics.sum();
  std::vector<double> rest(sum.size());
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    if (!statistics.takes_part(row)) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) rest[i] = sum[i] - statistics.distinct(row)[i];
    without.values.push_back(metric.evaluate(task, rest));
    without.weights.push_back(static_cast<double>(statistics.count(row)));
  }
  return without;
}

// Each evaluation looks at every row: about this many rows are looked at in all, but for the least number of groups.
constexpr std::size_t kRowsLookedAt = 4'000'000, kFewestGroups = 200;

LeftOut leave_groups_out_of_rows(const Metric& metric, const TaskInfo& task, const ItemStatistics& statistics) {
  LeftOut without;
  const WeightedValues values = metric.over(task, statistics.rows());
  std::vector<double> weights = statistics.weights();
  std::vector<std::size_t> rows, items;
  for (std::size_t row = 0; row < statistics.distinct_rows(); ++row) {
    if (statistics.takes_part(row)) rows.push_back(row);
  }
  const std::size_t groups = std::max(kRowsLookedAt / std::max<std::size_t>(rows.size(), 1), kFewestGroups);
  if (rows.size() <= groups) {
    for (const std::size_t row : rows) {
      weights[row] -= 1;
      without.values.push_back(values(weights));
      weights[row] += 1;
      without.weights.push_back(weights[row]);
    }
    return without;
  }
  for (std::size_t item = 0; item < statistics.items(); ++item) {
    if (statistics.takes_part(statistics.row_of_item(item))) items.push_back(statistics.row_of_item(item));
  }
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t i = group; i < items.size(); i += groups) weights[items[i]] -= 1;
    without.values.push_back(values(weights));
    for (std::size_t i = group; i < items.size(); i += groups) weights[items[i]] += 1;
    without.weights.push_back(1);
  }
  return without;
}

}  // namespace

std::vector<double> jackknife_standard_errors(const Metric& metric, const TaskInfo& task, const ItemStatistics& statistics) {
  return jackknife(metric.additive() ? leave_one_out_of_sum(metric, task, statistics) : leave_groups_out_of_rows(metric, task, statistics), metric.values(task).size());
}

Scores score_predictions(const MetricSet& metrics, std::span<const Prediction> predictions, std::span<const Targets> targets, const ScoreOptions& options) {
  if (predictions.size() != targets.size()) {
    throw Error("there are " + std::to_string(predictions.size()) + " predictions for " + std::to_string(targets.size()) + " items");
  }
  Scores scores;
  std::vector<std::vector<double>> values, errors;  // [plugins][values]
  for (const MetricSet::Plugin& plugin : metrics.plugins) {
    const ItemStatistics& statistics = scores.statistics.emplace_back(collect(*plugin.metric, metrics.task, predictions, targets));
    values.push_back(plugin.metric->over(metrics.task, statistics.rows())(statistics.weights()));
    errors.push_back(options.standard_errors ? jackknife_standard_errors(*plugin.metric, metrics.task, statistics)
                                             : std::vector<double>(plugin.values.size(), kNaN));
  }
  for (const MetricSet::Choice& choice : metrics.choices) {
    const MetricValue& value = metrics.chosen(choice);
    const ItemStatistics& statistics = scores.statistics[choice.plugin];
    scores.values.push_back({value.name, value.better, values[choice.plugin].at(choice.value), errors[choice.plugin].at(choice.value), items_that_take_part(statistics),
                             metrics.plugins[choice.plugin].metric->signature(metrics.task, value.name, targets)});
    if (!options.item_scores || !value.per_item || !metrics.plugins[choice.plugin].metric->additive()) continue;
    const auto of_rows = values_of_rows(metrics.plugins[choice.plugin], metrics.task, statistics);
    ItemScores& column = scores.items.emplace_back(ItemScores{"score_" + value.name, {}});
    for (std::size_t item = 0; item < statistics.items(); ++item) column.values.push_back(of_rows[statistics.row_of_item(item)][choice.value]);
  }
  return scores;
}

}  // namespace temper::evaluation
