// The plugin mcc: the contract of metrics, then cases worked out by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Mcc, KeepsTheMetricContract) { testing::check_metric("mcc"); }

double of(const std::vector<std::string>& labels, const std::vector<std::pair<std::string, std::string>>& answers) {
  std::vector<Target> given;
  std::vector<Targets> wanted;
  for (const auto& [answer, reference] : answers) given.push_back(Label{answer}), wanted.push_back({Label{reference}});
  return testing::metric_values("mcc", {Task::kClassification, labels}, given, wanted).at("mcc");
}
TEST(Mcc, FollowsItsDefinition) {  // tp 2, tn 1, fp 1, fn 1: (2 x 1 - 1 x 1) / sqrt(3 x 3 x 2 x 2)
  EXPECT_NEAR(of({"n", "y"}, {{"y", "y"}, {"y", "y"}, {"n", "n"}, {"y", "n"}, {"n", "y"}}), 1.0 / 6, 1e-12);
}
TEST(Mcc, IsMinusOneForTheOppositeAndNothingForOneAnswer) {
  EXPECT_NEAR(of({"n", "y"}, {{"y", "n"}, {"n", "y"}}), -1, 1e-12);
  EXPECT_EQ(of({"n", "y"}, {{"y", "n"}, {"y", "y"}}), 0);
}
TEST(Mcc, IsUndefinedWithoutItems) { EXPECT_TRUE(std::isnan(of({"a", "b"}, {}))); }

}  // namespace
}  // namespace temper
