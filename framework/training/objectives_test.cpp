// Losses, counts and evaluation on a tiny model.
#include "training/objectives.h"

#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "inference/classify.h"
#include "support/tiny_model.h"
#include "training/data_order.h"
#include "training/evaluate.h"
#include "training/step.h"

namespace temper::training {
namespace {

using testing::tiny_classifier;
using testing::tiny_examples;
using testing::tiny_language_model;
using testing::tiny_texts;

TEST(SequenceClassification, LossIsTheNegativeLogProbabilityOfTheLabel) {
  HeadedModel model = tiny_classifier(0.5);
  const std::vector<Example> examples = tiny_examples(10);
  const Evaluation result = evaluate(model, SequenceClassification(), examples, {.batch_size = 4});
  ASSERT_EQ(result.losses.size(), 10u);
  ASSERT_EQ(result.logits.size(), 10u);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    ASSERT_EQ(result.logits[i].size(), 3u);
    EXPECT_NEAR(result.losses[i], -std::log(inference::probabilities(result.logits[i])[examples[i].labels[0]]), 1e-6);
    EXPECT_EQ(result.counts[i], 1);
  }
}

TEST(SequenceClassification, AnItemWithoutALabelCountsNothingButIsAnswered) {
  HeadedModel model = tiny_classifier(0);
  std::vector<Example> examples = tiny_examples(4);
  examples[1].labels.clear();
  examples[2].labels = {kIgnored};
  const Evaluation result = evaluate(model, SequenceClassification(), examples, {});
  EXPECT_EQ(result.counts, (std::vector<std::int64_t>{1, 0, 0, 1}));
  EXPECT_EQ(result.losses[1], 0);
  EXPECT_EQ(result.losses[2], 0);
  EXPECT_EQ(result.logits[1].size(), 3u);
  EXPECT_NEAR(result.loss(), (result.losses[0] + result.losses[3]) / 2, 1e-12);
}

TEST(SequenceClassification, RefusesALabelThatTheModelLacks) {
  HeadedModel model = tiny_classifier(0);
  std::vector<Example> examples = tiny_examples(2);
  examples[1].labels = {3};
  EXPECT_THROW(evaluate(model, SequenceClassification(), examples, {}), Error);
}

// All gradients of the model, one after another, and cleared.
Tensor take_gradients(HeadedModel& model) {
  std::vector<Tensor> parts;
  for (Parameter& parameter : model.parameters().all()) {
    Tensor& gradient = parameter.tensor.mutable_grad();
    parts.push_back(gradient.defined() ? gradient.clone().reshape(-1) : at::zeros({parameter.tensor.numel()}));
    gradient.reset();
  }
  return at::cat(parts);
}

TEST(SequenceClassification, WeighsTheGradientAsTorchsCrossEntropyLossDoes) {
  const std::vector<double> weights = {0.25, 4, 1};
  HeadedModel model = tiny_classifier(0);
  for (Parameter& parameter : model.parameters().all()) parameter.tensor.requires_grad_(true);
  std::vector<Example> examples = tiny_examples(10);
  examples[4].labels = {kIgnored};  // takes no part, and neither does its weight
  const StepLoss step = add_gradients(model, SequenceClassification(weights), examples, {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}}, {});
  const Tensor weighed = take_gradients(model);
  const StepLoss plain_step = add_gradients(model, SequenceClassification(), examples, {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}}, {});
  const Tensor plain = take_gradients(model);

  std::vector<std::size_t> all(examples.size());
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    all[i] = i;
    labels.push_back(examples[i].labels[0]);
  }
  const PackedInput input(pack(examples, all), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.training = true;
  const Tensor logits = model.logits(model.states(context, model.pooled_tokens(input)), context);
  const Tensor loss = at::cross_entropy_loss(logits, at::tensor(labels), at::tensor(weights, at::kFloat), at::Reduction::Mean, kIgnored);
  loss.backward();
  const Tensor wanted = take_gradients(model);
  EXPECT_NEAR(step.loss, loss.item<double>(), 1e-6);
  // Sums of ten items in another order: float32 has 24 bits of mantissa.
  EXPECT_LT((weighed - wanted).abs().max().item<double>(), 1e-6);
  EXPECT_GT((weighed - plain).abs().max().item<double>(), 1e-3);
  EXPECT_GT(std::abs(step.loss - plain_step.loss), 1e-3);
}

TEST(SequenceClassification, WeighsNothingInAnEvaluation) {
  HeadedModel model = tiny_classifier(0);
  const std::vector<Example> examples = tiny_examples(10);
  EXPECT_EQ(evaluate(model, SequenceClassification({0.25, 4, 1}), examples, {}).losses, evaluate(model, SequenceClassification(), examples, {}).losses);
}

TEST(SequenceClassification, AStepWhoseItemsWeighNothingLearnsNothing) {
  HeadedModel model = tiny_classifier(0);
  for (Parameter& parameter : model.parameters().all()) parameter.tensor.requires_grad_(true);
  std::vector<Example> examples = tiny_examples(4);
  for (Example& example : examples) example.labels = {1};
  const StepLoss step = add_gradients(model, SequenceClassification({1, 0, 1}), examples, {{0, 1}, {2, 3}}, {});
  EXPECT_EQ(step.loss, 0);
  EXPECT_EQ(take_gradients(model).abs().max().item<double>(), 0);
}

TEST(CausalLanguageModeling, ScoresTokenTFromPositionTMinusOne) {
  HeadedModel model = tiny_language_model(0);
  const std::vector<Example> examples = tiny_texts(8);
  const CausalLanguageModeling objective;
  const Evaluation result = evaluate(model, objective, examples, {.batch_size = 3});
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const c10::NoGradGuard no_grad;
    const std::vector<std::size_t> alone = {i};
    const PackedInput input(pack(examples, alone), at::kCPU);
    ForwardContext context;
    context.input = &input;
    const std::int64_t tokens = input.tokens();
    const Tensor log_probabilities = model.logits(model.states(context, at::arange(tokens)), context).log_softmax(-1);  // [T, V]
    double wanted = 0;
    for (std::int64_t t = 1; t < tokens; ++t) wanted -= log_probabilities[t - 1][examples[i].labels[t]].item<double>();
    EXPECT_NEAR(result.losses[i], wanted, 1e-5) << i;
    EXPECT_EQ(result.counts[i], tokens - 1);
  }
  EXPECT_TRUE(result.logits.empty());
}

TEST(CausalLanguageModeling, LeavesOutIgnoredLabelsAndTheFirst) {
  const CausalLanguageModeling objective;
  EXPECT_EQ(objective.count({.ids = {1, 2, 3}, .type_ids = {}, .labels = {1, kIgnored, 3}}), 1);
  EXPECT_EQ(objective.count({.ids = {1, 2, 3}, .type_ids = {}, .labels = {1, kIgnored, kIgnored}}), 0);
  HeadedModel model = tiny_language_model(0);
  std::vector<Example> examples = tiny_texts(5);
  for (Example& example : examples) example.labels.assign(example.labels.size(), kIgnored);
  EXPECT_TRUE(std::isnan(evaluate(model, objective, examples, {}).loss()));
}

TEST(CausalLanguageModeling, RefusesLabelsThatDoNotFitTheTokens) {
  HeadedModel model = tiny_language_model(0);
  std::vector<Example> examples = tiny_texts(3);
  examples[2].labels.push_back(1);
  EXPECT_THROW(evaluate(model, CausalLanguageModeling(), examples, {}), Error);
  examples = tiny_texts(3);
  examples[1].labels.back() = testing::TinyModel::kVocabulary;
  EXPECT_THROW(evaluate(model, CausalLanguageModeling(), examples, {}), Error);
}

TEST(Evaluate, GivesEachItemTheSameWhateverTheBatchIs) {
  HeadedModel model = tiny_classifier(0.5);
  const std::vector<Example> examples = tiny_examples(17);
  const Evaluation one = evaluate(model, SequenceClassification(), examples, {.batch_size = 1});
  const Evaluation many = evaluate(model, SequenceClassification(), examples, {.batch_size = 64});
  for (std::size_t i = 0; i < examples.size(); ++i) EXPECT_NEAR(one.losses[i], many.losses[i], 1e-6) << i;
}

TEST(Evaluate, InHalfPrecisionStaysNearToFloat32) {
  HeadedModel model = tiny_classifier(0.5);
  const std::vector<Example> examples = tiny_examples(17);
  const Evaluation full = evaluate(model, SequenceClassification(), examples, {});
  const Evaluation half = evaluate(model, SequenceClassification(), examples, {.bf16 = true});
  EXPECT_NE(full.losses, half.losses);  // it does take the other path
  // bfloat16 has 8 bits of mantissa: products of 12 terms of size 1 are off by about 0.01.
  for (std::size_t i = 0; i < examples.size(); ++i) EXPECT_NEAR(full.losses[i], half.losses[i], 0.05) << i;
}

TEST(Evaluate, StandardErrorIsThatOfTheMeanForOneTargetEach) {
  Evaluation result;
  result.losses = {1, 2, 4, 5};
  result.counts = {1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(result.loss(), 3);
  EXPECT_NEAR(result.loss_stderr(), std::sqrt(10.0 / 3 / 4), 1e-12);  // sample variance 10 / 3, four items
  result.counts = {2, 2, 2, 2};
  EXPECT_NEAR(result.loss_stderr(), std::sqrt(10.0 / 3 / 4) / 2, 1e-12);
  result.losses = {3};
  result.counts = {1};
  EXPECT_TRUE(std::isnan(result.loss_stderr()));
}

}  // namespace
}  // namespace temper::training
