// What rank metrics of classifiers keep of an item, for classification and several labels alike: of each class its score and
// whether it is the reference.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <temper/metric.h>

namespace temper {

// Statistics are [score of class 0.., 1 + the reference's class], or, where an item may have several labels, [score of class 0.., 1
// where class 0.. is right, 1]. The last number is 0 for an item that does not count only; beyond the classes it stands for none.
inline std::size_t class_scores_size(const TaskInfo& task) { return task.labels.size() * (task.task == Task::kMultiLabel ? 2 : 1) + 1; }

// Writes an item's; leaves the zeros where it has no probabilities or no reference. Of several acceptable labels the likeliest
// is taken for the reference.
void write_class_scores(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out);

// Items of one class with the same score, from the highest score down.
struct Tie {
  double right = 0, wrong = 0;  // weights of items that are of the class, and that are not
};

// A value per class from its ties, where these change with the weights only: scores are sorted once.
std::function<std::vector<double>(std::span<const double> weights)> over_ties(const TaskInfo& task, StatisticsRows rows, double (*value)(const std::vector<Tie>& ties));

// The values that these metrics report: the average (of two classes the second's value alone), then each class's, NaN without items.
std::vector<MetricValue> class_values(const std::string& name, const TaskInfo& task);
std::vector<double> with_average(const TaskInfo& task, std::vector<double> of_classes);

}  // namespace temper
