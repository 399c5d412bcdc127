// The plugin mae: the contract of metrics, then a case by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Mae, KeepsTheMetricContract) { testing::check_metric("mae"); }

TEST(Mae, IsTheMeanOfDistances) {
  EXPECT_DOUBLE_EQ(testing::metric_values("mae", {Task::kRegression, {}}, std::vector<Target>{Score{1}, Score{5}}, {{Score{2}}, {Score{2}}}).at("mae"), 2);
}

}  // namespace
}  // namespace temper
