// The loop on a tiny model: what it records, when it ends, and that accumulating changes nothing.
#include "training/trainer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/trainer_fixture.h"

namespace temper::training {
namespace {

using testing::tiny_classifier;
using testing::tiny_examples;
using testing::tiny_language_model;

TEST_F(TrainerTest, LearnsAndRecordsBothCurvesFromStepZero) {
  HeadedModel model = tiny_classifier(0.1);
  Recorder recorder;
  options_.epochs = 20;
  const TrainingResult result = train(input(model, recorder));
  EXPECT_EQ(result.status, Status::kComplete);
  EXPECT_EQ(result.steps, 160);  // 8 steps an epoch
  ASSERT_EQ(recorder.steps.size(), 160u);
  ASSERT_EQ(recorder.evaluations.size(), 21u);
  EXPECT_EQ(recorder.evaluations.front().step, 0);
  EXPECT_EQ(recorder.evaluations.back().step, 160);
  EXPECT_EQ(recorder.evaluations.back().epoch, 20);
  EXPECT_NEAR(recorder.evaluations.front().validation->loss, std::log(3.0), 0.5);
  EXPECT_LT(recorder.evaluations.back().validation->loss, 0.2);
  EXPECT_LT(recorder.evaluations.back().train.loss, 0.2);
  EXPECT_EQ(recorder.evaluations[0].train.losses.size(), 8u);
  EXPECT_EQ(result.evaluations.size(), 21u);
  EXPECT_EQ(recorder.steps[0].step, 1);
  EXPECT_EQ(recorder.steps[0].epoch, 1.0 / 8);
  EXPECT_EQ(recorder.steps[0].learning_rate, 1e-2);
  EXPECT_NEAR(recorder.steps[159].learning_rate, 1e-2 / 160, 1e-12);
  std::int64_t tokens = 0;
  for (const Example& example : train_) tokens += static_cast<std::int64_t>(example.ids.size());
  EXPECT_EQ(recorder.steps[159].tokens, 20 * tokens);
  EXPECT_EQ(result.trainable_parameters, model.parameters().count());
}

TEST_F(TrainerTest, GivesTheSameBitsForTheSameSeedAndOthersForAnother) {
  std::vector<Tensor> outcomes;
  for (const std::uint64_t seed : {7u, 7u, 8u}) {
    HeadedModel model = tiny_classifier(0.3);
    Recorder recorder;
    TrainingInput in = input(model, recorder);
    in.seed = seed;
    train(in);
    outcomes.push_back(weights(model));
  }
  EXPECT_TRUE(at::equal(outcomes[0], outcomes[1]));
  EXPECT_FALSE(at::equal(outcomes[0], outcomes[2]));
}

TEST_F(TrainerTest, AccumulatedStepsAreThoseOfTheLargerBatch) {
  train_ = tiny_examples(40);  // the last step of an epoch is short: 8 of 16 items
  const auto losses_with = [&](std::int64_t batch_size, std::int64_t accumulation, const Objective& objective, HeadedModel model) {
    Recorder recorder;
    options_.batch_size = batch_size;
    options_.gradient_accumulation_steps = accumulation;
    TrainingInput in = input(model, recorder);
    in.objective = &objective;
    train(in);
    return recorder.steps;
  };
  const auto expect_equal = [](const std::vector<StepRow>& a, const std::vector<StepRow>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(a[i].loss, b[i].loss, 2e-5) << "step " << i + 1;
      EXPECT_NEAR(a[i].grad_norm, b[i].grad_norm, 1e-4 * b[i].grad_norm) << "step " << i + 1;
    }
  };
  expect_equal(losses_with(4, 4, objective_, tiny_classifier(0.3)), losses_with(16, 1, objective_, tiny_classifier(0.3)));
  // Items with different numbers of targets: micro-batches must be weighted by them.
  train_ = testing::tiny_texts(40);
  validation_.clear();
  const CausalLanguageModeling language;
  expect_equal(losses_with(4, 4, language, tiny_language_model(0.3)), losses_with(16, 1, language, tiny_language_model(0.3)));
}

TEST_F(TrainerTest, InHalfPrecisionLearnsTheSame) {
  std::vector<std::vector<StepRow>> runs;
  for (const bool bf16 : {false, true}) {
    HeadedModel model = tiny_classifier(0.1);
    Recorder recorder;
    options_.bf16 = bf16;
    options_.epochs = 5;
    train(input(model, recorder));
    runs.push_back(recorder.steps);
    for (const Parameter& parameter : model.parameters().all()) EXPECT_EQ(parameter.tensor.scalar_type(), at::kFloat);
  }
  ASSERT_EQ(runs[0].size(), runs[1].size());
  EXPECT_NE(runs[0][3].loss, runs[1][3].loss);
  // Rounding to 8 bits of mantissa in every product, over 40 steps.
  for (std::size_t i = 0; i < runs[0].size(); ++i) EXPECT_NEAR(runs[0][i].loss, runs[1][i].loss, 0.1) << "step " << i + 1;
}

TEST_F(TrainerTest, EvaluatesOnceAtEachDueStepAndAfterTheLast) {
  const auto steps_with = [&](double epochs, std::optional<std::int64_t> eval_steps) {
    HeadedModel model = tiny_classifier(0);
    Recorder recorder;
    options_.epochs = epochs;
    options_.eval_steps = eval_steps;
    train(input(model, recorder));
    return steps_of(recorder.evaluations);
  };
  EXPECT_EQ(steps_with(2, std::nullopt), (std::vector<std::int64_t>{0, 8, 16}));
  EXPECT_EQ(steps_with(1.5, std::nullopt), (std::vector<std::int64_t>{0, 8, 12}));
  EXPECT_EQ(steps_with(0.3, std::nullopt), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(steps_with(1, 3), (std::vector<std::int64_t>{0, 3, 6, 8}));
  EXPECT_EQ(steps_with(1, 4), (std::vector<std::int64_t>{0, 4, 8}));
}

TEST_F(TrainerTest, LogsEveryFewStepsAndTheLast) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  options_.logging_steps = 5;
  train(input(model, recorder));
  ASSERT_EQ(recorder.steps.size(), 4u);
  EXPECT_EQ(recorder.steps[0].step, 5);
  EXPECT_EQ(recorder.steps[3].step, 16);
}

TEST_F(TrainerTest, StopsWhenTheObjectiveNoLongerGetsBetter) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  options_.epochs = 50;
  options_.early_stopping_patience = 2;
  options_.early_stopping_threshold = 10;  // nothing is ever that much better
  const TrainingResult result = train(input(model, recorder));
  EXPECT_TRUE(result.stopped_early);
  EXPECT_EQ(result.status, Status::kComplete);
  EXPECT_EQ(result.steps, 16);
}

TEST_F(TrainerTest, WithoutValidationNothingStopsItAndThereIsNoBest) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  validation_.clear();
  options_.early_stopping_patience = 1;
  options_.keep = "best";
  const TrainingResult result = train(input(model, recorder));
  EXPECT_EQ(result.steps, 16);
  EXPECT_FALSE(result.best_step);
  EXPECT_FALSE(recorder.evaluations.back().validation);
}

TEST_F(TrainerTest, KeepsTheBestWeightsByAMetric) {
  // The metric says that the evaluation at step 8 of 0, 8, 16 is the best.
  std::vector<double> accuracy = {0.2, 0.9, 0.5};
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  options_.keep = "best";
  TrainingInput in = input(model, recorder);
  in.best_by = "validation_accuracy";
  in.better = Better::kHigher;
  std::size_t calls = 0;
  in.metrics = [&](EvaluatedSplit split, const Evaluation& evaluation) -> NamedValues {
    EXPECT_EQ(evaluation.logits.size(), split == EvaluatedSplit::kTrain ? 8u : 12u);
    return {{"accuracy", split == EvaluatedSplit::kTrain ? 0.0 : accuracy.at(calls++)}};
  };
  const TrainingResult result = train(in);
  EXPECT_EQ(result.best_step, 8);
  EXPECT_EQ(result.best_value, 0.9);
  EXPECT_EQ(recorder.evaluations[1].validation->metrics[0].second, 0.9);

  const Evaluation kept = evaluate(model, objective_, validation_, {});
  EXPECT_EQ(kept.losses, recorder.evaluations[1].validation->losses);
  EXPECT_NE(kept.losses, recorder.evaluations[2].validation->losses);
}

TEST_F(TrainerTest, RefusesAnObjectiveThatNoMetricGives) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  TrainingInput in = input(model, recorder);
  in.best_by = "acuracy";
  in.metrics = [](EvaluatedSplit, const Evaluation&) -> NamedValues { return {{"accuracy", 0.5}}; };
  try {
    train(in);
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean \"accuracy\"?"), std::string::npos) << error.what();
  }
}

TEST_F(TrainerTest, EndsAsDivergedAtTheFirstNumberThatIsNotFinite) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  options_.learning_rate = 1e30;
  options_.max_grad_norm = 0;
  const TrainingResult result = train(input(model, recorder));
  EXPECT_EQ(result.status, Status::kDiverged);
  EXPECT_LT(result.steps, 16);
  EXPECT_FALSE(std::isfinite(recorder.steps.back().loss) && std::isfinite(recorder.steps.back().grad_norm));  // stored, not hidden
  EXPECT_EQ(recorder.evaluations.back().step, result.steps);
}

TEST_F(TrainerTest, TrainsOnlyWhatTuneNames) {
  const auto changed_with = [&](const Tune& tune) {
    HeadedModel model = tiny_classifier(0.2);
    std::vector<Tensor> before;
    for (const Parameter& parameter : model.parameters().all()) before.push_back(parameter.tensor.detach().clone());
    Recorder recorder;
    TrainingInput in = input(model, recorder);
    in.tune = tune;
    const TrainingResult result = train(in);
    std::vector<std::string> changed;
    std::int64_t elements = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Parameter& parameter = model.parameters().all()[i];
      if (at::equal(parameter.tensor, before[i])) continue;
      changed.push_back(parameter.name);
      elements += parameter.tensor.numel();
    }
    EXPECT_EQ(result.trainable_parameters, elements);
    std::sort(changed.begin(), changed.end());
    return changed;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(changed_with({TuneMode::kHead, 0}), (Names{"score.weight"}));
  EXPECT_EQ(changed_with({TuneMode::kLastLayers, 1}), (Names{"layer.1.dense.bias", "layer.1.dense.weight", "norm.bias", "norm.weight", "score.weight"}));
  EXPECT_EQ(changed_with({TuneMode::kFull, 0}).size(), 8u);
}

TEST_F(TrainerTest, RefusesToTrainNothing) {
  HeadedModel classifier = tiny_classifier(0), language = tiny_language_model(0);
  Recorder recorder;
  TrainingInput in = input(classifier, recorder);
  in.tune = {TuneMode::kLastLayers, 3};
  EXPECT_THROW(train(in), Error);
  in.tune = {};
  in.train = {};
  EXPECT_THROW(train(in), Error);
  TrainingInput tied = input(language, recorder);
  tied.tune = {TuneMode::kHead, 0};
  EXPECT_THROW(train(tied), Error);
}

TEST_F(TrainerTest, CountsStepsThroughPhases) {
  HeadedModel model = tiny_classifier(0);
  Recorder recorder;
  TrainingInput in = input(model, recorder);
  in.first_step = 100;
  const TrainingResult result = train(in);
  EXPECT_EQ(result.steps, 116);
  EXPECT_EQ(recorder.steps[0].step, 101);
  EXPECT_EQ(recorder.steps[0].epoch, 1.0 / 8);
  EXPECT_EQ(steps_of(recorder.evaluations), (std::vector<std::int64_t>{100, 108, 116}));
}

}  // namespace
}  // namespace temper::training
