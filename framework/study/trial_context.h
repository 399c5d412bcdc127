// What a strategy sees of a trial: the data it may read, training by the framework's loop, and the model's answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>
#include <temper/training_options.h>

#include "evaluation/score.h"
#include "study/trial.h"
#include "study/trial_inputs.h"
#include "study/trial_log.h"
#include "study/trial_model.h"
#include "training/progress.h"

namespace temper::study {

class TrialContext final : public AdaptContext, public PredictContext {
 public:
  struct Setup {
    const Trial& trial;
    const registry::Registry& registry;
    TrialInputs& inputs;
    TrialLog& log;
    const evaluation::MetricSet& metrics;
    std::shared_ptr<const data::Splits> splits;
    TaskInfo task;
    std::filesystem::path snapshots;  // folder
    int threads = 1;
    std::function<bool()> stop;
  };
  explicit TrialContext(Setup setup);
  ~TrialContext() override;

  const TaskInfo& task() const override { return setup_.task; }
  const Split& train() const override { return *setup_.splits->train; }
  const Split* validation() const override { return setup_.splits->validation.get(); }
  std::uint64_t seed() const override { return seed_; }
  void run_training(const TrainingPhase& phase) override;
  std::vector<Prediction> predict_by_head(std::span<const Item> items) override;

  // After adapt: what each phase of training ended with, in order.
  struct PhaseResult {
    std::string name;
    training::TrainingResult result;
  };
  const std::vector<PhaseResult>& phases() const { return phases_; }
  bool interrupted() const;
  TrialModel* model() { return model_ ? &*model_ : nullptr; }  // none when the strategy never asked for it

 private:
  TrialModel& the_model();
  std::shared_ptr<const data::EncodedSplit> encoded(const Split& split, const std::string& name);

  Setup setup_;
  std::uint64_t seed_;
  at::Device device_;
  TrainingOptions options_;
  std::optional<TrialModel> model_;
  std::vector<PhaseResult> phases_;
};

// Thrown through a strategy when the trial was asked to stop: the rest of `adapt` must not run.
struct TrialInterrupted {};

}  // namespace temper::study
