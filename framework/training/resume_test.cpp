// A training that was interrupted or killed goes on to the same bits.
#include <filesystem>
#include <stdexcept>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/trainer_fixture.h"

namespace temper::training {
namespace {

using testing::tiny_classifier;
using testing::tiny_language_model;

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

TEST_F(Resume, TakesWhatAFinishedTrainingEndedWithThoughItWasResumedBefore) {
  Recorder whole, first, second, third;
  const TrainingResult unbroken = run(0, whole);
  std::filesystem::remove(snapshot_);
  run(5, first);
  expect_equal(run(0, second), unbroken);
  expect_equal(run(0, third), unbroken);
  EXPECT_TRUE(third.steps.empty());
}

TEST_F(Resume, StartsOverWhereWhatTheObserverKeptIsGone) {
  class Forgetful : public Recorder {
   public:
    bool can_restore(const Value&) override { return false; }
  };
  Recorder whole, first;
  const TrainingResult unbroken = run(0, whole);
  std::filesystem::remove(snapshot_);
  run(5, first);
  Forgetful second;
  expect_equal(run(0, second), unbroken);
  EXPECT_EQ(second.steps.size(), whole.steps.size());
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

TEST_F(Resume, ReadsATrainingThatWasInterruptedAndThenFinished) {
  Tensor once, again;
  Recorder first, second, third;
  run(4, first);
  const TrainingResult unbroken = run(0, second, &once);
  expect_equal(run(0, third, &again), unbroken);
  EXPECT_TRUE(third.steps.empty());
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
