// Metric plugins: statistics per item, from which values, standard errors and paired tests follow.
#pragma once

#include <cstddef>
#include <functional>
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

// The statistics of items, a row for each (or for equal ones together). A view: the numbers belong to the caller.
struct StatisticsRows {
  std::span<const double> numbers;  // [count, size]
  std::size_t size = 0;

  std::size_t count() const { return size == 0 ? 0 : numbers.size() / size; }
  std::span<const double> operator[](std::size_t row) const { return numbers.subspan(row * size, size); }
};

// Values, in the order of Metric::values, where row i counts weights[i] >= 0 times; one weight per row.
using WeightedValues = std::function<std::vector<double>(std::span<const double> weights)>;

// Why additive: a mean, an F1, a BLEU or a perplexity over any resampled set of items is `evaluate` of the sum of their
// statistics, so bootstrap, jackknife and paired tests need one pass over the predictions and no code of the plugin's.
// What is no function of a sum (a rank correlation, an area under a curve) is a RankMetric, below.
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

  // Whether `evaluate` is all there is to it. False for a RankMetric only.
  virtual bool additive() const { return true; }
  // The values as a function of how often each row counts: what resampling calls, thousands of times. The rows outlive the
  // function. Of an additive metric it is `evaluate` of the weighted sum.
  virtual WeightedValues over(const TaskInfo& task, StatisticsRows rows) const;
  // What else one must know to repeat a value, in the words of the field ("nrefs:1|case:mixed|..." for BLEU); often nothing.
  virtual std::string signature(const TaskInfo& task, const std::string& value, std::span<const Targets> targets) const;
};

// A metric whose values depend on how items stand to each other, so that no sum over items tells them: it sees the rows. Its
// statistics are what it needs of an item (a score and whether it is right, say), and one of them is 1 where the item counts,
// for zeros alone would say that it takes no part. A row of weight 0 is not there; one of weight 2 counts as two items.
class RankMetric : public Metric {
 public:
  bool additive() const final { return false; }
  // Whatever does not depend on weights (an order by score) is worked out once, before the function is returned.
  WeightedValues over(const TaskInfo& task, StatisticsRows rows) const override = 0;
  // Throws Error: nothing follows from a sum.
  std::vector<double> evaluate(const TaskInfo& task, std::span<const double> sum) const final;
};

}  // namespace temper

TEMPER_DECLARE_KIND(Metric)
