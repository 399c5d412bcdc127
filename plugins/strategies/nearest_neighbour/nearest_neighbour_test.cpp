// The plugin nearest_neighbour: the contract of strategies, votes by hand, and damaged folders.
#include <temper/testing/strategy.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/strategy_stage.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using ::testing::HasSubstr;

Value options(const std::string& features, int k = 5, const std::string& weighting = "uniform") {
  return Value(Value::Table{{"features", Value(features)}, {"k", Value(k)}, {"weighting", Value(weighting)}});
}

TEST(NearestNeighbour, KeepsTheStrategyContractOnEmbeddings) { testing::check_strategy("nearest_neighbour", options("embedding")); }
TEST(NearestNeighbour, KeepsItOnWords) { testing::check_strategy("nearest_neighbour", options("words", 3)); }
TEST(NearestNeighbour, KeepsItWithWeightedVotes) {
  testing::check_strategy("nearest_neighbour", options("embedding", 2, "similarity"));
  testing::check_strategy("nearest_neighbour", options("words", 2, "similarity"));
}

TEST(NearestNeighbour, NeedsAModelForEmbeddingsOnly) {
  EXPECT_TRUE(registry::installed().create<Strategy>("nearest_neighbour", options("embedding"))->needs().model);
  EXPECT_FALSE(registry::installed().create<Strategy>("nearest_neighbour", options("words"))->needs().model);
}

// The stage's items: three fruits ("red apple", "green pear", "ripe apple"), two trees ("old oak", "tall oak"), one rock ("grey stone").
Prediction predicted(const Value& chosen, const std::string& text) {
  testing::Stage stage({});
  const auto strategy = registry::installed().create<Strategy>("nearest_neighbour", chosen);
  strategy->adapt(stage);
  std::vector<Item> items{{"i", {}}};
  items[0].fields.set("text", text);
  return strategy->predict(stage, items).at(0);
}

TEST(NearestNeighbour, CountsVotes) {
  const Prediction prediction = predicted(options("words", 3), "apple");  // two neighbours only
  EXPECT_EQ(to_string(prediction.value), "fruit");
  EXPECT_NEAR(prediction.probabilities[0], (2 + 1 / 3.0) / 3, 1e-12);
  EXPECT_NEAR(prediction.probabilities[1], (1 / 3.0) / 3, 1e-12);
}
TEST(NearestNeighbour, FindsTheItemItselfFirst) { EXPECT_EQ(to_string(predicted(options("embedding", 1), "grey stone").value), "rock"); }
TEST(NearestNeighbour, GivesATieToTheNearest) {
  EXPECT_EQ(to_string(predicted(options("words", 2), "stone oak tall").value), "tree");
  EXPECT_EQ(to_string(predicted(options("words", 2), "grey stone oak").value), "rock");
}
TEST(NearestNeighbour, WeighsVotesBySimilarity) {
  // "old" is rarer than "apple": the tree that shares it outweighs either fruit, and two fruits outvote it where each counts one.
  const std::string text = "apple old oak";
  EXPECT_EQ(to_string(predicted(options("words", 4, "similarity"), text).value), "tree");
}
TEST(NearestNeighbour, AnswersWhatIsFrequentWhereNothingIsNear) {
  const Prediction prediction = predicted(options("words"), "zebra");
  EXPECT_EQ(to_string(prediction.value), "fruit");
  EXPECT_NEAR(prediction.probabilities[2], (2 + 1 / 3.0) / 7, 1e-12);
}

TEST(NearestNeighbour, NamesASavedFileThatIsMissingOrDamaged) {
  const testing::TemporaryFolder folder;
  testing::Stage stage({});
  const auto strategy = registry::installed().create<Strategy>("nearest_neighbour", options("embedding"));
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("labels.json cannot be read"));
  strategy->adapt(stage);
  strategy->save(folder.path());
  folder.write("labels.json", "[\"fruit\"]");
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("shape [6, 26], expected [1, any]"));
  folder.write("labels.json", "{}");
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("is no array of labels"));
}

}  // namespace
}  // namespace temper
