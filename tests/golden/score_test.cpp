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
  for (const std::int64_t batch_size : {1, 3, 64}) {
    for (const bool plain : {false, true}) {
      const auto results = inference::score(loaded.model, requests, {.batch_size = batch_size, .truncate_left = true, .plain = plain});
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

}  // namespace
}  // namespace temper
