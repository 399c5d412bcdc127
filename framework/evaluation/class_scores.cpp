// Scores of classes, sorted once and walked through for each set of weights.
#include <temper/class_scores.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace temper {

namespace {

std::size_t index_of(const TaskInfo& task, const std::string& name) { return std::find(task.labels.begin(), task.labels.end(), name) - task.labels.begin(); }

// A class's rows by falling score, cut where the score changes, and which of them are of the class.
struct Order {
  std::vector<std::size_t> rows, ends;
  std::vector<bool> is_right;
};

Order order_of(const TaskInfo& task, const StatisticsRows& rows, std::size_t c) {
  Order order;
  order.rows.resize(rows.count());
  std::iota(order.rows.begin(), order.rows.end(), std::size_t{0});
  std::stable_sort(order.rows.begin(), order.rows.end(), [&](std::size_t a, std::size_t b) { return rows[a][c] > rows[b][c]; });
  for (std::size_t i = 1; i <= order.rows.size(); ++i) {
    if (i == order.rows.size() || rows[order.rows[i]][c] != rows[order.rows[i - 1]][c]) order.ends.push_back(i);
  }
  for (const std::size_t row : order.rows) {
    order.is_right.push_back(task.task == Task::kMultiLabel ? rows[row][task.labels.size() + c] != 0 : rows[row].back() == static_cast<double>(1 + c));
  }
  return order;
}

}  // namespace

void ClassRankMetric::statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const {
  const std::size_t classes = task.labels.size();
  if (targets.empty() || prediction.probabilities.size() != classes || std::ranges::any_of(prediction.probabilities, [](double p) { return std::isnan(p); })) return;
  std::copy(prediction.probabilities.begin(), prediction.probabilities.end(), out.begin());
  if (task.task == Task::kMultiLabel) {
    out.back() = 1;
    const auto* labels = std::get_if<Labels>(&targets.front());
    for (const std::string& name : labels ? labels->names : std::vector<std::string>{}) {
      if (const std::size_t c = index_of(task, name); c < classes) out[classes + c] = 1;
    }
    return;
  }
  std::size_t reference = classes;
  for (const Target& target : targets) {
    const auto* label = std::get_if<Label>(&target);
    const std::size_t c = label ? index_of(task, label->name) : classes;
    if (c < classes && (reference == classes || out[c] > out[reference])) reference = c;
  }
  out.back() = static_cast<double>(1 + reference);
}

std::vector<MetricValue> ClassRankMetric::values(const TaskInfo& task) const {
  std::vector<MetricValue> values = {{.name = name_, .is_default = true}};
  for (const std::string& label : task.labels) values.push_back({.name = name_ + "_" + label});
  return values;
}

namespace {

// A value per class from its ties, where these change with the weights only: scores are sorted once.
std::function<std::vector<double>(std::span<const double>)> over_ties(const TaskInfo& task, StatisticsRows rows, double (*value)(const std::vector<Tie>&)) {
  const std::size_t classes = task.labels.size();
  std::vector<Order> orders;
  for (std::size_t c = 0; c < classes; ++c) orders.push_back(order_of(task, rows, c));
  return [classes, rows, value, orders = std::move(orders)](std::span<const double> weights) {
    double items = 0;
    for (std::size_t row = 0; row < rows.count(); ++row) items += rows[row].back() == 0 ? 0 : weights[row];
    if (items == 0) return std::vector<double>(classes, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> values;
    std::vector<Tie> ties;
    for (std::size_t c = 0; c < classes; ++c) {
      ties.clear();
      std::size_t begin = 0;
      for (const std::size_t end : orders[c].ends) {
        Tie tie;
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t row = orders[c].rows[i];
          if (rows[row].back() != 0) (orders[c].is_right[i] ? tie.right : tie.wrong) += weights[row];
        }
        if (tie.right + tie.wrong > 0) ties.push_back(tie);
        begin = end;
      }
      values.push_back(value(ties));
    }
    return values;
  };
}

std::vector<double> with_average(const TaskInfo& task, std::vector<double> of_classes) {
  const bool one_against_other = task.task == Task::kClassification && of_classes.size() == 2;
  double sum = 0;
  for (const double value : of_classes) sum += value;
  const double average = one_against_other ? of_classes[1] : sum / static_cast<double>(of_classes.size());
  of_classes.insert(of_classes.begin(), average);
  return of_classes;
}

}  // namespace

WeightedValues ClassRankMetric::over(const TaskInfo& task, StatisticsRows rows) const {
  return [task, of_classes = over_ties(task, rows, value_)](std::span<const double> weights) { return with_average(task, of_classes(weights)); };
}

}  // namespace temper
