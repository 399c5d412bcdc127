// The model plugin gpt_neox: the contract, and what is particular to it.
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>

#include "support/decoder_config.h"
#include "support/message_of.h"

namespace temper {
namespace {

TEST(GptNeox, KeepsTheModelContract) { testing::check_model("gpt_neox", testing::decoder_config(R"({"hidden_size": 32, "hidden_dropout": 0.1})")); }
TEST(GptNeox, KeepsTheModelContractWithOneAfterTheOther) {
  testing::check_model("gpt_neox", testing::decoder_config(R"({"use_parallel_residual": false, "rotary_pct": 1.0, "attention_bias": false})"));
}

TEST(GptNeox, KnowsNewAndPublishedNames) {
  const auto model = testing::make_model("gpt_neox", testing::decoder_config(R"({"hidden_size": 32})"));
  EXPECT_EQ(model->own_name("lm_head.weight"), "embed_out.weight");
  EXPECT_EQ(model->own_name("gpt_neox.layers.0.attention.bias"), "");
  EXPECT_EQ(model->own_name("gpt_neox.layers.0.attention.dense.bias"), "gpt_neox.layers.0.attention.dense.bias");
  EXPECT_EQ(model->own_name("layers.1.mlp.dense_h_to_4h.bias"), "gpt_neox.layers.1.mlp.dense_h_to_4h.bias");
}

}  // namespace
}  // namespace temper
