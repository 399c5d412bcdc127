// All values of a metric for answers and references, by their names: what tests of metric plugins look at.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <temper/metric.h>

#include "evaluation/choose_metrics.h"
#include "registry/registry.h"

namespace temper::testing {

using MetricValues = std::map<std::string, double>;

// `metric` may carry options, as for `temper evaluate`: "bleu:tokenize=char".
inline MetricValues metric_values(const std::string& metric, const TaskInfo& task, const std::vector<Prediction>& predictions, const std::vector<Targets>& references) {
  const evaluation::MetricSet set = evaluation::choose_metrics(registry::installed(), {metric}, task);
  const Metric& plugin = *set.plugins.at(0).metric;
  const std::size_t size = plugin.statistics_size(task);
  std::vector<double> rows(size * predictions.size(), 0.0);
  for (std::size_t i = 0; i < predictions.size(); ++i) plugin.statistics(task, predictions[i], references.at(i), std::span(rows).subspan(i * size, size));
  const std::vector<double> numbers = plugin.over(task, {rows, size})(std::vector<double>(predictions.size(), 1.0));
  MetricValues values;
  for (std::size_t v = 0; v < numbers.size(); ++v) values[set.plugins[0].values.at(v).name] = numbers[v];
  return values;
}

inline MetricValues metric_values(const std::string& metric, const TaskInfo& task, const std::vector<Target>& answers, const std::vector<Targets>& references) {
  std::vector<Prediction> predictions;
  for (const Target& answer : answers) predictions.emplace_back().value = answer;
  return metric_values(metric, task, predictions, references);
}

// Texts, one reference each.
inline MetricValues text_values(const std::string& metric, const std::vector<std::pair<std::string, std::string>>& answers) {
  std::vector<Target> given;
  std::vector<Targets> wanted;
  for (const auto& [answer, reference] : answers) {
    given.push_back(Text{answer});
    wanted.push_back({Text{reference}});
  }
  return metric_values(metric, {Task::kGeneration, {}}, given, wanted);
}

// Of probabilities for the labels of a classification.
inline MetricValues probability_values(const std::string& metric, const std::vector<std::string>& labels, const std::vector<std::pair<std::vector<double>, std::string>>& answers) {
  std::vector<Prediction> predictions;
  std::vector<Targets> references;
  for (const auto& [probabilities, reference] : answers) {
    predictions.emplace_back().probabilities = probabilities;
    references.push_back({Label{reference}});
  }
  return metric_values(metric, {Task::kClassification, labels}, predictions, references);
}

}  // namespace temper::testing
