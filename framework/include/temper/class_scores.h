// Rank metrics of classifiers, for classification and several labels alike: what they keep of an item, of each class its score and whether
// it is the reference, and what is left to a metric, the value of one class.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <temper/metric.h>

namespace temper {

// Items of one class with the same score, from the highest score down.
struct Tie {
  double right = 0, wrong = 0;  // weights of items that are of the class, and that are not
};

// Reports the average (of two classes the second's value alone) under `name`, then each class's as name_<label>, NaN without items.
class ClassRankMetric : public RankMetric {
 public:
  ClassRankMetric(std::string name, double (*value)(const std::vector<Tie>& ties)) : name_(std::move(name)), value_(value) {}

  bool applies_to(Task task) const override { return task == Task::kClassification || task == Task::kMultiLabel; }
  std::vector<MetricValue> values(const TaskInfo& task) const override;
  // [score of class 0.., 1 + the reference's class], or, where an item may have several labels, [score of class 0.., 1 where class 0.. is
  // right, 1]. The last number is 0 for an item that does not count only; beyond the classes it stands for none.
  std::size_t statistics_size(const TaskInfo& task) const override { return task.labels.size() * (task.task == Task::kMultiLabel ? 2 : 1) + 1; }
  // Leaves the zeros where an item has no probabilities or no reference. Of several acceptable labels the likeliest is the reference.
  void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const override;
  WeightedValues over(const TaskInfo& task, StatisticsRows rows) const override;

 private:
  std::string name_;
  double (*value_)(const std::vector<Tie>& ties);
};

}  // namespace temper
