// The plugin ece: the contract of metrics, then bins worked out by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Ece, KeepsTheMetricContract) { testing::check_metric("ece"); }

TEST(Ece, WeighsTheGapsOfBinsByTheirItems) {
  // Two items of probability 0.9, one right: gap 0.4; one of 0.6, right: gap 0.4; all in all 0.4.
  EXPECT_NEAR(testing::probability_values("ece", {"no", "yes"}, {{{0.1, 0.9}, "yes"}, {{0.1, 0.9}, "no"}, {{0.4, 0.6}, "yes"}}).at("ece"), 0.4, 1e-12);
}
TEST(Ece, BinsEndWithTheirUpperBound) {
  // With two bins, 0.5 lies in the first and 0.75 in the second; with one bin the gaps cancel.
  const std::vector<std::pair<std::vector<double>, std::string>> answers = {{{0.5, 0.5}, "no"}, {{0.25, 0.75}, "no"}, {{0.25, 0.75}, "yes"}};
  EXPECT_NEAR(testing::probability_values("ece:bins=2", {"no", "yes"}, answers).at("ece"), (0.5 + 0.5) / 3, 1e-12);
  EXPECT_NEAR(testing::probability_values("ece:bins=1", {"no", "yes"}, answers).at("ece"), 0, 1e-12);
}

}  // namespace
}  // namespace temper
