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
#include "inference/classify.h"
#include "nn/checkpoint.h"
#include "study/trial.h"
#include "study/trial_inputs.h"
#include "study/trial_log.h"
#include "training/progress.h"

namespace temper::study {

// The model of a trial with what turns items into its inputs.
struct TrialModel {
  nn::LoadedModel loaded;
  std::filesystem::path tokenizer;  // folder or file; may have none
  std::int64_t max_length = 0;      // tokens, never above the model's limit
  std::int64_t vocabulary = 0;      // ids are below it
};

// "auto", "cpu", "cuda", "cuda:1" on this machine. Throws Error for a device that is not there.
at::Device find_device(const std::string& name);

// Labels in the order of the model's classes, and the model with the task's head. `labels` are those of the data.
TrialModel open_trial_model(const registry::Registry& registry, const Value& model_table, const TaskInfo& task, std::uint64_t seed, at::Device device);
// The same for a trial, whose training.max_length may be below the model's limit.
TrialModel open_trial_model(const registry::Registry& registry, const Trial& trial, const TaskInfo& task, at::Device device);
// The same order without reading a weight.
std::vector<std::string> task_labels(const Value& model_table, const std::vector<std::string>& data_labels);

// The head's answers to items: rendered by `prompt`, tokenized (`tokenizer` may be null when items bring ids), classified.
std::vector<Prediction> answer_by_head(TrialModel& model, const TaskInfo& task, const PromptOptions& prompt, const Tokenizer* tokenizer,
                                       std::span<const Item> items, const inference::ClassifyOptions& options);

// Tokenizes and checks a split as this trial needs it, or finds it ready. Throws Error naming the item whose tokens the model
// does not know or cannot hold.
std::shared_ptr<const data::EncodedSplit> encode_split(TrialInputs& inputs, const Trial& trial, const TaskInfo& task, const TrialModel& model,
                                                       const Split& split, const std::string& name, int threads);

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
    std::function<void(std::int64_t, std::int64_t)> progress;
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
