// Adapters with products in bfloat16 stay as close to plain float32 as the arithmetic allows: forward, gradients, and some steps.
#include <memory>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/value.h>

#include "nn/checkpoint.h"
#include "nn/lora.h"
#include "registry/registry.h"
#include "support/random_batch.h"
#include "support/trainer_fixture.h"
#include "training/tune.h"

namespace temper::training {
namespace {

// A bfloat16 has 8 significant bits: each product rounds by up to 2^-9 = 0.002 of itself, and some dozen products of two blocks follow one
// another. Measured: up to 0.039 of what the adapters do to the logits, 0.022 of their gradients, 0.037 of their steps; twice that is allowed.
constexpr double kForward = 0.08, kGradient = 0.05, kSteps = 0.08;
// The fault below moves them by 0.56 to 1.3.
constexpr double kFault = 0.4;

struct Case {
  const char* name;
  const char* plugin;
  const char* config;
  bool dora = false, rslora = false;
  double dropout = 0;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr const char* kGpt2 = R"({"vocab_size": 30, "n_positions": 32, "n_embd": 48, "n_layer": 2, "n_head": 3, "pad_token_id": 0, "initializer_range": 0.2,
  "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0})";
constexpr const char* kBert = R"({"vocab_size": 30, "max_position_embeddings": 32, "hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 96,
  "initializer_range": 0.2, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0})";

double distance(const Tensor& a, const Tensor& b, const Tensor& scale) { return ((a - b).norm() / scale.norm()).item<double>(); }

class LoraBf16 : public TrainerTest, public ::testing::WithParamInterface<Case> {
 protected:
  LoraBf16() {
    options_.learning_rate = 3e-3;
    options_.max_steps = 8;
    options_.warmup_steps = 1;
  }

  nn::LoadedModel made() const {
    const Case& c = GetParam();
    nn::LoadRequest request;
    request.labels = {"a", "b", "c"};
    request.seed = 3;
    return nn::new_model(registry::installed(), c.plugin, parse_json(c.config), request);
  }
  static Tune tune() {
    LoraOptions lora;
    lora.r = 4;
    lora.lora_alpha = 16;
    lora.target_modules = {"all-linear"};
    lora.use_dora = GetParam().dora;
    lora.use_rslora = GetParam().rslora;
    lora.lora_dropout = GetParam().dropout;
    return {TuneMode::kLora, 0, lora};
  }
  // With adapters that do something.
  nn::LoadedModel adapted() const {
    nn::LoadedModel loaded = made();
    apply_tune(loaded.model, tune(), 1);
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : loaded.model.parameters().all()) {
      if (parameter.name.ends_with("lora_B.weight")) parameter.tensor.copy_(0.1 * at::arange(parameter.tensor.numel(), at::kFloat).sin().reshape(parameter.tensor.sizes()));
      if (parameter.name.ends_with("magnitude_vector")) parameter.tensor.mul_(1.2);
    }
    return loaded;
  }
  // A fault on one path: the update is added as it is.
  static void drop_scaling(HeadedModel& model) {
    for (Parameter& parameter : model.parameters().all()) {
      if (!parameter.adapter) continue;
      auto other = std::make_shared<nn::LoraAdapter>(*parameter.adapter);
      other->scaling = 1;
      parameter.adapter = other;
    }
  }

  static Tensor logits(HeadedModel& model, bool bf16, bool training = false) {
    const PackedInput input(testing::random_batch({5, 9, 3, 12, 7, 8}, 30), at::kCPU);
    ForwardContext context;
    context.input = &input;
    context.bf16 = bf16;
    context.plain = !bf16;
    context.training = training;
    context.dropout = {3, 1};
    return model.logits(model.states(context, model.pooled_tokens(input)), context);
  }
  // Of the adapters' own parameters, one after another.
  static Tensor gradients(HeadedModel& model, bool bf16) {
    logits(model, bf16, true).square().sum().backward();
    std::vector<Tensor> parts;
    for (Parameter& parameter : model.parameters().all()) {
      if (parameter.name.starts_with(nn::kPeftPrefix)) parts.push_back(parameter.tensor.grad().reshape(-1));
    }
    return at::cat(parts);
  }
  static Tensor adapters(HeadedModel& model) {
    std::vector<Tensor> parts;
    for (Parameter& parameter : model.parameters().all()) {
      if (parameter.name.starts_with(nn::kPeftPrefix)) parts.push_back(parameter.tensor.detach().reshape(-1).clone());
    }
    return at::cat(parts);
  }

  // Losses of some steps, and what became of the adapters.
  std::pair<Tensor, Tensor> trained(bool bf16, bool faulty = false) {
    nn::LoadedModel loaded = adapted();
    if (faulty) drop_scaling(loaded.model);
    const Tensor before = adapters(loaded.model);
    Recorder recorder;
    TrainingInput in = input(loaded.model, recorder);
    in.options.bf16 = bf16;
    in.plain = !bf16;
    in.tune = tune();
    train(in);
    std::vector<double> losses;
    for (const StepRow& row : recorder.steps) losses.push_back(row.loss);
    return {at::tensor(losses, at::kDouble), adapters(loaded.model) - before};
  }
};

TEST_P(LoraBf16, ForwardIsThatOfFloat32) {
  nn::LoadedModel base = made(), model = adapted();
  const c10::NoGradGuard no_grad;
  const Tensor expected = logits(model.model, false), change = expected - logits(base.model, false);
  EXPECT_LT(distance(logits(model.model, true), expected, change), kForward);
  drop_scaling(model.model);
  EXPECT_GT(distance(logits(model.model, true), expected, change), kFault);
}

TEST_P(LoraBf16, GradientsAreThoseOfFloat32) {
  nn::LoadedModel plain = adapted(), half = adapted(), faulty = adapted();
  const Tensor expected = gradients(plain.model, false);
  EXPECT_LT(distance(gradients(half.model, true), expected, expected), kGradient);
  drop_scaling(faulty.model);
  EXPECT_GT(distance(gradients(faulty.model, true), expected, expected), kFault);
}

TEST_P(LoraBf16, StepsAreThoseOfFloat32) {
  const auto [expected_losses, expected_change] = trained(false);
  const auto [losses, change] = trained(true);
  ASSERT_EQ(losses.numel(), 8);
  EXPECT_LT((losses - expected_losses).abs().max().item<double>(), 0.02);
  EXPECT_LT(distance(change, expected_change, expected_change), kSteps);
  EXPECT_LT(losses[7].item<double>(), losses[0].item<double>());
  const auto [faulty_losses, faulty_change] = trained(true, true);
  EXPECT_GT(distance(faulty_change, expected_change, expected_change), kFault);
}

INSTANTIATE_TEST_SUITE_P(Each, LoraBf16,
                         ::testing::Values(Case{"gpt2", "gpt2", kGpt2}, Case{"gpt2_dora", "gpt2", kGpt2, true}, Case{"gpt2_rslora_dropout", "gpt2", kGpt2, false, true, 0.2},
                                           Case{"bert", "bert", kBert}, Case{"bert_dora_dropout", "bert", kBert, true, false, 0.2}, Case{"bert_rslora", "bert", kBert, false, true}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace temper::training
