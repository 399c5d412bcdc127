// The plugin correlation: the contract of metrics, then known values, ties and large numbers.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Correlation, KeepsTheMetricContract) { testing::check_metric("correlation"); }

testing::MetricValues of(const std::vector<std::pair<double, double>>& pairs) {
  std::vector<Target> given;
  std::vector<Targets> wanted;
  for (const auto& [answer, reference] : pairs) given.push_back(Score{answer}), wanted.push_back({Score{reference}});
  return testing::metric_values("correlation", {Task::kRegression, {}}, given, wanted);
}
TEST(Correlation, OfThreePairs) {
  const auto values = of({{1, 1}, {2, 3}, {3, 2}});
  EXPECT_NEAR(values.at("pearson"), 0.5, 1e-15);
  EXPECT_NEAR(values.at("spearman"), 0.5, 1e-15);
}
TEST(Correlation, SpearmanSeesTheOrderOnly) {
  const auto values = of({{1, 1}, {2, 10}, {3, 100}, {4, 1000}});
  EXPECT_NEAR(values.at("spearman"), 1, 1e-15);
  EXPECT_LT(values.at("pearson"), 0.9);
}
TEST(Correlation, EqualNumbersShareTheirRank) { EXPECT_NEAR(of({{1, 1}, {2, 2}, {2, 3}, {3, 4}}).at("spearman"), 0.9486832980505138, 1e-12); }  // 4.5 / sqrt(4.5 x 5)
TEST(Correlation, KeepsItsDigitsFarFromZero) {
  const auto near = of({{1, 2}, {2, 1}, {4, 5}, {7, 6}}), far = of({{1e9 + 1, 2e9 + 2}, {1e9 + 2, 2e9 + 1}, {1e9 + 4, 2e9 + 5}, {1e9 + 7, 2e9 + 6}});
  EXPECT_NEAR(near.at("pearson"), far.at("pearson"), 1e-12);
}
TEST(Correlation, IsUndefinedForConstantsAndForOneItem) {
  EXPECT_TRUE(std::isnan(of({{1, 1}, {1, 2}, {1, 3}}).at("pearson")));
  EXPECT_TRUE(std::isnan(of({{1, 1}}).at("spearman")));
}
TEST(Correlation, IsUndefinedWhereAnAnswerIsNoNumber) {
  EXPECT_TRUE(std::isnan(testing::metric_values("correlation", {Task::kRegression, {}}, std::vector<Target>{Score{1}, Text{"two"}, Score{3}}, {{Score{1}}, {Score{2}}, {Score{3}}}).at("pearson")));
}

}  // namespace
}  // namespace temper
