// The plugin logistic_regression: the contract of strategies, the minimum, and damaged folders.
#include <temper/testing/strategy.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/strategy_stage.h"
#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Strategy> make(Value::Table options = {}) { return registry::installed().create<Strategy>("logistic_regression", Value(std::move(options))); }
const Value::Table kTfidf = {{"features", Value("tfidf")}};

TEST(LogisticRegression, KeepsTheStrategyContractOnEmbeddings) { testing::check_strategy("logistic_regression"); }
TEST(LogisticRegression, KeepsItOnWords) { testing::check_strategy("logistic_regression", Value(kTfidf)); }

TEST(LogisticRegression, NeedsAModelForEmbeddingsOnly) {
  EXPECT_TRUE(make()->needs().model);
  EXPECT_FALSE(make(kTfidf)->needs().model);
}

std::vector<Item> item(const std::string& text) {
  std::vector<Item> items{{"i", {}}};
  items[0].fields.set("text", text);
  return items;
}

// One word and two labels: each row's only feature is 1 (its word) or it has none. With weight w for "yes" and intercept b the slopes of
// C sum log(1 + exp(-y z)) + w^2 / 2 vanish.
TEST(LogisticRegression, FindsTheMinimum) {
  testing::Stage stage({.labels = {"no", "yes"}, .train = {{"good", "yes"}, {"good", "yes"}, {"good", "no"}, {"", "no"}, {"", "no"}, {"", "yes"}}});
  const auto strategy = make({{"features", Value("tfidf")}, {"C", Value(2.0)}});
  strategy->adapt(stage);
  const double with = strategy->predict(stage, item("good")).at(0).probabilities[1], without = strategy->predict(stage, item("")).at(0).probabilities[1];
  const auto logit = [](double p) { return std::log(p / (1 - p)); };
  const double w = logit(with) - logit(without);
  EXPECT_GT(w, 0.1);
  EXPECT_NEAR(2 * (3 * with - 2) + w, 0, 1e-5);              // along w: C times the sum over rows with the word, and the penalty
  EXPECT_NEAR(3 * with - 2 + 3 * without - 1, 0, 1e-5);      // along b: no penalty
}
TEST(LogisticRegression, FollowsThePenalty) {
  const auto certainty = [](double C) {
    testing::Stage stage({});
    const auto strategy = make({{"features", Value("tfidf")}, {"C", Value(C)}});
    strategy->adapt(stage);
    return strategy->predict(stage, item("ripe apple")).at(0).probabilities[0];
  };
  EXPECT_LT(certainty(0.01), certainty(1));
  EXPECT_LT(certainty(1), certainty(100));
}
TEST(LogisticRegression, GivesALabelWithoutRowsASmallShare) {
  testing::Stage stage({.labels = {"fruit", "rock", "tree"}, .train = {{"red apple", "fruit"}, {"old oak", "tree"}}});
  const auto strategy = make(kTfidf);
  strategy->adapt(stage);
  const Prediction prediction = strategy->predict(stage, item("apple")).at(0);
  EXPECT_EQ(to_string(prediction.value), "fruit");
  EXPECT_NEAR(prediction.probabilities[1], 1.0 / 4, 1e-12);
  EXPECT_NEAR(prediction.probabilities[0] + prediction.probabilities[2], 3.0 / 4, 1e-12);
}
TEST(LogisticRegression, ChecksItsOptions) {
  EXPECT_THROW(make({{"C", Value(0.0)}}), Error);
  EXPECT_THAT(testing::message_of([] { make({{"features", Value("words")}}); }), HasSubstr("features"));
}

TEST(LogisticRegression, NamesASavedFileThatIsMissingOrDamaged) {
  const testing::TemporaryFolder folder;
  testing::Stage stage({});
  const auto strategy = make(kTfidf);
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("logistic_regression.json cannot be read"));
  strategy->adapt(stage);
  strategy->save(folder.path());
  folder.write("logistic_regression.json", "{\"classes\": [\"fruit\", \"tree\"], \"train_rows\": 6, \"words\": []}");
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("expected [1, 0]"));
  folder.write("logistic_regression.json", "{\"classes\": [\"fruit\", \"rock\", \"tree\"], \"train_rows\": 6, \"words\": [\"b\", \"a\"]}");
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("words out of order"));
  folder.write("logistic_regression.json", "[]");
  EXPECT_THAT(testing::message_of([&] { strategy->load(folder.path()); }), HasSubstr("has no \"classes\""));
}

}  // namespace
}  // namespace temper
