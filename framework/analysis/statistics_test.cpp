// Intervals and paired tests against values known from elsewhere: the binomial distribution, the normal one, Holm's own example.
#include "analysis/statistics.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <temper/error.h>

#include "data/shuffle.h"

namespace temper::analysis {
namespace {

using evaluation::ItemStatistics;

class Mean final : public Metric {
 public:
  bool applies_to(Task) const override { return true; }
  std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "mean"}}; }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo&, const Prediction&, const Targets&, std::span<double>) const override {}
  std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }
};
const Mean kMean;
const TaskInfo kTask;

ItemStatistics results(const std::vector<double>& values) {
  ItemStatistics statistics(2);
  for (const double value : values) statistics.add(std::vector<double>{value, 1});
  return statistics;
}
std::vector<double> right(int right_ones, int wrong_ones) {
  std::vector<double> values(right_ones, 1.0);
  values.resize(right_ones + wrong_ones, 0.0);
  return values;
}
template <class... Statistics>
std::vector<const ItemStatistics*> runs(const Statistics&... statistics) { return {&statistics...}; }

TEST(BootstrapInterval, OfAShareIsThatOfTheBinomialDistribution) {
  const ItemStatistics items = results(right(300, 100));
  const Interval interval = bootstrap_intervals(kMean, kTask, runs(items), {.resamples = 4000}).at(0);
  const double error = std::sqrt(0.75 * 0.25 / 400);
  EXPECT_NEAR(interval.low, 0.75 - 1.96 * error, 0.005);
  EXPECT_NEAR(interval.high, 0.75 + 1.96 * error, 0.005);
}
TEST(BootstrapInterval, WidensWithTheLevel) {
  const ItemStatistics items = results(right(30, 10));
  const Interval narrow = bootstrap_intervals(kMean, kTask, runs(items), {.level = 0.5}).at(0), wide = bootstrap_intervals(kMean, kTask, runs(items), {.level = 0.99}).at(0);
  EXPECT_LT(wide.low, narrow.low);
  EXPECT_GT(wide.high, narrow.high);
}
TEST(BootstrapInterval, DependsOnTheSeedAlone) {
  const ItemStatistics items = results({1, 2, 3, 4, 5, 6, 7});
  const Interval a = bootstrap_intervals(kMean, kTask, runs(items)).at(0), b = bootstrap_intervals(kMean, kTask, runs(items)).at(0);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_NE(a.low, bootstrap_intervals(kMean, kTask, runs(items), {.resamples = 101, .seed = 7}).at(0).low);
}
TEST(BootstrapInterval, SpansTheSeedsToo) {
  const ItemStatistics low = results(right(100, 300)), high = results(right(300, 100));
  const Interval one = bootstrap_intervals(kMean, kTask, runs(high, high)).at(0), two = bootstrap_intervals(kMean, kTask, runs(low, high)).at(0);
  EXPECT_GT(one.low, 0.7);
  EXPECT_LT(two.low, 0.3);
  EXPECT_GT(two.high, 0.7);
  EXPECT_DOUBLE_EQ(mean_values(kMean, kTask, runs(low, high)).at(0), 0.5);
}
TEST(BootstrapInterval, IsUndefinedWithoutItems) {
  const ItemStatistics none = results({});
  EXPECT_TRUE(std::isnan(bootstrap_intervals(kMean, kTask, runs(none)).at(0).low));
}

// Of the ten items on which two systems differ, nine favour a: the exact sign test gives 2 (10 + 1) / 1024.
TEST(PairedTest, AgreesWithTheExactSignTest) {
  std::vector<double> a(100, 1.0), b(100, 1.0);
  for (int i = 0; i < 9; ++i) b[i] = 0;
  a[50] = 0;
  const ItemStatistics items_a = results(a), items_b = results(b);
  const PairedTest test = paired_tests(kMean, kTask, runs(items_a), runs(items_b), {.resamples = 20000}).at(0);
  EXPECT_NEAR(test.difference, 0.08, 1e-12);
  EXPECT_NEAR(test.p_value, 22.0 / 1024, 0.004);  // four standard errors of the simulation
}
TEST(PairedTest, IsTheSameTheOtherWayRound) {
  const ItemStatistics a = results(right(60, 40)), b = results(right(50, 50));
  const PairedTest forth = paired_tests(kMean, kTask, runs(a), runs(b)).at(0), back = paired_tests(kMean, kTask, runs(b), runs(a)).at(0);
  EXPECT_DOUBLE_EQ(forth.difference, -back.difference);
  EXPECT_EQ(forth.p_value, back.p_value);
}
TEST(PairedTest, FindsNothingBetweenEquals) {
  const ItemStatistics a = results(right(60, 40));
  EXPECT_EQ(paired_tests(kMean, kTask, runs(a), runs(a)).at(0).p_value, 1);
}
// Under the null hypothesis p-values are uniform: 5 % of them lie below 0.05.
TEST(PairedTest, RaisesFalseAlarmsAsOftenAsStated) {
  int alarms = 0;
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    std::vector<double> a, b;
    for (std::uint64_t i = 0; i < 60; ++i) {
      a.push_back(static_cast<double>(data::random_bits(trial + 1, i) >> 40));
      b.push_back(static_cast<double>(data::random_bits(trial + 1, i + 1000) >> 40));
    }
    const ItemStatistics items_a = results(a), items_b = results(b);
    alarms += paired_tests(kMean, kTask, runs(items_a), runs(items_b), {.resamples = 200, .seed = trial}).at(0).p_value <= 0.05;
  }
  EXPECT_GE(alarms, 4);   // 15 are expected, with a standard deviation of 3.8
  EXPECT_LE(alarms, 27);
}
TEST(PairedTest, RefusesOtherItemsAndOtherNumbersOfSeeds) {
  const ItemStatistics a = results(right(3, 1)), b = results(right(3, 2));
  EXPECT_THROW(paired_tests(kMean, kTask, runs(a), runs(b)), Error);
  EXPECT_THROW(paired_tests(kMean, kTask, runs(a, a), runs(a)), Error);
  EXPECT_THROW(mean_values(kMean, kTask, {}), Error);
}

// Seen as rows, a mean has the intervals and p-values that it has as a sum.
class MeanOfRows final : public RankMetric {
 public:
  bool applies_to(Task) const override { return true; }
  std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "mean"}}; }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo&, const Prediction&, const Targets&, std::span<double>) const override {}
  WeightedValues over(const TaskInfo&, StatisticsRows rows) const override {
    return [rows](std::span<const double> weights) {
      double sum = 0, all = 0;
      for (std::size_t row = 0; row < rows.count(); ++row) sum += weights[row] * rows[row][0], all += weights[row];
      return std::vector<double>{sum / all};
    };
  }
};
TEST(RankMetrics, HaveIntervalsAndTestsOfTheirOwn) {
  const ItemStatistics a = results(right(60, 40)), b = results({right(50, 50)}), c = results({right(45, 55)});
  const MeanOfRows rows;
  const Interval of_sum = bootstrap_intervals(kMean, kTask, runs(a, b)).at(0), of_rows = bootstrap_intervals(rows, kTask, runs(a, b)).at(0);
  EXPECT_DOUBLE_EQ(of_sum.low, of_rows.low);
  EXPECT_DOUBLE_EQ(of_sum.high, of_rows.high);
  const PairedTest test_of_sum = paired_tests(kMean, kTask, runs(a, b), runs(b, c)).at(0), test_of_rows = paired_tests(rows, kTask, runs(a, b), runs(b, c)).at(0);
  EXPECT_DOUBLE_EQ(test_of_sum.difference, test_of_rows.difference);
  EXPECT_EQ(test_of_sum.p_value, test_of_rows.p_value);
  EXPECT_DOUBLE_EQ(mean_values(rows, kTask, runs(a, b)).at(0), 0.55);
}

TEST(Holm, MultipliesTheSmallestByTheNumberOfTests) {
  const std::vector<double> adjusted = holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  EXPECT_EQ(adjusted.size(), 4u);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);  // never below a smaller p-value's
}
TEST(Holm, LeavesUndefinedTestsOut) {
  const std::vector<double> adjusted = holm_adjusted(std::vector<double>{std::nan(""), 0.02, 0.9});
  EXPECT_TRUE(std::isnan(adjusted[0]));
  EXPECT_DOUBLE_EQ(adjusted[1], 0.04);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.9);
}

}  // namespace
}  // namespace temper::analysis
