// temper's log-likelihoods are those of lm-evaluation-harness (golden folder gpt2-loglikelihood, whose golden.json names its versions).
#include <gtest/gtest.h>

#include "inference/score.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/golden.h"
#include "support/message_of.h"

namespace temper {
namespace {

std::string number(std::size_t i) { return (i < 10 ? "0" : "") + std::to_string(i); }

std::vector<inference::ScoreRequest> golden_pairs(const testing::Golden& golden, std::size_t count) {
  std::vector<inference::ScoreRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const auto context = golden.integers("pair." + number(i) + ".context"), continuation = golden.integers("pair." + number(i) + ".continuation");
    requests.push_back({{context.begin(), context.end()}, {continuation.begin(), continuation.end()}});
  }
  return requests;
}

TEST(ScoreGolden, GivesTheLikelihoodsOfTheHarness) {
  const auto golden = testing::open_golden("gpt2-loglikelihood");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), golden->folder().parent_path() / "gpt2-causal", {.head = HeadKind::kLanguageModeling, .labels = {}, .seed = 0});
  const at::Tensor expected = golden->tensor("loglikelihood");
  const auto is_greedy = golden->integers("is_greedy");
  const auto requests = golden_pairs(*golden, is_greedy.size());
  struct Way {
    bool share, plain;
  };
  for (const std::int64_t batch_size : {1, 3, 64}) {
    for (const Way way : {Way{true, false}, Way{false, false}, Way{false, true}}) {
      const auto results = inference::score(loaded.model, requests, {.batch_size = batch_size, .truncate_left = true, .share = way.share, .plain = way.plain});
      for (std::size_t i = 0; i < requests.size(); ++i) {
        // 1e-4 per continuation token is the golden file's tolerance; float32 noise is a tenth of that.
        EXPECT_NEAR(results[i].logprob, expected[static_cast<std::int64_t>(i)].item<double>(), 1e-5 * static_cast<double>(requests[i].continuation.size())) << "pair " << i;
        EXPECT_EQ(results[i].is_greedy, is_greedy[i] == 1) << "pair " << i;
        EXPECT_EQ(results[i].tokens, static_cast<std::int64_t>(requests[i].continuation.size())) << "pair " << i;
      }
    }
  }
  const std::string refusal = testing::message_of([&] { inference::score(loaded.model, requests, {}); });
  EXPECT_NE(refusal.find("have 154 tokens, the model takes at most 129"), std::string::npos) << refusal;
}

TEST(ScoreGolden, GivesTheLikelihoodsOfWholeTexts) {
  const auto golden = testing::open_golden("gpt2-loglikelihood");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), golden->folder().parent_path() / "gpt2-causal", {.head = HeadKind::kLanguageModeling, .labels = {}, .seed = 0});
  const at::Tensor expected = golden->tensor("rolling.loglikelihood");
  constexpr std::int32_t kEndOfText = 511;
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    const std::string name = "rolling." + std::to_string(i);
    const auto tokens = golden->integers(name + ".tokens"), windows = golden->integers(name + ".windows");  // [windows, 2]
    const std::vector<std::int32_t> text(tokens.begin(), tokens.end());
    const auto requests = inference::rolling_windows(text, kEndOfText, loaded.model.model().shape().max_positions);
    ASSERT_EQ(requests.size() * 2, windows.size()) << name;
    for (std::size_t w = 0; w < requests.size(); ++w) {
      EXPECT_EQ(static_cast<std::int64_t>(requests[w].context.size()), windows[2 * w]) << name;
      EXPECT_EQ(static_cast<std::int64_t>(requests[w].continuation.size()), windows[2 * w + 1]) << name;
    }
    double sum = 0;
    for (const auto& result : inference::score(loaded.model, requests, {})) sum += result.logprob;
    EXPECT_NEAR(sum, expected[i].item<double>(), 1e-5 * static_cast<double>(text.size())) << name;
  }
}

}  // namespace
}  // namespace temper
