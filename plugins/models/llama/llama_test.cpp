// The model plugin llama: the contract for each family, and what config.json makes of them.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/testing/model.h>
#include <temper/torch/headed_model.h>

#include "support/decoder_config.h"
#include "support/message_of.h"
#include "support/random_batch.h"

namespace temper {
namespace {

using testing::decoder_config;

std::unique_ptr<Model> make(const std::string& more) { return testing::make_model("llama", decoder_config(more)); }

TEST(Llama, KeepsTheModelContract) { testing::check_model("llama", decoder_config(R"({"num_key_value_heads": 2, "attention_bias": true, "mlp_bias": true})")); }
TEST(Llama, KeepsTheModelContractAsMistral) { testing::check_model("llama", decoder_config(R"({"model_type": "mistral", "num_key_value_heads": 1, "sliding_window": 3})")); }
TEST(Llama, KeepsTheModelContractAsQwen2) {
  testing::check_model("llama", decoder_config(R"({"model_type": "qwen2", "tie_word_embeddings": true, "use_sliding_window": true, "sliding_window": 2, "max_window_layers": 1})"));
}
TEST(Llama, KeepsTheModelContractAsQwen3WithDropout) {
  testing::check_model("llama", decoder_config(R"({"model_type": "qwen3", "head_dim": 10, "num_key_value_heads": 2, "attention_dropout": 0.2})"));
}

TEST(Llama, HasTheBiasesAndNormsOfTheFamily) {
  const auto has = [](const std::string& more, const char* name) { return make(more)->parameters().find(name) != nullptr; };
  EXPECT_FALSE(has("{}", "model.layers.0.self_attn.q_proj.bias"));
  EXPECT_TRUE(has(R"({"attention_bias": true})", "model.layers.0.self_attn.o_proj.bias"));
  EXPECT_TRUE(has(R"({"model_type": "qwen2"})", "model.layers.1.self_attn.v_proj.bias"));
  EXPECT_FALSE(has(R"({"model_type": "qwen2"})", "model.layers.1.self_attn.o_proj.bias"));
  EXPECT_FALSE(has(R"({"model_type": "mistral", "attention_bias": true})", "model.layers.0.self_attn.q_proj.bias"));
  EXPECT_TRUE(has(R"({"model_type": "qwen3"})", "model.layers.0.self_attn.k_norm.weight"));
  EXPECT_EQ(make(R"({"model_type": "qwen3"})")->parameters().find("model.layers.0.self_attn.k_norm.weight")->tensor.size(0), 128);
}

TEST(Llama, NamesHeadsAsTransformersDoes) {
  for (const auto& [type, family] : {std::pair<std::string, std::string>{"llama", "Llama"}, {"mistral", "Mistral"}, {"qwen2", "Qwen2"}, {"qwen3", "Qwen3"}}) {
    const std::vector<HeadSpec> heads = make("{\"model_type\": \"" + type + "\"}")->heads();
    ASSERT_EQ(heads.size(), 4u);
    EXPECT_EQ(heads[0].architecture, family + "ForSequenceClassification");
    EXPECT_EQ(heads[1].architecture, family + "ForCausalLM");
    EXPECT_EQ(heads[3].prefix_in_files.second, type == "llama" ? "transformer." : "");
  }
}

TEST(Llama, KnowsPublishedNames) {
  const auto model = make("{}");
  EXPECT_EQ(model->own_name("layers.0.mlp.up_proj.weight"), "model.layers.0.mlp.up_proj.weight");
  EXPECT_EQ(model->own_name("transformer.norm.weight"), "model.norm.weight");
  EXPECT_EQ(model->own_name("model.layers.0.self_attn.rotary_emb.inv_freq"), "");
  EXPECT_EQ(model->own_name("lm_head.weight"), "lm_head.weight");
}

// States after the first block of 9 tokens, all positions.
Tensor first_states(const std::string& more) {
  const auto model = make(more);
  initialize(model->parameters(), 1);
  const c10::NoGradGuard no_grad;
  for (Parameter& parameter : model->parameters().all()) {
    if (parameter.init == Init::kNormal) parameter.tensor.mul_(10);
  }
  const PackedInput input(testing::random_batch({9}), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.layer = 0;
  return model->layer(0, model->embed(context), context);
}

TEST(Llama, WindowsBegin) {
  const auto differ_from = [](const Tensor& a, const Tensor& b) { return (a - b).abs().amax(1).gt(1e-6).nonzero(); };
  const Tensor all = first_states(R"({"model_type": "mistral"})"), window = first_states(R"({"model_type": "mistral", "sliding_window": 4})");
  ASSERT_EQ(differ_from(all, window).size(0), 5);  // tokens 4 to 8 no longer see the first ones
  EXPECT_EQ(differ_from(all, window)[0].item<std::int64_t>(), 4);
  EXPECT_TRUE(at::equal(first_states(R"({"sliding_window": 4})"), first_states("{}"))) << "llama has no window";
  const std::string qwen = R"("model_type": "qwen2", "sliding_window": 4)";
  const Tensor full = first_states("{" + qwen + "}");
  EXPECT_TRUE(at::equal(first_states("{" + qwen + R"(, "use_sliding_window": true, "max_window_layers": 1})"), full)) << "the first block has none";
  EXPECT_FALSE(at::equal(first_states("{" + qwen + R"(, "use_sliding_window": true, "max_window_layers": 0})"), full));
  EXPECT_FALSE(at::equal(first_states("{" + qwen + R"(, "use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention"]})"), full));
}

TEST(Llama, NamesEverythingThatItCannotDo) {
  const std::string message = testing::message_of([] {
    make(R"({"model_type": "qwen2", "num_attention_heads": 5, "num_key_value_heads": 2, "hidden_act": "prelu", "layer_types": ["sliding_attention"],
             "rope_scaling": {"type": "spiral", "factor": 2}})");
  });
  for (const char* part : {"hidden_size is 24, which is not a multiple of num_attention_heads, 5", "not a multiple of num_key_value_heads, 2", "\"prelu\"",
                           "layer_types names 1 blocks", "use_sliding_window is false", "there is no rope_type \"spiral\""}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << "\n" << message;
  }
}

TEST(Llama, RunsLongerThanTrainedWherePositionsAreStretchedAtRunTime) {
  EXPECT_EQ(make("{}")->shape().max_positions, 16);
  EXPECT_EQ(make(R"({"rope_scaling": {"type": "linear", "factor": 4}})")->shape().max_positions, 16);
  EXPECT_EQ(make(R"({"rope_scaling": {"type": "dynamic", "factor": 4}})")->shape().max_positions, 64);
  EXPECT_EQ(make(R"({"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 16}})")->shape().max_positions, 64);
}

}  // namespace
}  // namespace temper
