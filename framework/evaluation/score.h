// Predictions and their references become values of metrics, standard errors and scores of single items.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <temper/item.h>
#include <temper/metric.h>
#include <temper/task.h>

#include "evaluation/item_statistics.h"

namespace temper::evaluation {

// Metrics made for one task, and which of their values are reported. choose_metrics.h makes one from names.
struct MetricSet {
  struct Plugin {
    std::string name;                 // the plugin's: "f1"
    std::unique_ptr<const Metric> metric;
    std::vector<MetricValue> values;  // all that it computes for the task
  };
  struct Choice {
    std::size_t plugin = 0, value = 0;  // indices into `plugins` and its `values`
  };
  TaskInfo task;
  std::vector<Plugin> plugins;
  std::vector<Choice> choices;  // the reported values, in the order in which they were asked for

  const MetricValue& chosen(const Choice& choice) const { return plugins[choice.plugin].values[choice.value]; }
};

struct ScoredValue {
  std::string name;                 // "f1_macro"
  Better better = Better::kHigher;
  double value = 0;                 // NaN where it is undefined
  double standard_error = 0;        // over items; NaN where fewer than two items count, or where it was not asked for
  std::size_t items = 0;            // that the metric could score
  std::string signature;            // Metric::signature
};

struct ItemScores {
  std::string name;            // "score_accuracy"
  std::vector<double> values;  // one per prediction; NaN where the metric could not score the item
};

struct Scores {
  std::vector<ScoredValue> values;  // as MetricSet::choices
  std::vector<ItemScores> items;    // of those chosen values that mean something for a single item
  std::vector<ItemStatistics> statistics;  // as MetricSet::plugins: what paired tests between trials compare
};

struct ScoreOptions {
  bool standard_errors = true;  // off for the many evaluations of a training run
  bool item_scores = true;
};

// `targets` holds one element per prediction, in the same order. Throws Error when the lengths differ.
Scores score_predictions(const MetricSet& metrics, std::span<const Prediction> predictions, std::span<const Targets> targets, const ScoreOptions& options = {});

// The standard error of each value of `metric` over items by the jackknife, in the order of Metric::values:
// se^2 = (n - 1) / n  sum_i (theta_i - mean theta)^2, theta_i being the value without item i (Efron and Tibshirani, An
// Introduction to the Bootstrap, 1993, equation 11.5). n counts the items that take part. Exact, no resampling; but of a rank
// metric over many different items, where each theta costs a pass over all of them, groups of items are left out together
// (the delete-a-group jackknife, Kott 2001, with 200 groups at least: the error of the error is then below 5 %).
std::vector<double> jackknife_standard_errors(const Metric& metric, const TaskInfo& task, const ItemStatistics& statistics);

}  // namespace temper::evaluation
