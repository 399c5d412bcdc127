// Correlation of numbers with their references: Pearson's of the numbers, Spearman's of their ranks.
// r = sum (x - mx) (y - my) / sqrt(sum (x - mx)^2 sum (y - my)^2); equal numbers share the mean of their ranks. NaN where either
// side is constant. Definition: Press, Teukolsky, Vetterling, Flannery, Numerical Recipes (2007), sections 14.5 and 14.6. Both see
// the rows: by sums of squares, r would lose its digits where numbers are large against their spread.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <temper/metric.h>

namespace {

using Column = std::vector<double>;
using Weights = std::span<const double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_constant(const Column& x, Weights weights) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (weights[i] > 0) low = std::min(low, x[i]), high = std::max(high, x[i]);
  }
  return !(low < high);
}

// Differences from the mean, over the largest of them, so that squares neither overflow nor vanish. Taken twice: no double need be
// near the mean of large numbers, but what the first difference leaves is small.
Column centred(Column x, Weights weights, double items) {
  double largest = 0;
  for (int time = 0; time < 2; ++time) {
    double mean = 0;
    for (std::size_t i = 0; i < x.size(); ++i) mean += weights[i] == 0 ? 0 : weights[i] * (x[i] / items);
    for (double& value : x) value -= mean;
  }
  for (std::size_t i = 0; i < x.size(); ++i) largest = weights[i] == 0 ? largest : std::max(largest, std::abs(x[i]));
  for (double& value : x) value /= largest;
  return x;
}

double pearson(const Column& x, const Column& y, Weights weights) {
  const double items = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (items == 0 || is_constant(x, weights) || is_constant(y, weights)) return kNaN;
  const Column dx = centred(x, weights, items), dy = centred(y, weights, items);
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (weights[i] == 0) continue;
    xx += weights[i] * dx[i] * dx[i], yy += weights[i] * dy[i] * dy[i], xy += weights[i] * dx[i] * dy[i];
  }
  return std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0);
}

std::vector<std::size_t> order(const Column& x) {
  std::vector<std::size_t> rows(x.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  return rows;
}

// A row of weight w stands for w equal numbers.
Column ranks(const Column& x, const std::vector<std::size_t>& order, Weights weights) {
  Column result(x.size());
  double below = 0;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double here = 0;
    for (end = begin; end < order.size() && x[order[end]] == x[order[begin]]; ++end) here += weights[order[end]];
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = below + (here + 1) / 2;
    below += here;
  }
  return result;
}

class Correlation final : public temper::RankMetric {
 public:
  explicit Correlation(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kRegression; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "pearson", .lowest = -1, .is_default = true}, {.name = "spearman", .lowest = -1, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 3; }  // answer, reference, 1

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    const auto* reference = targets.empty() ? nullptr : std::get_if<temper::Score>(&targets.front());
    if (!reference) return;
    const auto* answer = std::get_if<temper::Score>(&prediction.value);
    out[0] = answer ? answer->value : kNaN;
    out[1] = reference->value;
    out[2] = 1;
  }

  temper::WeightedValues over(const temper::TaskInfo&, temper::StatisticsRows rows) const override {
    Column x, y, counts;
    for (std::size_t row = 0; row < rows.count(); ++row) x.push_back(rows[row][0]), y.push_back(rows[row][1]), counts.push_back(rows[row][2]);
    const bool is_number = std::none_of(x.begin(), x.end(), [](double value) { return std::isnan(value); });
    if (!is_number) return [](Weights) { return Column{kNaN, kNaN}; };
    return [x, y, counts, order_x = order(x), order_y = order(y)](Weights given) {
      Column weights(given.begin(), given.end());
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= counts[i];
      return Column{pearson(x, y, weights), pearson(ranks(x, order_x, weights), ranks(y, order_y, weights), weights)};
    };
  }
};

}  // namespace

TEMPER_CLAIMS("pearson spearman usual:regression")
TEMPER_PLUGIN(Metric, Correlation, temper::NoOptions, "correlation", "Pearson's and Spearman's correlation of numbers with their references.")
