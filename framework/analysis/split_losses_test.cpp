// Means and paired changes of item losses, against values worked out by hand.
#include "analysis/split_losses.h"

#include <cmath>

#include <gtest/gtest.h>
#include <temper/error.h>

namespace temper::analysis {
namespace {

TEST(SplitLosses, MeanAndStandardErrorAreTheUsualOnesForOneTargetEach) {
  const Estimate estimate = mean_loss({{1, 2, 3, 4}, {}});
  EXPECT_DOUBLE_EQ(estimate.value, 2.5);
  EXPECT_DOUBLE_EQ(estimate.standard_error, std::sqrt(5.0 / 3 / 4));  // s^2 = 5 / 3
}
TEST(SplitLosses, WeighsItemsByTheirTokens) {
  const Estimate estimate = mean_loss({{2, 9}, {1, 3}});
  EXPECT_DOUBLE_EQ(estimate.value, 11.0 / 4);
  // residuals 2 - 2.75 and 9 - 8.25
  EXPECT_DOUBLE_EQ(estimate.standard_error, std::sqrt(2 * (0.75 * 0.75 + 0.75 * 0.75)) / 4);
}
TEST(SplitLosses, ItemsWithoutTargetsSayNothing) {
  const Estimate with = mean_loss({{1, 0, 3}, {1, 0, 1}}), without = mean_loss({{1, 3}, {1, 1}});
  EXPECT_DOUBLE_EQ(with.value, without.value);
  EXPECT_DOUBLE_EQ(with.standard_error, without.standard_error);
}
TEST(SplitLosses, OneItemHasNoStandardError) { EXPECT_TRUE(std::isnan(mean_loss({{1}, {}}).standard_error)); }
TEST(SplitLosses, NoItemsHaveNoMean) { EXPECT_TRUE(std::isnan(mean_loss({}).value)); }
TEST(SplitLosses, PairingCancelsWhatItemsShare) {
  const Estimate change = paired_change({{1, 10, 100}, {}}, {{2, 11, 101}, {}});
  EXPECT_DOUBLE_EQ(change.value, 1);
  EXPECT_DOUBLE_EQ(change.standard_error, 0);
}
TEST(SplitLosses, RefusesUnequalNumbersOfItems) { EXPECT_THROW(paired_change({{1, 2}, {}}, {{1}, {}}), Error); }
TEST(SplitLosses, RefusesCountsOfOtherItems) { EXPECT_THROW(mean_loss({{1, 2}, {1}}), Error); }

TEST(LabelPrior, GivesTheEntropyOfTheFrequencies) {
  const std::vector<std::string> train = {"a", "a", "a", "b"};
  const SplitLosses prior = label_prior(train, std::vector<std::string>{"a", "b", "a"});
  EXPECT_EQ(prior.losses, (std::vector<double>{-std::log(4.0 / 6), -std::log(2.0 / 6), -std::log(4.0 / 6)}));
}
TEST(LabelPrior, ALabelThatTrainLacksCostsAFiniteLoss) {
  EXPECT_TRUE(std::isfinite(label_prior(std::vector<std::string>{"a"}, std::vector<std::string>{"b"}).losses[0]));
}

}  // namespace
}  // namespace temper::analysis
