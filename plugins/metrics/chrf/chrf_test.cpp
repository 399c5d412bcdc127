// The plugin chrf: the contract of metrics, then its orders and options.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Chrf, KeepsTheMetricContract) { testing::check_metric("chrf"); }

TEST(Chrf, OfOneSharedCharacter) {
  // Order 1 alone is on both sides: P = 1 / 1, R = 1 / 2 would need two orders; "a" has no bigram, so P = 1, R = 1 / 2, beta = 2.
  EXPECT_NEAR(testing::text_values("chrf", {{"a", "ab"}}).at("chrf"), 100 * 5 * 0.5 / (4 + 0.5), 1e-9);
}
TEST(Chrf, DoesNotSeeBlanksUnlessAsked) {
  EXPECT_NEAR(testing::text_values("chrf", {{"a b", "ab"}}).at("chrf"), 100, 1e-9);
  EXPECT_LT(testing::text_values("chrf:whitespace=true", {{"a b", "ab"}}).at("chrf"), 100);
}
TEST(Chrf, WithWordsSeesThemToo) {
  const auto values = testing::text_values("chrf", {{"a b", "ab"}});
  EXPECT_LT(values.at("chrf++"), values.at("chrf"));
}
TEST(Chrf, LowersAllOfUnicodeIfAsked) {
  EXPECT_NEAR(testing::text_values("chrf:lowercase=true", {{"ÀÉ ΣΑΣ", "àé σας"}}).at("chrf"), 100, 1e-9);
  EXPECT_EQ(testing::text_values("chrf", {{"ÀÉ", "àé"}}).at("chrf"), 0);
}
TEST(Chrf, TakesEmptyTexts) {
  EXPECT_EQ(testing::text_values("chrf", {{"", "abc"}}).at("chrf"), 0);
  EXPECT_EQ(testing::text_values("chrf", {{"abc", ""}}).at("chrf"), 0);
}

}  // namespace
}  // namespace temper
