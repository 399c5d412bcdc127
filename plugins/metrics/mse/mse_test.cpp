// The plugin mse: the contract of metrics, then its root.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Mse, KeepsTheMetricContract) { testing::check_metric("mse"); }

TEST(Mse, IsTheMeanOfSquares) {
  const auto values = testing::metric_values("mse", {Task::kRegression, {}}, std::vector<Target>{Score{1}, Score{5}}, {{Score{2}}, {Score{2}}});
  EXPECT_DOUBLE_EQ(values.at("mse"), 5);
  EXPECT_DOUBLE_EQ(values.at("rmse"), std::sqrt(5.0));
}
TEST(Mse, IsUndefinedWhereAnAnswerIsNoNumber) {
  EXPECT_TRUE(std::isnan(testing::metric_values("mse", {Task::kRegression, {}}, std::vector<Target>{Score{1}, Text{"5"}}, {{Score{2}}, {Score{2}}}).at("mse")));
}

}  // namespace
}  // namespace temper
