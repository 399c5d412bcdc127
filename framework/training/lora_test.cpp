// Adapters as training uses them: a new one changes nothing, both backward passes agree, dropout knows no batch, merging keeps the logits.
#include "nn/lora.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "nn/linear_product.h"
#include "support/tiny_model.h"
#include "training/tune.h"

namespace temper::nn {
namespace {

HeadedModel tiny() {
  auto model = std::make_unique<testing::TinyModel>(0);
  const HeadSpec head = model->heads().front();
  HeadedModel made(std::move(model), head, 3);
  initialize(made.parameters(), 5);
  return made;
}

LoraOptions options(bool dora = false) {
  LoraOptions lora;
  lora.r = 3;
  lora.lora_alpha = 6;
  lora.target_modules = {"dense"};
  lora.use_dora = dora;
  return lora;
}

Batch batch_of(std::vector<std::uint64_t> items) {
  Batch batch;
  batch.starts = {0};
  for (const std::uint64_t item : items) {
    for (std::int32_t t = 0; t < 3 + static_cast<std::int32_t>(item); ++t) {
      batch.ids.push_back(static_cast<std::int32_t>((item * 7 + t * 3) % 23));
      batch.positions.push_back(t);
      batch.segments.push_back(0);
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.ids.size()));
    batch.items.push_back(item);
  }
  return batch;
}

Tensor logits(HeadedModel& model, const Batch& batch, bool training = false, bool plain = false) {
  const PackedInput input(batch, at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.training = training;
  context.plain = plain;
  context.dropout = {3, 1};
  return model.logits(model.states(context, model.pooled_tokens(input)), context);
}

// Adapters that do something.
void stir(HeadedModel& model) {
  for (Parameter& parameter : model.parameters().all()) {
    if (!parameter.name.ends_with("lora_B.weight")) continue;
    const c10::NoGradGuard no_grad;
    parameter.tensor.copy_(at::arange(parameter.tensor.numel(), at::kFloat).sin().reshape(parameter.tensor.sizes()));
  }
}

TEST(Lora, ANewAdapterChangesNoBit) {
  for (const bool dora : {false, true}) {
    HeadedModel model = tiny();
    const Tensor before = logits(model, batch_of({0, 1, 2}));
    add_lora(model, options(dora), 1);
    EXPECT_EQ(model.lora()->modules.size(), 2u);
    EXPECT_EQ(model.lora()->saved, (std::vector<std::string>{"score"}));
    EXPECT_TRUE(at::equal(before, logits(model, batch_of({0, 1, 2}))));
    EXPECT_TRUE(model.parameters().find("base_model.model.layer.1.dense.lora_A.weight"));
  }
}

TEST(Lora, TheOneFunctionGivesThePlainTwinsGradients) {
  for (const double p : {0.0, 0.4}) {
    std::vector<std::vector<Tensor>> gradients;
    for (const bool plain : {false, true}) {
      HeadedModel model = tiny();
      LoraOptions lora = options();
      lora.lora_dropout = p;
      training::apply_tune(model, {TuneMode::kLora, 0, lora}, 1);
      stir(model);
      logits(model, batch_of({0, 1, 2}), true, plain).square().sum().backward();
      gradients.emplace_back();
      for (Parameter& parameter : model.parameters().all()) {
        EXPECT_EQ(parameter.tensor.requires_grad(), parameter.name.starts_with(kPeftPrefix) || parameter.name == "score.weight") << parameter.name;
        if (parameter.tensor.requires_grad()) gradients.back().push_back(parameter.tensor.grad().clone());
      }
    }
    ASSERT_EQ(gradients[0].size(), 5u);
    for (std::size_t i = 0; i < gradients[0].size(); ++i) {
      EXPECT_GT(gradients[1][i].abs().max().item<double>(), 0);
      EXPECT_TRUE(at::allclose(gradients[0][i], gradients[1][i], 1e-4, 1e-5)) << i;
    }
  }
}

TEST(Lora, DropoutIsTheItemsOwnWhateverTheBatch) {
  for (const bool dora : {false, true}) {
    HeadedModel model = tiny();
    LoraOptions lora = options(dora);
    lora.lora_dropout = 0.5;
    training::apply_tune(model, {TuneMode::kLora, 0, lora}, 1);
    stir(model);
    const Tensor together = logits(model, batch_of({0, 1, 2}), true), alone = logits(model, batch_of({2}), true);
    EXPECT_TRUE(at::allclose(together[2], alone[0], 1e-5, 1e-6));
    EXPECT_FALSE(at::allclose(together[2], logits(model, batch_of({2}))[0], 1e-3, 1e-3));
  }
}

TEST(Lora, MergingKeepsTheLogitsAndTakesTheAdaptersOff) {
  for (const bool dora : {false, true}) {
    HeadedModel model = tiny();
    const std::size_t own = model.parameters().all().size();
    const Tensor base = logits(model, batch_of({0, 1, 2}));
    add_lora(model, options(dora), 1);
    stir(model);
    const Tensor before = logits(model, batch_of({0, 1, 2}));
    EXPECT_FALSE(at::allclose(base, before, 1e-2, 1e-2));
    merge_lora(model);
    EXPECT_TRUE(at::allclose(before, logits(model, batch_of({0, 1, 2})), 1e-4, 1e-5));
    EXPECT_EQ(model.parameters().all().size(), own);
    EXPECT_FALSE(model.lora());
  }
}

TEST(Lora, SaysByHowMuchAMergeDiffers) {
  const Tensor before = at::zeros({2, 2});
  EXPECT_NO_THROW(check_merge(before, before + 1e-4));
  EXPECT_THROW(check_merge(before, before + 0.5), Error);
  EXPECT_THROW(check_merge(before, before + std::numeric_limits<double>::quiet_NaN()), Error);
}

TEST(Lora, NamesWhatItDoesNotKnow) {
  HeadedModel model = tiny();
  LoraOptions lora = options();
  lora.target_modules = {"dens"};
  try {
    add_lora(model, lora, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"dense\""), std::string::npos) << error.what();
  }
  lora.target_modules = {"all-linear"};
  EXPECT_EQ(lora_modules(model, lora), (std::vector<std::string>{"layer.0.dense", "layer.1.dense"}));
}

TEST(Bitfit, TrainsBiasesAndTheHead) {
  HeadedModel model = tiny();
  training::apply_tune(model, {TuneMode::kBias, 0});
  for (const Parameter& parameter : model.parameters().all()) {
    EXPECT_EQ(parameter.tensor.requires_grad(), parameter.name.ends_with(".bias") || parameter.name == "score.weight") << parameter.name;
  }
}

}  // namespace
}  // namespace temper::nn
