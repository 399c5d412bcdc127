// What tests do with a reference checkpoint: load it, run it, compare hidden states, logits, losses and gradients.
#pragma once

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/close.h"
#include "support/golden.h"

namespace temper::testing {

// Sums in another order move a float32 logit of these models by less than this; a wrong norm epsilon moves it by 1e-4.
inline constexpr double kSums = 3e-5;
inline constexpr double kLoss = 1e-5;

#define OPEN_GOLDEN(golden, name)                                    \
  const auto golden##_ = testing::open_golden(name);                 \
  if (!golden##_) GTEST_SKIP() << testing::kNoSharedFolder;          \
  const testing::Golden& golden = *golden##_

inline nn::LoadedModel load(const std::filesystem::path& folder, HeadKind head) {
  nn::LoadRequest request;
  request.head = head;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), folder, request);
  EXPECT_TRUE(loaded.new_parameters.empty()) << loaded.new_parameters.front();
  return loaded;
}

inline Batch batch_of(const Golden& golden) {
  return packed(golden.tensor("input_ids"), golden.tensor("attention_mask"), golden.has("token_type_ids") ? golden.tensor("token_type_ids") : at::Tensor());
}

inline ForwardContext context_for(const PackedInput& input) {
  ForwardContext context;
  context.input = &input;
  return context;
}

inline at::Tensor every_token(const PackedInput& input) { return at::arange(input.tokens(), at::kLong); }

inline void expect_hidden_states(Model& model, const Golden& golden) {
  const PackedInput input(batch_of(golden), at::kCPU);
  const at::Tensor mask = golden.tensor("attention_mask");
  ForwardContext context = context_for(input);
  const std::int64_t layers = model.shape().layers;
  const auto expected = [&](std::int64_t i) { return unpadded(golden.tensor("hidden_states." + std::to_string(i)), mask); };
  context.layer = -1;
  at::Tensor x = model.embed(context);
  for (std::int64_t i = 0; i < layers; ++i) {
    EXPECT_TRUE(close(x, expected(i), kSums)) << "what enters block " << i;
    context.layer = i;
    x = model.layer(i, x, context);
  }
  if (golden.has("last_block_output")) {
    EXPECT_TRUE(close(x, unpadded(golden.tensor("last_block_output"), mask), kSums));
  }
  context.layer = layers;
  EXPECT_TRUE(close(model.finish(x, context), expected(layers), kSums)) << "after the last norm";
}

inline at::Tensor logits_of(HeadedModel& model, const PackedInput& input, const at::Tensor& read) {
  return model.logits(model.states(context_for(input), read), context_for(input));
}

inline at::Tensor pooled_logits(HeadedModel& model, const PackedInput& input) { return logits_of(model, input, model.pooled_tokens(input)); }

// The norm of all gradients, as loss.backward() left them.
inline void expect_gradient_norm(HeadedModel& model, double expected) {
  double squares = 0;
  for (const Parameter& parameter : model.parameters().all()) squares += parameter.tensor.grad().square().sum().item<double>();
  EXPECT_NEAR(std::sqrt(squares), expected, 1e-4 * expected);
}

// Runs backward and compares the stored gradients, every norm, and the norm of all.
inline void expect_gradients(HeadedModel& model, const at::Tensor& loss, const Golden& golden) {
  loss.backward();
  const Value& norms = *golden.notes().find("grad_norms");
  for (const Parameter& parameter : model.parameters().all()) {
    ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    const double norm = parameter.tensor.grad().norm().item<double>();
    const Value* expected = norms.find(parameter.name);
    ASSERT_TRUE(expected) << parameter.name << " is not a parameter in transformers";
    // A gradient that is zero in truth (BERT's key bias) is all rounding.
    if (expected->as_number() > 1e-5) {
      EXPECT_NEAR(norm, expected->as_number(), 1e-4 * expected->as_number()) << parameter.name;
    }
  }
  EXPECT_EQ(norms.as_table().size(), model.parameters().all().size());
  expect_gradient_norm(model, golden.tensor("grad_norm").item<double>());
  for (const std::string& name : golden.names_that_begin("grad.")) {
    const Parameter* parameter = model.parameters().find(name.substr(5));
    ASSERT_TRUE(parameter) << name;
    EXPECT_TRUE(close(parameter->tensor.grad(), golden.tensor(name), 1e-4, 1e-3)) << name;
  }
}

// Rows that are scored, and what each is to say: packed labels; a causal model answers from the token before.
struct Scored {
  at::Tensor read, labels;
};
inline Scored scored(const Golden& golden, bool causal) {
  const at::Tensor mask = golden.tensor("attention_mask"), labels = unpadded(golden.tensor("labels"), mask);
  const Batch batch = batch_of(golden);
  std::vector<std::int64_t> read, wanted;
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    for (std::int64_t n = batch.starts[b] + (causal ? 1 : 0); n < batch.starts[b + 1]; ++n) {
      const auto label = labels[n].item<std::int64_t>();
      if (label < 0) continue;
      read.push_back(causal ? n - 1 : n);
      wanted.push_back(label);
    }
  }
  return {at::tensor(read), at::tensor(wanted)};
}

// Hidden states, logits, loss and gradients of a whole folder: a classifier's of its pooled tokens, others' of every token.
inline void expect_reference(const std::string& name, HeadKind head) {
  OPEN_GOLDEN(golden, name);
  nn::LoadedModel loaded = load(golden.folder(), head);
  expect_hidden_states(loaded.model.model(), golden);
  const PackedInput input(batch_of(golden), at::kCPU);
  at::Tensor loss;
  if (head == HeadKind::kSequenceClassification) {
    const at::Tensor logits = pooled_logits(loaded.model, input);
    EXPECT_TRUE(close(logits, golden.tensor("logits"), kSums));
    loss = at::cross_entropy_loss(logits, golden.tensor("labels"));
  } else {
    EXPECT_TRUE(close(logits_of(loaded.model, input, every_token(input)), unpadded(golden.tensor("logits"), golden.tensor("attention_mask")), kSums));
    const Scored rows = scored(golden, head == HeadKind::kLanguageModeling);
    loss = at::cross_entropy_loss(logits_of(loaded.model, input, rows.read), rows.labels);
  }
  EXPECT_NEAR(loss.item<double>(), golden.tensor("loss").item<double>(), kLoss);
  expect_gradients(loaded.model, loss, golden);
}

}  // namespace temper::testing
