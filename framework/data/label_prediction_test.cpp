// Which label the probabilities speak for, and which of them speak for none.
#include <temper/label_prediction.h>

#include <gtest/gtest.h>

#include <temper/error.h>

namespace temper {
namespace {

TEST(LabelPrediction, AnswersTheLikeliestLabelAndKeepsTheProbabilities) {
  const Prediction prediction = label_prediction("7", {"bad", "fair", "good"}, {0.2, 0.5, 0.3});
  EXPECT_EQ(prediction.id, "7");
  EXPECT_EQ(to_string(prediction.value), "fair");
  EXPECT_EQ(prediction.probabilities, (std::vector<double>{0.2, 0.5, 0.3}));
  EXPECT_TRUE(prediction.logits.empty());
}

TEST(LabelPrediction, OfEqualsTheFirstIsTaken) { EXPECT_EQ(to_string(label_prediction("", {"b", "a"}, {0.5, 0.5}).value), "b"); }

TEST(LabelPrediction, NeedsAProbabilityForEveryLabel) {
  EXPECT_THROW(label_prediction("", {"a", "b"}, {1.0}), Error);
  EXPECT_THROW(label_prediction("", {"a"}, {0.5, 0.5}), Error);
  EXPECT_THROW(label_prediction("", {}, {}), Error);
}

}  // namespace
}  // namespace temper
