// The plugin average_precision: the contract of metrics, then steps worked out by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(AveragePrecision, KeepsTheMetricContract) { testing::check_metric("average_precision"); }

TEST(AveragePrecision, SumsPrecisionOverStepsOfRecall) {
  // Right at ranks 1 and 3 of 4: (1 + 2 / 3) / 2.
  const auto values = testing::probability_values("average_precision", {"no", "yes"}, {{{0.1, 0.9}, "yes"}, {{0.2, 0.8}, "no"}, {{0.3, 0.7}, "yes"}, {{0.4, 0.6}, "no"}});
  EXPECT_DOUBLE_EQ(values.at("average_precision"), 5.0 / 6);
  EXPECT_EQ(values.at("average_precision"), values.at("average_precision_yes"));
}
TEST(AveragePrecision, TakesTiesAsOneStep) {
  EXPECT_DOUBLE_EQ(testing::probability_values("average_precision", {"no", "yes"}, {{{0.5, 0.5}, "yes"}, {{0.5, 0.5}, "no"}, {{0.5, 0.5}, "no"}}).at("average_precision"), 1.0 / 3);
}
TEST(AveragePrecision, IsNothingForAClassWithoutItems) {
  EXPECT_EQ(testing::probability_values("average_precision", {"no", "yes"}, {{{0.5, 0.5}, "no"}}).at("average_precision"), 0);
  EXPECT_TRUE(std::isnan(testing::probability_values("average_precision", {"no", "yes"}, {}).at("average_precision")));
}

}  // namespace
}  // namespace temper
