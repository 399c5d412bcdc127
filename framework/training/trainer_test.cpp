// The loop on a tiny model: what it records, when it ends, and that resuming and accumulating change nothing.
#include "training/trainer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "training/objectives.h"
#include "training/snapshot.h"

namespace temper::training {
namespace {

using testing::tiny_classifier;
using testing::tiny_examples;
using testing::tiny_language_model;

struct Recorder final : TrainingObserver {
  std::vector<StepRow> steps;
  std::vector<EvaluationRow> evaluations;
  std::vector<Value> restored;
  std::vector<std::string> warnings;
  void on_step(const StepRow& row) override { steps.push_back(row); }
  void on_evaluation(const EvaluationRow& row) override { evaluations.push_back(row); }
  void on_warning(const std::string& what) override { warnings.push_back(what); }
  Value save() override { return static_cast<std::int64_t>(steps.size()); }
  void restore(const Value& saved) override { restored.push_back(saved); }
};

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() {
    options_.learning_rate = 1e-2;
    options_.batch_size = 4;
    options_.epochs = 2;
    options_.train_probe = 8;
  }

  TrainingInput input(HeadedModel& model, Recorder& recorder) {
    TrainingInput input;
    input.model = &model;
    input.objective = &objective_;
    input.train = train_;
    input.train_probe = std::span(train_).first(8);
    input.validation = validation_;
    input.options = options_;
    input.seed = 7;
    input.observer = &recorder;
    return input;
  }

  // All of the model's numbers, one after another.
  static Tensor weights(HeadedModel& model) {
    std::vector<Tensor> parts;
    for (const Parameter& parameter : model.parameters().all()) parts.push_back(parameter.tensor.detach().reshape(-1));
    return at::cat(parts);
  }
  static std::vector<std::int64_t> steps_of(const std::vector<EvaluationRow>& rows) {
    std::vector<std::int64_t> steps;
    for (const EvaluationRow& row : rows) steps.push_back(row.step);
    return steps;
  }

  testing::TemporaryFolder folder_;
  TrainingOptions options_;
  SequenceClassification objective_;
  std::vector<Example> train_ = tiny_examples(30);
  std::vector<Example> validation_ = tiny_examples(12, 3, 1000);
};

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

// ---- snapshots ----

class Resume : public TrainerTest {
 protected:
  Resume() {
    options_.batch_size = 2;
    options_.gradient_accumulation_steps = 2;
    options_.max_steps = 9;
    options_.eval_steps = 2;
    options_.keep = "best";
    options_.early_stopping_patience = 3;
    options_.early_stopping_threshold = 0.005;
    options_.weight_decay = 0.01;
    options_.warmup_steps = 2;
    snapshot_ = folder_.path() / "training.snapshot";
  }

  // Trains until step `stop_at` (all of it with 0) with snapshots; a new model every time, as after a kill.
  TrainingResult run(std::int64_t stop_at, Recorder& recorder, Tensor* end = nullptr) {
    HeadedModel model = tiny_classifier(0.3);
    TrainingInput in = input(model, recorder);
    in.snapshot = snapshot_;
    in.identity = "the same options";
    in.stop = [&]() { return stop_at > 0 && recorder.steps.back().step >= stop_at; };
    const TrainingResult result = train(in);
    if (end) *end = weights(model);
    return result;
  }

  static void expect_equal(const TrainingResult& a, const TrainingResult& b) {
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.tokens, b.tokens);
    EXPECT_EQ(a.stopped_early, b.stopped_early);
    EXPECT_EQ(a.best_step, b.best_step);
    EXPECT_EQ(a.best_value, b.best_value);
    ASSERT_EQ(a.evaluations.size(), b.evaluations.size());
    for (std::size_t i = 0; i < a.evaluations.size(); ++i) {
      EXPECT_EQ(a.evaluations[i].step, b.evaluations[i].step);
      EXPECT_EQ(a.evaluations[i].train.losses, b.evaluations[i].train.losses);
      EXPECT_EQ(a.evaluations[i].validation->losses, b.evaluations[i].validation->losses);
    }
  }

  std::filesystem::path snapshot_;
};

TEST_F(Resume, GoesOnToTheSameBits) {
  Tensor whole_weights;
  Recorder whole;
  const TrainingResult unbroken = run(0, whole, &whole_weights);
  ASSERT_EQ(unbroken.status, Status::kComplete);
  for (const std::int64_t stop_at : {1, 2, 5, 8}) {
    std::filesystem::remove(snapshot_);
    Recorder first, second;
    EXPECT_EQ(run(stop_at, first).status, Status::kInterrupted);
    Tensor resumed_weights;
    const TrainingResult resumed = run(0, second, &resumed_weights);
    expect_equal(resumed, unbroken);
    EXPECT_TRUE(at::equal(resumed_weights, whole_weights)) << "stopped at " << stop_at;
    ASSERT_EQ(second.restored.size(), 1u);
    EXPECT_EQ(second.restored[0].as_integer(), stop_at);  // what the observer saved
    ASSERT_EQ(first.steps.size() + second.steps.size(), whole.steps.size());
    for (std::size_t i = 0; i < whole.steps.size(); ++i) {
      const StepRow& row = i < first.steps.size() ? first.steps[i] : second.steps[i - first.steps.size()];
      EXPECT_EQ(row.loss, whole.steps[i].loss) << i;
      EXPECT_EQ(row.grad_norm, whole.steps[i].grad_norm) << i;
      EXPECT_EQ(row.learning_rate, whole.steps[i].learning_rate) << i;
    }
    EXPECT_EQ(first.evaluations.size() + second.evaluations.size(), whole.evaluations.size());
  }
}

TEST_F(Resume, KeepsThePatienceOfEarlyStopping) {
  options_.max_steps = 40;
  options_.eval_steps = 1;
  options_.early_stopping_threshold = 10;
  Recorder whole, first, second;
  const TrainingResult unbroken = run(0, whole);
  ASSERT_EQ(unbroken.steps, 3);
  std::filesystem::remove(snapshot_);
  run(2, first);
  expect_equal(run(0, second), unbroken);
  EXPECT_EQ(second.steps.size(), 1u);
}

TEST_F(Resume, GoesOnFromTheLastSnapshotAfterAKill) {
  options_.snapshot_steps = 4;
  Tensor whole_weights, resumed_weights;
  Recorder whole;
  const TrainingResult unbroken = run(0, whole, &whole_weights);
  std::filesystem::remove(snapshot_);
  Recorder killed, second;
  {
    HeadedModel model = tiny_classifier(0.3);
    TrainingInput in = input(model, killed);
    in.snapshot = snapshot_;
    in.identity = "the same options";
    in.stop = [&]() -> bool {
      if (killed.steps.back().step == 6) throw std::runtime_error("killed");
      return false;
    };
    EXPECT_THROW(train(in), std::runtime_error);
  }
  expect_equal(run(0, second, &resumed_weights), unbroken);
  EXPECT_EQ(second.steps.front().step, 5);  // 5 and 6 are taken again
  EXPECT_TRUE(at::equal(resumed_weights, whole_weights));
}

TEST_F(Resume, ReadsAFinishedTrainingInsteadOfRepeatingIt) {
  options_.snapshot_steps = 3;
  Tensor once, again;
  Recorder first, second;
  const TrainingResult unbroken = run(0, first, &once);
  expect_equal(run(0, second, &again), unbroken);
  EXPECT_TRUE(second.steps.empty());
  EXPECT_TRUE(second.evaluations.empty());
  EXPECT_TRUE(at::equal(once, again));
}

TEST_F(Resume, WritesNoSnapshotOfAShortTrainingUnlessANextPhaseFollows) {
  Recorder recorder;
  HeadedModel model = tiny_classifier(0.3);
  TrainingInput in = input(model, recorder);
  in.snapshot = snapshot_;
  train(in);
  EXPECT_FALSE(std::filesystem::exists(snapshot_));
  in.snapshot_when_finished = true;
  train(in);
  EXPECT_TRUE(std::filesystem::exists(snapshot_));
}

TEST_F(Resume, StartsOverFromADamagedSnapshotAndRefusesAForeignOne) {
  options_.snapshot_steps = 4;
  Recorder whole, again;
  const TrainingResult unbroken = run(0, whole);
  std::filesystem::resize_file(snapshot_, std::filesystem::file_size(snapshot_) / 2);
  expect_equal(run(0, again), unbroken);
  EXPECT_EQ(again.steps.size(), whole.steps.size());

  HeadedModel model = tiny_classifier(0.3);
  Recorder recorder;
  TrainingInput in = input(model, recorder);
  in.snapshot = snapshot_;
  in.identity = "other options";
  EXPECT_THROW(train(in), Error);
}

TEST_F(Resume, TrainsOnWhenTheDiskRefusesASnapshot) {
  options_.snapshot_steps = 4;
  Tensor with, without;
  Recorder whole, refused;
  const TrainingResult unbroken = run(0, whole, &with);
  snapshot_ = folder_.path() / "no such folder" / "training.snapshot";
  expect_equal(run(0, refused, &without), unbroken);
  EXPECT_TRUE(at::equal(with, without));
  ASSERT_FALSE(refused.warnings.empty());
  EXPECT_NE(refused.warnings[0].find("no such folder"), std::string::npos) << refused.warnings[0];
}

TEST_F(Resume, GoesOnWithFrozenBlocksAndWithATiedLanguageModel) {
  const auto run_to = [&](bool language, std::int64_t stop_at) {
    HeadedModel model = language ? tiny_language_model(0.3) : tiny_classifier(0.3);
    const std::vector<Example> texts = testing::tiny_texts(30);
    const CausalLanguageModeling next_token;
    Recorder recorder;
    TrainingInput in = input(model, recorder);
    if (language) {
      in.objective = &next_token;
      in.train = texts;
      in.train_probe = std::span(texts).first(8);
      in.validation = std::span(texts).last(10);
    } else {
      in.tune = {TuneMode::kLastLayers, 1};
    }
    in.snapshot = snapshot_;
    in.stop = [&]() { return stop_at > 0 && recorder.steps.back().step >= stop_at; };
    train(in);
    return weights(model);
  };
  for (const bool language : {false, true}) {
    std::filesystem::remove(snapshot_);
    const Tensor whole = run_to(language, 0);
    std::filesystem::remove(snapshot_);
    run_to(language, 5);
    EXPECT_TRUE(at::equal(run_to(language, 0), whole)) << (language ? "tied" : "frozen");
  }
}

TEST_F(Resume, KeepsThatATrainingDiverged) {
  options_.snapshot_steps = 1;
  options_.learning_rate = 1e30;
  options_.max_grad_norm = 0;
  options_.early_stopping_patience.reset();
  Recorder first, second;
  const TrainingResult diverged = run(0, first);
  ASSERT_EQ(diverged.status, Status::kDiverged);
  const TrainingResult again = run(0, second);
  EXPECT_EQ(again.status, Status::kDiverged);
  EXPECT_EQ(again.steps, diverged.steps);
  EXPECT_TRUE(second.steps.empty());
}

}  // namespace
}  // namespace temper::training
