// The plugin auroc: the contract of metrics, then pairs counted by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Auroc, KeepsTheMetricContract) { testing::check_metric("auroc"); }

TEST(Auroc, CountsPairsAndHalfOfTies) {
  // Of the six pairs of a yes with a no, three are in order, one is a tie.
  const auto values = testing::probability_values("auroc", {"no", "yes"}, {{{0.1, 0.9}, "yes"}, {{0.5, 0.5}, "yes"}, {{0.5, 0.5}, "no"}, {{0.05, 0.95}, "no"}, {{0.8, 0.2}, "no"}});
  EXPECT_DOUBLE_EQ(values.at("auroc"), 3.5 / 6);
  EXPECT_DOUBLE_EQ(values.at("auroc_no"), 3.5 / 6);
}
TEST(Auroc, AveragesOverClassesAgainstTheRest) {
  const auto values = testing::probability_values("auroc", {"a", "b", "c"}, {{{0.6, 0.2, 0.2}, "a"}, {{0.7, 0.2, 0.1}, "b"}, {{0.1, 0.3, 0.6}, "c"}});
  EXPECT_DOUBLE_EQ(values.at("auroc_a"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("auroc_b"), 0.25);
  EXPECT_DOUBLE_EQ(values.at("auroc_c"), 1);
  EXPECT_DOUBLE_EQ(values.at("auroc"), 1.75 / 3);
}
TEST(Auroc, IsUndefinedForASingleClass) { EXPECT_TRUE(std::isnan(testing::probability_values("auroc", {"no", "yes"}, {{{0.1, 0.9}, "yes"}, {{0.4, 0.6}, "yes"}}).at("auroc"))); }
TEST(Auroc, LeavesOutItemsWithoutProbabilities) {
  EXPECT_DOUBLE_EQ(testing::probability_values("auroc", {"no", "yes"}, {{{0.1, 0.9}, "yes"}, {{}, "yes"}, {{0.8, 0.2}, "no"}}).at("auroc"), 1);
}

}  // namespace
}  // namespace temper
