// Sentence encoders: packed batches give what single texts give, poolings, limits, and the files beside a model.
#include <temper/torch/text_encoder.h>

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/embed.h"
#include "inference/encoder_folder.h"
#include "support/message_of.h"
#include "support/small_encoder.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

namespace temper {
namespace {

using ::testing::HasSubstr;

float largest_difference(std::span<const float> a, std::span<const float> b) {
  float largest = a.size() == b.size() ? 0.0f : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// The mean, or one row, of the states that the model itself gives.
TEST(Embed, PoolsTheFinalStates) {
  HeadedModel model = testing::tiny_classifier(0);
  const std::vector<Example> examples = testing::tiny_examples(9);
  for (const auto pooling : {EmbeddingPooling::kMean, EmbeddingPooling::kFirst, EmbeddingPooling::kLast}) {
    const Embeddings vectors = inference::embed(model, examples, {.embedding = {pooling, false}, .batch_tokens = 12});
    ASSERT_EQ(vectors.rows, 9);
    for (std::int64_t i = 0; i < vectors.rows; ++i) {
      Batch batch;
      batch.append(examples[static_cast<std::size_t>(i)].ids, {}, 0);
      const PackedInput input(batch, at::kCPU);
      ForwardContext context;
      context.input = &input;
      const at::NoGradGuard no_grad;
      const Tensor states = model.states(context, at::arange(input.tokens(), at::kLong));
      const Tensor expected = pooling == EmbeddingPooling::kMean ? states.mean(0) : states[pooling == EmbeddingPooling::kFirst ? 0 : -1];
      EXPECT_LT(largest_difference(vectors.row(i), {expected.contiguous().const_data_ptr<float>(), static_cast<std::size_t>(vectors.width)}), 1e-5f) << i;
    }
  }
}
TEST(Embed, ScalesToLengthOneAndKeepsNothingAtZero) {
  HeadedModel model = testing::tiny_classifier(0);
  std::vector<Example> examples = testing::tiny_examples(3);
  examples[1].ids.clear();
  const Embeddings vectors = inference::embed(model, examples, {});
  for (std::int64_t i = 0; i < 3; ++i) {
    double squares = 0;
    for (const float value : vectors.row(i)) squares += static_cast<double>(value) * value;
    EXPECT_NEAR(squares, i == 1 ? 0 : 1, 1e-5);
  }
  EXPECT_EQ(inference::embed(model, {}, {}).rows, 0);
}

class SmallEncoder : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  std::filesystem::path encoder_ = testing::write_small_encoder(folder_ / "encoder");
};

TEST_F(SmallEncoder, GivesEachTextItsOwnVectorWhateverStandsBeside) {
  const std::vector<std::string_view> texts = {"rain on the river", "moon", "", "a long text about rain, rivers and the old moon.", "moon", "\xFF\xFE"};
  const Embeddings together = TextEncoder(encoder_, {}).encode(texts), narrow = TextEncoder(encoder_, {.pooling = {}, .batch_tokens = 1}).encode(texts);
  ASSERT_EQ(together.rows, 6);
  EXPECT_EQ(together.width, 24);
  EXPECT_LT(largest_difference(together.values, narrow.values), 1e-5f);
  EXPECT_GT(largest_difference(together.row(0), together.row(1)), 1e-2f);
  EXPECT_LT(largest_difference(together.row(1), together.row(4)), 1e-6f);
}
TEST_F(SmallEncoder, IsNearItselfInBfloat16) {
  const std::vector<std::string_view> texts = {"rain on the river", "moon"};
  const Embeddings exact = TextEncoder(encoder_, {}).encode(texts), rough = TextEncoder(encoder_, {.pooling = {}, .bf16 = true}).encode(texts);
  EXPECT_LT(largest_difference(exact.values, rough.values), 0.05f);
  EXPECT_GT(largest_difference(exact.values, rough.values), 0.0f);
}
TEST_F(SmallEncoder, CutsAtTheLimitThatIsGivenOrStored) {
  const std::vector<std::string_view> whole = {"rain and more"}, cut = {"rain"};  // a letter is a token, beside [CLS] and [SEP]
  EXPECT_LT(largest_difference(TextEncoder(encoder_, {.pooling = {}, .max_length = 6}).encode(whole).values, TextEncoder(encoder_, {}).encode(cut).values), 1e-6f);
  folder_.write("encoder/sentence_bert_config.json", "{\"max_seq_length\": 6}");
  EXPECT_LT(largest_difference(TextEncoder(encoder_, {}).encode(whole).values, TextEncoder(encoder_, {}).encode(cut).values), 1e-6f);
  EXPECT_GT(largest_difference(TextEncoder(encoder_, {.pooling = {}, .max_length = 64}).encode(whole).values, TextEncoder(encoder_, {}).encode(cut).values), 1e-3f);
}
TEST_F(SmallEncoder, PoolsAsTheFolderSays) {
  const std::vector<std::string_view> texts = {"rain on the river"};
  const auto mean = TextEncoder(encoder_, {}).encode(texts).values, first = TextEncoder(encoder_, {.pooling = EmbeddingPooling::kFirst}).encode(texts).values;
  EXPECT_GT(largest_difference(mean, first), 1e-3f);
  folder_.write("encoder/modules.json", "[{\"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"}, {\"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"}]");
  EXPECT_EQ(TextEncoder(encoder_, {}).encode(texts).values, mean) << "the pooling's own folder is absent";
  std::filesystem::create_directory(encoder_ / "1_Pooling");
  folder_.write("encoder/1_Pooling/config.json", "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
  EXPECT_EQ(TextEncoder(encoder_, {}).encode(texts).values, first);
  EXPECT_EQ(TextEncoder(encoder_, {.pooling = EmbeddingPooling::kMean}).encode(texts).values, mean);
  folder_.write("encoder/1_Pooling/config.json", "{\"pooling_mode\": \"lasttoken\"}");
  EXPECT_EQ(inference::read_encoder_folder(encoder_).pooling, EmbeddingPooling::kLast);
  folder_.write("encoder/1_Pooling/config.json", "{\"pooling_mode_max_tokens\": true}");
  EXPECT_THAT(testing::message_of([&] { TextEncoder(encoder_, {}); }), HasSubstr("1_Pooling/config.json: asks for a pooling that is not one of"));
  folder_.write("encoder/modules.json", "{}");
  EXPECT_THAT(testing::message_of([&] { TextEncoder(encoder_, {}); }), HasSubstr("modules.json: is a table, expected an array of modules"));
}

}  // namespace
}  // namespace temper
