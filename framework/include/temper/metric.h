// Metric plugins: additive statistics per item, from which values, standard errors and paired tests follow.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <temper/item.h>
#include <temper/plugin.h>
#include <temper/task.h>

namespace temper {

enum class Better { kHigher, kLower };

struct MetricValue {
  std::string name;  // "f1_macro"; unique among the values of all metrics
  Better better = Better::kHigher;
  double lowest = 0, highest = 1;  // the range of possible values; infinities are allowed
  bool per_item = false;           // the value of a single item means something: it is stored as score_<name>
  bool is_default = false;         // among what is reported when the experiment names only the plugin
};

// Why additive: a mean, an F1, a BLEU or a perplexity over any resampled set of items is `evaluate` of the sum of their
// statistics, so bootstrap, jackknife and paired tests need one pass over the predictions and no code of the plugin's.
class Metric {
 public:
  virtual ~Metric() = default;
  // The tasks that it can score.
  virtual bool applies_to(Task task) const = 0;
  // What it computes for this task. The order is the order of `evaluate`'s result.
  virtual std::vector<MetricValue> values(const TaskInfo& task) const = 0;
  // How many numbers `statistics` gives for an item; the same for all items of a task.
  virtual std::size_t statistics_size(const TaskInfo& task) const = 0;
  // Writes statistics_size numbers for one item to `out`, which holds zeros. An item that it cannot score (no reference, no
  // likelihood) leaves the zeros and takes no part. An answer of another kind than the reference is a wrong answer, no error.
  // With several targets each is an acceptable answer.
  virtual void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const = 0;
  // Values from the sum of the statistics of any set of items; NaN where a value is undefined (0 / 0).
  virtual std::vector<double> evaluate(const TaskInfo& task, std::span<const double> sum) const = 0;
};

}  // namespace temper

TEMPER_DECLARE_KIND(Metric)
