// The model plugin gpt2: the contract, and what is particular to it.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>
#include <temper/torch/headed_model.h>

#include "support/message_of.h"

namespace temper {
namespace {

Value small_config() {
  Value config = Value::Table();
  for (const auto& [key, value] : {std::pair<const char*, int>{"vocab_size", 40}, {"n_positions", 16}, {"n_embd", 24}, {"n_layer", 2}, {"n_head", 3}, {"pad_token_id", 39}})
    config.set(key, value);
  return config;
}

std::unique_ptr<Model> make(const Value& config) { return testing::make_model("gpt2", config); }

TEST(Gpt2, KeepsTheModelContract) { testing::check_model("gpt2", small_config()); }

TEST(Gpt2, StartsResidualProjectionsSmaller) {
  const auto model = make(small_config());
  // 1 / sqrt(2 * 2 layers) of the others.
  EXPECT_DOUBLE_EQ(model->parameters().find("transformer.h.0.mlp.c_proj.weight")->init_std, 0.01);
  EXPECT_DOUBLE_EQ(model->parameters().find("transformer.h.1.attn.c_proj.weight")->init_std, 0.01);
  EXPECT_DOUBLE_EQ(model->parameters().find("transformer.h.0.mlp.c_fc.weight")->init_std, 0.02);
}

TEST(Gpt2, KnowsPublishedNames) {
  const auto model = make(small_config());
  EXPECT_EQ(model->own_name("h.0.attn.c_attn.bias"), "transformer.h.0.attn.c_attn.bias");
  EXPECT_EQ(model->own_name("h.0.attn.bias"), "");
  EXPECT_EQ(model->own_name("transformer.h.1.attn.masked_bias"), "");
  EXPECT_EQ(model->own_name("score.weight"), "score.weight");
}

TEST(Gpt2, NamesEverythingThatItCannotDo) {
  Value config = small_config();
  config.set("n_head", 5);
  config.set("activation_function", "prelu");
  config.set("add_cross_attention", true);
  const std::string message = testing::message_of([&] { make(config); });
  EXPECT_NE(message.find("n_embd is 24, which is not a multiple of n_head, 5"), std::string::npos) << message;
  EXPECT_NE(message.find("\"prelu\""), std::string::npos) << message;
  EXPECT_NE(message.find("add_cross_attention"), std::string::npos) << message;
}

TEST(Gpt2, TakesNullsAsDefaultsAndIgnoresForeignKeys) {
  Value config = small_config();
  config.set("n_inner", Value());
  config.set("summary_type", "cls_index");
  EXPECT_EQ(make(config)->parameters().find("transformer.h.0.mlp.c_fc.weight")->tensor.size(1), 96);
}

TEST(Gpt2, DoesNotTakeAValueOfAnotherType) {
  Value config = small_config();
  config.set("n_layer", "two");
  EXPECT_NE(testing::message_of([&] { make(config); }).find("n_layer"), std::string::npos);
}

TEST(Gpt2, HasAnUntiedHeadWhereTheConfigSaysSo) {
  Value config = small_config();
  config.set("tie_word_embeddings", false);
  auto model = make(config);
  const HeadSpec head = model->heads().at(1);
  ASSERT_EQ(head.kind, HeadKind::kLanguageModeling);
  HeadedModel headed(std::move(model), head, 0);
  ASSERT_TRUE(headed.parameters().find("lm_head.weight"));
  EXPECT_EQ(headed.parameters().find("lm_head.weight")->tensor.size(0), 40);
}

TEST(Gpt2, DividesScoresByTheBlocksNumberWhereTheConfigSaysSo) {
  Value config = small_config();
  const auto run = [&] {
    const auto model = make(config);
    initialize(model->parameters(), 1);
    for (Parameter& parameter : model->parameters().all()) parameter.tensor.requires_grad_(false).mul_(3);
    Batch batch;
    batch.ids = {1, 2, 3};
    batch.positions = {0, 1, 2};
    batch.segments = {0, 0, 0};
    batch.starts = {0, 3};
    batch.items = {1};
    const PackedInput input(batch, at::kCPU);
    ForwardContext context;
    context.input = &input;
    const Tensor x = model->embed(context);
    return std::pair(model->layer(0, x, context), model->layer(1, x, context));
  };
  const auto plain = run();
  config.set("scale_attn_by_inverse_layer_idx", true);
  const auto scaled = run();
  EXPECT_TRUE(at::equal(plain.first, scaled.first));  // the first block is divided by 1
  EXPECT_FALSE(at::equal(plain.second, scaled.second));
}

}  // namespace
}  // namespace temper
