// What every metric has without writing it: values over weighted rows, from the sum.
#include <temper/metric.h>

#include <temper/error.h>

namespace temper {

WeightedValues Metric::over(const TaskInfo& task, StatisticsRows rows) const {
  return [this, task, rows](std::span<const double> weights) {
    std::vector<double> sum(rows.size, 0.0);
    for (std::size_t row = 0; row < rows.count(); ++row) {
      if (weights[row] == 0) continue;
      const std::span<const double> numbers = rows[row];
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[row] * numbers[i];
    }
    return evaluate(task, sum);
  };
}

std::string Metric::signature(const TaskInfo&, const std::string&, std::span<const Targets>) const { return {}; }

std::vector<double> RankMetric::evaluate(const TaskInfo&, std::span<const double>) const {
  throw Error("a metric of ranks was evaluated on a sum, it needs the rows of all items", "call Metric::over");
}

}  // namespace temper
