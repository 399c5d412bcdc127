// Sentence embeddings are those of sentence-transformers (golden folder minilm-sts), with the real weights of all-MiniLM-L6-v2.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <temper/torch/text_encoder.h>

#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/golden.h"

namespace temper {
namespace {

TEST(MiniLmGolden, GivesTheEmbeddingsOfSentenceTransformers) {
  const auto golden = testing::open_golden("minilm-sts");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  const std::filesystem::path folder = std::filesystem::path(TEMPER_SOURCE_DIRECTORY) / "models/minilm";
  if (!std::filesystem::exists(folder / "model.safetensors")) GTEST_SKIP() << folder << " is absent: run scripts/get_minilm";
  std::vector<std::string> sentences;
  for (const Value& sentence : golden->notes().find("sentences")->as_array()) sentences.push_back(sentence.as_string());
  const std::vector<std::string_view> texts(sentences.begin(), sentences.end());
  const at::Tensor expected = golden->tensor("embeddings");
  for (const std::int64_t batch_tokens : {1, 64, 4096}) {
    const Embeddings vectors = TextEncoder(folder, {.pooling = {}, .batch_tokens = batch_tokens}).encode(texts);
    ASSERT_EQ(vectors.rows, expected.size(0));
    ASSERT_EQ(vectors.width, expected.size(1));
    const at::Tensor found = at::from_blob(const_cast<float*>(vectors.values.data()), {vectors.rows, vectors.width}, at::kFloat);
    // Two implementations agree to 2e-6; a text that is cut, or a token that is missed, moves a vector by more than 1e-3.
    EXPECT_LT((found - expected).abs().max().item<float>(), 1e-5f) << batch_tokens << " tokens at once";
  }
}

TEST(MiniLmGolden, GivesTheLogitsAndGradientsOfAClassifierOnTop) {
  const auto golden = testing::open_golden("minilm-sts");
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  const std::filesystem::path folder = std::filesystem::path(TEMPER_SOURCE_DIRECTORY) / "models/minilm";
  if (!std::filesystem::exists(folder / "model.safetensors")) GTEST_SKIP() << folder << " is absent: run scripts/get_minilm";
  nn::LoadedModel loaded = nn::load_model(registry::installed(), folder, {.head = HeadKind::kSequenceClassification, .labels = {"a", "b", "c"}, .seed = 0});
  ParameterTable& table = loaded.model.parameters();
  for (const std::string name : {"classifier.weight", "classifier.bias"}) {
    const at::NoGradGuard no_grad;
    table.find(name)->tensor.copy_(golden->tensor(name));
  }
  const Batch batch = testing::packed(golden->tensor("classifier.input_ids"), golden->tensor("classifier.attention_mask"));
  const PackedInput input(batch, at::kCPU);
  ForwardContext context;
  context.input = &input;
  const at::Tensor logits = loaded.model.logits(loaded.model.states(context, loaded.model.pooled_tokens(input)), context);
  EXPECT_LT((logits - golden->tensor("classifier.logits")).abs().max().item<float>(), 1e-4f);
  const at::Tensor loss = at::cross_entropy_loss(logits, golden->tensor("classifier.labels"));
  EXPECT_NEAR(loss.item<float>(), golden->tensor("classifier.loss").item<float>(), 1e-5f);
  loss.backward();
  for (const std::string& stored : golden->names_that_begin("classifier.grad.")) {
    const Parameter* parameter = table.find(stored.substr(std::string("classifier.grad.").size()));
    ASSERT_NE(parameter, nullptr) << stored;
    const at::Tensor expected = golden->tensor(stored);
    EXPECT_LT((parameter->tensor.grad() - expected).abs().max().item<float>(), 1e-4f * std::max(1.0f, expected.abs().max().item<float>())) << stored;
  }
}

}  // namespace
}  // namespace temper
