// The model plugin bert: the contract, and what is particular to it.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>

#include "support/message_of.h"

namespace temper {
namespace {

Value small_config() {
  Value config = Value::Table();
  for (const auto& [key, value] : {std::pair<const char*, int>{"vocab_size", 40}, {"max_position_embeddings", 16}, {"hidden_size", 24}, {"num_hidden_layers", 2},
                                   {"num_attention_heads", 3}, {"intermediate_size", 48}})
    config.set(key, value);
  return config;
}

std::unique_ptr<Model> make(const Value& config) { return testing::make_model("bert", config); }

Batch batch_of(std::vector<std::int32_t> ids, std::vector<std::int32_t> segments) {
  Batch batch;
  batch.append(ids, segments, 1);
  return batch;
}

Tensor first_states(Model& model, const Batch& batch) {
  const PackedInput input(batch, at::kCPU);
  ForwardContext context;
  context.input = &input;
  return model.layer(0, model.embed(context), context);
}

TEST(Bert, KeepsTheModelContract) { testing::check_model("bert", small_config()); }

TEST(Bert, ReadsInBothDirections) {
  const auto model = make(small_config());
  initialize(model->parameters(), 1);
  const Tensor one = first_states(*model, batch_of({2, 5, 6}, {})), other = first_states(*model, batch_of({2, 5, 7}, {}));
  EXPECT_FALSE(at::equal(one[0], other[0]));
}

TEST(Bert, TellsSegmentsApart) {
  const auto model = make(small_config());
  initialize(model->parameters(), 1);
  EXPECT_FALSE(at::equal(first_states(*model, batch_of({2, 5, 6}, {0, 0, 0})), first_states(*model, batch_of({2, 5, 6}, {0, 0, 1}))));
}

TEST(Bert, RejectsASegmentThatItDoesNotHave) {
  const auto model = make(small_config());
  EXPECT_EQ(testing::message_of([&] { first_states(*model, batch_of({2, 5}, {0, 2})); }), "token type 2 is outside the model's 2");
}

TEST(Bert, StartsThePaddingRowAtZeroAndNeverTrainsIt) {
  const auto model = make(small_config());
  initialize(model->parameters(), 1);
  Parameter& words = *model->parameters().find("bert.embeddings.word_embeddings.weight");
  EXPECT_EQ(words.tensor[0].abs().sum().item<float>(), 0);
  first_states(*model, batch_of({0, 5, 0}, {})).square().sum().backward();
  EXPECT_EQ(words.tensor.grad()[0].abs().sum().item<float>(), 0);
  EXPECT_GT(words.tensor.grad()[5].abs().sum().item<float>(), 0);
}

TEST(Bert, KnowsPublishedNames) {
  const auto model = make(small_config());
  EXPECT_EQ(model->own_name("embeddings.LayerNorm.gamma"), "bert.embeddings.LayerNorm.weight");
  EXPECT_EQ(model->own_name("bert.encoder.layer.1.output.LayerNorm.beta"), "bert.encoder.layer.1.output.LayerNorm.bias");
  EXPECT_EQ(model->own_name("embeddings.position_ids"), "");
  EXPECT_EQ(model->own_name("cls.seq_relationship.weight"), "");
  EXPECT_EQ(model->own_name("pooler.dense.weight"), "bert.pooler.dense.weight");
}

TEST(Bert, NamesEverythingThatItCannotDo) {
  Value config = small_config();
  config.set("position_embedding_type", "relative_key");
  config.set("is_decoder", true);
  const std::string message = testing::message_of([&] { make(config); });
  EXPECT_NE(message.find("position_embedding_type is \"relative_key\""), std::string::npos) << message;
  EXPECT_NE(message.find("is_decoder"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper
