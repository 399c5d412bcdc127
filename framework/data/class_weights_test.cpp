// Weights of labels: scikit-learn's "balanced", tables, and what is refused.
#include "data/class_weights.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::data {
namespace {

using testing::message_of;

const std::vector<std::string> kLabels = {"bad", "good", "odd"};
WordOrNumbers numbers(std::map<std::string, double> given) { return {"", std::move(given)}; }

TEST(ClassWeights, AreNoneByDefault) { EXPECT_TRUE(class_weights({"none"}, kLabels, std::vector<std::int64_t>{1, 2, 3}).empty()); }

TEST(ClassWeights, BalancedAreInverseToTheItemsOfALabel) {
  // compute_class_weight("balanced", ...) of scikit-learn for 2 x bad, 6 x good, 4 x odd: 12 / (3 x count).
  EXPECT_EQ(class_weights({"balanced"}, kLabels, std::vector<std::int64_t>{2, 6, 4}), (std::vector<double>{2, 12.0 / 18, 1}));
}

TEST(ClassWeights, BalancedTakesNoNoticeOfALabelThatTrainLacks) {
  const std::vector<double> weights = class_weights({"balanced"}, kLabels, std::vector<std::int64_t>{2, 6, 0});
  EXPECT_DOUBLE_EQ(weights[0], 2);
  EXPECT_DOUBLE_EQ(weights[1], 8.0 / 12);
}

TEST(ClassWeights, OfATableAreOneWhereItSaysNothing) {
  EXPECT_EQ(class_weights(numbers({{"odd", 5}, {"bad", 0}}), kLabels, std::vector<std::int64_t>{2, 6, 4}), (std::vector<double>{0, 1, 5}));
}

TEST(ClassWeights, RefusesANameThatIsNoLabel) {
  const std::vector<std::int64_t> counts = {2, 6, 4};
  EXPECT_EQ(message_of([&] { class_weights(numbers({{"goood", 2}}), kLabels, counts); }),
            "training.class_weights has a weight for \"goood\", which is no label of the data\n    did you mean \"good\"?");
  EXPECT_EQ(message_of([&] { class_weights(numbers({{"neutral", 2}}), kLabels, counts); }),
            "training.class_weights has a weight for \"neutral\", which is no label of the data\n    the labels are \"bad\", \"good\", \"odd\"");
}

TEST(ClassWeights, RefusesWeightsThatLeaveNothingToLearn) {
  const std::string message = message_of([&] { class_weights(numbers({{"bad", 0}, {"good", 0}}), kLabels, std::vector<std::int64_t>{3, 4, 0}); });
  EXPECT_NE(message.find("gives every label of the train split the weight 0"), std::string::npos) << message;
  EXPECT_NO_THROW(class_weights(numbers({{"bad", 0}, {"good", 0}}), kLabels, std::vector<std::int64_t>{3, 4, 1}));
}

}  // namespace
}  // namespace temper::data
