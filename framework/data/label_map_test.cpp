// Which class a label becomes.
#include "data/label_map.h"

#include <gtest/gtest.h>

#include "data/label_order.h"

namespace temper::data {
namespace {

using Names = std::vector<std::string>;

ModelFolder checkpoint(Names labels) {
  ModelFolder model;
  model.labels_are_generic = true;
  for (std::size_t i = 0; i < labels.size(); ++i) model.labels_are_generic = model.labels_are_generic && labels[i] == "LABEL_" + std::to_string(i);
  model.labels = std::move(labels);
  return model;
}

TEST(SortedLabels, AreByNameOrByNumber) {
  EXPECT_EQ(sorted_labels({"positive", "10", "9"}), (Names{"10", "9", "positive"}));
  EXPECT_EQ(sorted_labels({"10", "9", "-1"}), (Names{"-1", "9", "10"}));
  EXPECT_EQ(sorted_labels({}), Names());
}

TEST(LabelMap, FollowsACheckpointWithTheSameNames) {
  const LabelMap map = map_labels({"negative", "neutral", "positive"}, checkpoint({"positive", "negative", "neutral"}), true);
  EXPECT_EQ(map.labels, (Names{"positive", "negative", "neutral"}));
  EXPECT_EQ(map.order, LabelOrder::kCheckpoint);
}

TEST(LabelMap, KeepsTheDatasSpellingWhereOnlyCaseDiffers) {
  const LabelMap map = map_labels({"negative", "positive"}, checkpoint({"POSITIVE", "Negative"}), true);
  EXPECT_EQ(map.labels, (Names{"positive", "negative"}));
  EXPECT_EQ(map.order, LabelOrder::kCheckpoint);
}

TEST(LabelMap, TakesNumbersAsClasses) {
  for (const ModelFolder& model : {checkpoint({"bad", "fair", "good"}), checkpoint({"LABEL_0", "LABEL_1", "LABEL_2"})}) {
    const LabelMap map = map_labels({"0", "2"}, model, true);
    EXPECT_EQ(map.labels, (Names{"0", "1", "2"}));
    EXPECT_EQ(map.order, LabelOrder::kCheckpointNumbers);
  }
}

TEST(LabelMap, KeepsTheDatasOrderOtherwise) {
  const Names labels = {"no", "yes"};
  EXPECT_EQ(map_labels(labels, checkpoint({"yes", "no"}), false).labels, labels);            // no head
  EXPECT_EQ(map_labels(labels, checkpoint({"LABEL_0", "LABEL_1"}), true).labels, labels);    // generic names
  EXPECT_EQ(map_labels(labels, checkpoint({"yes", "no", "maybe"}), true).labels, labels);    // other classes
  EXPECT_EQ(map_labels({"1", "3"}, checkpoint({"a", "b"}), true).labels, (Names{"1", "3"})); // a number that is no class
  EXPECT_EQ(map_labels({"0", "2"}, checkpoint({"LABEL_0", "LABEL_1", "LABEL_2"}), false).labels, (Names{"0", "2"}));
  EXPECT_EQ(map_labels(labels, checkpoint({"yes", "no"}), false).order, LabelOrder::kData);
}

}  // namespace
}  // namespace temper::data
