// Llama and its kin give the same numbers as in transformers: hidden states, logits, losses, gradients, greedy tokens; whatever the
// config's version, the files' type and their number.
#include <algorithm>

#include <c10/core/GradMode.h>

#include "support/golden_model.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using namespace testing;

class DecoderGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(DecoderGolden, HiddenStatesLogitsLossAndGradients) { expect_reference(GetParam(), HeadKind::kLanguageModeling); }

TEST_P(DecoderGolden, PlainTwinsGiveTheSame) {
  OPEN_GOLDEN(golden, GetParam());
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  ForwardContext context = context_for(input);
  context.plain = true;
  const at::Tensor logits = loaded.model.logits(loaded.model.states(context, every_token(input)), context);
  EXPECT_TRUE(close(logits, unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
  const Scored rows = scored(golden, true);
  const at::Tensor loss = at::cross_entropy_loss(loaded.model.logits(loaded.model.states(context, rows.read), context), rows.labels);
  expect_gradients(loaded.model, loss, golden);
}

TEST_P(DecoderGolden, ReadsTheConfigOfTransformers4) {
  OPEN_GOLDEN(golden, GetParam());
  const TemporaryFolder folder;
  std::filesystem::copy_file(golden.folder() / "config.legacy.json", folder.path() / "config.json");
  std::filesystem::copy_file(golden.folder() / "model.safetensors", folder.path() / "model.safetensors");
  nn::LoadedModel loaded = load(folder.path(), HeadKind::kLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
}

// The most probable token `count` times, without kept keys: the whole text is run for each.
std::vector<std::int64_t> greedy(HeadedModel& model, std::vector<std::int64_t> ids, std::size_t count) {
  const c10::NoGradGuard no_grad;
  const std::size_t prompt = ids.size();
  while (ids.size() < prompt + count) {
    const at::Tensor row = at::tensor(ids).unsqueeze(0);
    const PackedInput input(packed(row, at::ones_like(row)), at::kCPU);
    ids.push_back(logits_of(model, input, at::tensor({static_cast<std::int64_t>(ids.size()) - 1})).argmax().item<std::int64_t>());
  }
  return {ids.begin() + static_cast<std::ptrdiff_t>(prompt), ids.end()};
}

TEST_P(DecoderGolden, GreedyTokens) {
  OPEN_GOLDEN(golden, GetParam());
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  for (const std::string prompt : {"0", "1"}) {
    const std::vector<std::int64_t> expected = golden.integers("generate.output_" + prompt);
    EXPECT_EQ(greedy(loaded.model, golden.integers("generate.prompt_" + prompt), expected.size()), expected) << "prompt " << prompt;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, DecoderGolden, ::testing::Values("llama-causal", "llama3-rope", "mistral", "qwen2", "qwen3"), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

class ShardsGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(ShardsGolden, Logits) {
  OPEN_GOLDEN(golden, GetParam());
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  const PackedInput input(batch_of(golden), at::kCPU);
  EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
}

INSTANTIATE_TEST_SUITE_P(Types, ShardsGolden, ::testing::Values("llama-sharded", "llama-sharded-bf16", "llama-sharded-f16"), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(StoriesGolden, LogitsLossAndGreedyTokens) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const Golden golden(*shared / "models/stories260K-hf");
  nn::LoadedModel loaded = load(golden.folder(), HeadKind::kLanguageModeling);
  const at::Tensor ids = golden.tensor("input_ids");
  const PackedInput input(packed(ids, at::ones_like(ids)), at::kCPU);
  EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), golden.tensor("logits")[0], 1e-4));

  const std::vector<std::int64_t> story = golden.integers("greedy.ids");
  const at::Tensor whole = at::tensor(story).unsqueeze(0);
  const PackedInput all(packed(whole, at::ones_like(whole)), at::kCPU);
  const auto scored = static_cast<std::int64_t>(story.size()) - 1;
  const at::Tensor logits = logits_of(loaded.model, all, at::arange(scored, at::kLong));
  EXPECT_NEAR(at::cross_entropy_loss(logits, whole[0].narrow(0, 1, scored)).item<double>(), golden.tensor("greedy.loss").item<double>(), kLoss);
  // Each token of the story is the most probable one after those before it, so greedy decoding writes it.
  EXPECT_TRUE(at::equal(logits.argmax(1), whole[0].narrow(0, 1, scored)));
}

TEST(LlamaQuestionAnswering, IsSavedUnderItsOwnPrefixAndReadAgain) {
  OPEN_GOLDEN(golden, "llama-causal");
  nn::LoadRequest request;
  request.head = HeadKind::kQuestionAnswering;
  request.seed = 3;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), golden.folder(), request);
  EXPECT_EQ(loaded.new_parameters, (std::vector<std::string>{"qa_outputs.weight", "qa_outputs.bias"}));
  const TemporaryFolder folder;
  nn::save_model(loaded.model, loaded.config, {}, folder.path());
  const data::SafetensorsFile file(folder.path() / "model.safetensors");
  EXPECT_TRUE(file.find("transformer.layers.1.self_attn.q_proj.weight"));
  EXPECT_FALSE(file.find("model.norm.weight"));
  nn::LoadedModel again = load(folder.path(), HeadKind::kQuestionAnswering);
  const PackedInput input(batch_of(golden), at::kCPU);
  EXPECT_TRUE(same_bits(logits_of(again.model, input, every_token(input)), logits_of(loaded.model, input, every_token(input))));
}

}  // namespace
}  // namespace temper
