// The plugin brier: the contract of metrics, then two classes and more.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Brier, KeepsTheMetricContract) { testing::check_metric("brier"); }

TEST(Brier, OfTwoClassesIsThatOfTheSecond) {
  EXPECT_DOUBLE_EQ(testing::probability_values("brier", {"no", "yes"}, {{{0.25, 0.75}, "yes"}, {{0.5, 0.5}, "no"}}).at("brier"), (0.0625 + 0.25) / 2);
}
TEST(Brier, OfMoreClassesSumsOverThem) {
  EXPECT_DOUBLE_EQ(testing::probability_values("brier", {"a", "b", "c"}, {{{0.5, 0.25, 0.25}, "a"}}).at("brier"), 0.25 + 0.0625 + 0.0625);
}

}  // namespace
}  // namespace temper
