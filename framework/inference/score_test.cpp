// Scores are log-likelihoods: they add up, and hang on no batch.
#include "inference/score.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/small_model.h"

namespace temper::inference {
namespace {

HeadedModel small_language_model() {
  auto model = std::make_unique<testing::SmallModel>();
  HeadSpec head;
  for (const HeadSpec& candidate : model->heads()) {
    if (candidate.kind == HeadKind::kLanguageModeling) head = candidate;
  }
  HeadedModel headed(std::move(model), head, 0);
  initialize(headed.parameters(), 3);
  return headed;
}

const std::vector<ScoreRequest> kRequests = {{{1, 2, 3}, {4, 5}}, {{1}, {2, 3, 4, 5, 6}}, {{7, 7, 7, 7}, {1}}, {{2, 3}, {2, 3}}};

TEST(Score, OfAContinuationIsTheSumOfItsParts) {
  HeadedModel model = small_language_model();
  const auto scores = score(model, std::vector<ScoreRequest>{{{1, 2}, {3, 4, 5}}, {{1, 2}, {3}}, {{1, 2, 3}, {4, 5}}}, {});
  EXPECT_NEAR(scores[0].logprob, scores[1].logprob + scores[2].logprob, 1e-5);
  EXPECT_LT(scores[0].logprob, 0);
  EXPECT_EQ(scores[0].tokens, 3);
}

TEST(Score, OfAllNextTokensSumsToOne) {
  HeadedModel model = small_language_model();
  std::vector<ScoreRequest> requests;
  for (std::int32_t token = 0; token < model.model().shape().vocabulary; ++token) requests.push_back({{5, 6}, {token}});
  double total = 0;
  int greedy = 0;
  for (const ScoreResult& result : score(model, requests, {})) {
    total += std::exp(result.logprob);
    greedy += result.is_greedy ? 1 : 0;
  }
  EXPECT_NEAR(total, 1, 1e-5);
  EXPECT_EQ(greedy, 1);
}

TEST(Score, DoesNotDependOnTheBatch) {
  HeadedModel model = small_language_model();
  const auto alone = score(model, kRequests, {.batch_size = 1}), together = score(model, kRequests, {.batch_size = 8}), plain = score(model, kRequests, {.plain = true});
  for (std::size_t i = 0; i < kRequests.size(); ++i) {
    EXPECT_NEAR(together[i].logprob, alone[i].logprob, 1e-5) << i;
    EXPECT_NEAR(plain[i].logprob, alone[i].logprob, 1e-5) << i;
  }
}

TEST(Score, RefusesWhatTheModelCannotHoldAndEmptyParts) {
  HeadedModel model = small_language_model();
  const std::size_t limit = static_cast<std::size_t>(model.model().shape().max_positions);
  const std::vector<ScoreRequest> longer = {{std::vector<std::int32_t>(limit + 1, 1), {2}}};
  EXPECT_NE(testing::message_of([&] { score(model, longer, {}); }).find("the model takes at most " + std::to_string(limit + 1)), std::string::npos);
  EXPECT_EQ(score(model, longer, {.truncate_left = true})[0].tokens, 1);
  EXPECT_NE(testing::message_of([&] { score(model, std::vector<ScoreRequest>{{{}, {1}}}, {}); }).find("context has no token"), std::string::npos);
  EXPECT_NE(testing::message_of([&] { score(model, std::vector<ScoreRequest>{{{1}, {}}}, {}); }).find("nothing to score"), std::string::npos);
}

}  // namespace
}  // namespace temper::inference
