// Generation with a cache is generation from the whole text, however prompts share batches.
#include "inference/generate.h"

#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/small_model.h"

namespace temper::inference {
namespace {

using testing::small_language_model;

const std::vector<GenerateRequest> kRequests = {{{1, 2, 3}, 1}, {{4}, 2}, {{5, 6, 7, 8, 9, 10, 11}, 3}, {{4}, 4}, {{12, 13}, 5}};
// All begin with the same nine tokens.
const std::vector<GenerateRequest> kAlike = {{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1}, {{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12}, 2}, {{1, 2, 3, 4, 5, 6, 7, 8, 9, 3}, 3}};

GenerateOptions with(std::int64_t rows, bool plain = false, std::int64_t max_new_tokens = 6) {
  GenerateOptions options;
  options.generation.max_new_tokens = max_new_tokens;
  options.rows = rows;
  options.plain = plain;
  return options;
}

std::vector<std::vector<std::int32_t>> tokens_of(const std::vector<GenerateResult>& results) {
  std::vector<std::vector<std::int32_t>> tokens;
  for (const GenerateResult& result : results) tokens.push_back(result.tokens);
  return tokens;
}

TEST(Generate, GivesTheSameWithAndWithoutACacheAndInAnyCompany) {
  HeadedModel model = small_language_model();
  for (const bool sample : {false, true}) {
    for (const auto& requests : {kRequests, kAlike}) {
      GenerateOptions plain = with(1, true);
      plain.generation.do_sample = sample;
      plain.seed = 9;
      const auto expected = generate(model, requests, plain);
      for (const std::int64_t rows : {1, 2, 64}) {
        GenerateOptions options = with(rows);
        options.generation.do_sample = sample;
        options.seed = 9;
        const auto results = generate(model, requests, options);
        EXPECT_EQ(tokens_of(results), tokens_of(expected)) << rows;
        for (std::size_t i = 0; i < results.size(); ++i) EXPECT_NEAR(results[i].logprob, expected[i].logprob, 1e-4) << i;
      }
    }
  }
}

TEST(Generate, DrawsByTheItemAndTheSeed) {
  HeadedModel model = small_language_model();
  GenerateOptions options = with(8);
  options.generation.do_sample = true;
  const auto first = tokens_of(generate(model, kRequests, options));
  EXPECT_NE(first[1], first[3]);  // the same prompt, another item
  EXPECT_EQ(tokens_of(generate(model, kRequests, options)), first);
  options.seed = 1;
  EXPECT_NE(tokens_of(generate(model, kRequests, options)), first);
}

TEST(Generate, ReadsEachTokenOnceAndSharedBeginningsOnce) {
  HeadedModel model = small_language_model();
  GenerateWork work;
  GenerateOptions options = with(8, false, 3);
  options.work = &work;
  generate(model, kRequests, options);
  EXPECT_EQ(work.tokens, 3 + 1 + 7 + 1 + 2 + 5 * 2);  // the prompts, and two of each answer's three tokens
  EXPECT_EQ(work.passes, 3);
  work = {};
  generate(model, kAlike, options);
  EXPECT_EQ(work.tokens, 9 + (1 + 2 + 1) + 3 * 2);
}

TEST(Generate, EndsAtStopTokensAtTheLimitAndWhereTheTextEnds) {
  HeadedModel model = small_language_model();
  const auto free = generate(model, kRequests, with(8));
  GenerateOptions options = with(8);
  options.stop_tokens = {free[0].tokens[2]};
  const auto stopped = generate(model, kRequests, options)[0];
  EXPECT_EQ(stopped.finish, Finish::kStopToken);
  EXPECT_LE(stopped.tokens.size(), 2u);
  EXPECT_EQ(free[0].finish, Finish::kLength);
  options = with(8);
  options.text_ends = [](std::size_t request, std::span<const std::int32_t> tokens) { return request == 1 && tokens.size() == 2; };
  const auto ended = generate(model, kRequests, options);
  EXPECT_EQ(ended[1].finish, Finish::kStopString);
  EXPECT_EQ(ended[1].tokens.size(), 2u);
  EXPECT_EQ(ended[0].tokens.size(), 6u);
  const auto full = generate(model, kRequests, with(8, false, 100));
  EXPECT_EQ(full[2].finish, Finish::kContext);
  EXPECT_EQ(full[2].tokens.size() + 7, 16u);  // the model's positions
}

TEST(Generate, TellsOfEachRequestOnceWhenItEnds) {
  HeadedModel model = small_language_model();
  std::vector<std::size_t> done;
  GenerateOptions options = with(2);
  options.on_done = [&](std::size_t request, const GenerateResult&) { done.push_back(request); };
  generate(model, kRequests, options);
  std::sort(done.begin(), done.end());
  EXPECT_EQ(done, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(Generate, RefusesPromptsThatAreEmptyOrFillTheContext) {
  HeadedModel model = small_language_model();
  EXPECT_NE(testing::message_of([&] { generate(model, std::vector<GenerateRequest>{{{}, 0}}, with(1)); }).find("has no token"), std::string::npos);
  const std::string message = testing::message_of([&] { generate(model, std::vector<GenerateRequest>{{std::vector<std::int32_t>(16, 1), 0}}, with(1)); });
  EXPECT_NE(message.find("has 16 tokens, the model reads at most 16"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper::inference
