// Scores are log-likelihoods: they add up, and hang on no batch.
#include "inference/score.h"

#include <cmath>

#include <gtest/gtest.h>

#include "inference/prefix_tree.h"
#include "support/message_of.h"
#include "support/small_model.h"

namespace temper::inference {
namespace {

using testing::small_language_model;

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

// Three items behind a common beginning of 9 tokens, each with continuations of one, one and three tokens.
std::vector<ScoreRequest> prompts_with_choices() {
  std::vector<ScoreRequest> requests;
  for (std::int32_t item = 0; item < 3; ++item) {
    Tokens context = {3, 1, 4, 1, 5, 9, 2, 6, 5};
    for (std::int32_t t = 0; t <= item; ++t) context.push_back(10 + item + t);
    for (const Tokens& continuation : {Tokens{7}, Tokens{8}, Tokens{7, 3, 2}}) requests.push_back({context, continuation});
  }
  return requests;
}

TEST(Score, WithSharedBeginningsIsWhatItIsWithout) {
  HeadedModel model = small_language_model();
  const auto requests = prompts_with_choices();
  const auto alone = score(model, requests, {.share = false}), plain = score(model, requests, {.plain = true});
  for (const std::int64_t batch_size : {1, 2, 64}) {
    for (const std::int64_t batch_tokens : {1, 12, 2048}) {
      ScoreWork work;
      const auto shared = score(model, requests, {.batch_size = batch_size, .batch_tokens = batch_tokens}, &work);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_NEAR(shared[i].logprob, alone[i].logprob, 1e-5) << i;
        EXPECT_NEAR(shared[i].logprob, plain[i].logprob, 1e-5) << i;
        EXPECT_EQ(shared[i].is_greedy, alone[i].is_greedy) << i;
        EXPECT_EQ(shared[i].tokens, alone[i].tokens) << i;
      }
    }
  }
  const auto half = score(model, requests, {.bf16 = true}), half_alone = score(model, requests, {.share = false, .bf16 = true});
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_NEAR(half[i].logprob, half_alone[i].logprob, 0.05) << i;
}

TEST(Score, ComputesSharedTokensOnceAndReadsNoLogitsTwice) {
  HeadedModel model = small_language_model();
  ScoreWork shared, alone;
  score(model, prompts_with_choices(), {}, &shared);
  score(model, prompts_with_choices(), {.share = false}, &alone);
  const std::int64_t contexts = 3 * 9 + 1 + 2 + 3;
  EXPECT_EQ(alone.tokens, 3 * contexts + 3 * 2);
  EXPECT_EQ(alone.requested_tokens, alone.tokens);
  EXPECT_EQ(shared.requested_tokens, alone.tokens);
  // The beginning once; of each item its own tokens with the first continuations' last state, and again with the two more tokens that the
  // long continuation reads: too few to be worth a pass of their own.
  EXPECT_EQ(shared.tokens, 9 + 2 * (1 + 2 + 3) + 3 * 2);
  EXPECT_EQ(shared.passes, 3);
  EXPECT_EQ(shared.rows, 3 * (1 + 3));
  EXPECT_EQ(alone.rows, 3 * (1 + 1 + 3));
}

TEST(Score, OfATextIsTheSumOfItsWindows) {
  const Tokens text = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto windows = rolling_windows(text, 0, 4);
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].context, Tokens({0}));
  EXPECT_EQ(windows[0].continuation, Tokens({1, 2, 3, 4}));
  EXPECT_EQ(windows[1].context, Tokens({4}));
  EXPECT_EQ(windows[1].continuation, Tokens({5, 6, 7, 8}));
  EXPECT_EQ(windows[2].context, Tokens({6, 7, 8}));
  EXPECT_EQ(windows[2].continuation, Tokens({9, 10}));
  EXPECT_TRUE(rolling_windows({}, 0, 4).empty());
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
