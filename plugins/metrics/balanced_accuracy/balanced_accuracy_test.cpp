// The plugin balanced_accuracy: the contract of metrics, then cases worked out by hand.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(BalancedAccuracy, KeepsTheMetricContract) { testing::check_metric("balanced_accuracy"); }

double of(const std::vector<std::string>& labels, const std::vector<std::pair<std::string, std::string>>& answers) {
  std::vector<Target> given;
  std::vector<Targets> wanted;
  for (const auto& [answer, reference] : answers) given.push_back(Label{answer}), wanted.push_back({Label{reference}});
  return testing::metric_values("balanced_accuracy", {Task::kClassification, labels}, given, wanted).at("balanced_accuracy");
}
TEST(BalancedAccuracy, IsTheMeanOfTheClassesShares) { EXPECT_DOUBLE_EQ(of({"a", "b"}, {{"a", "a"}, {"a", "a"}, {"b", "a"}, {"a", "a"}, {"b", "b"}, {"a", "b"}}), (0.75 + 0.5) / 2); }
TEST(BalancedAccuracy, LeavesOutClassesThatAreNoReference) { EXPECT_DOUBLE_EQ(of({"a", "b", "c"}, {{"a", "a"}, {"c", "a"}}), 0.5); }
TEST(BalancedAccuracy, CountsAnAnswerThatIsNoClassAsWrong) { EXPECT_DOUBLE_EQ(of({"a", "b"}, {{"nonsense", "a"}, {"b", "b"}}), 0.5); }
TEST(BalancedAccuracy, IsUndefinedWithoutItems) { EXPECT_TRUE(std::isnan(of({"a", "b"}, {}))); }

}  // namespace
}  // namespace temper
