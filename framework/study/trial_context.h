// What a strategy sees of a trial: the data it may read, training by the framework's loop, and the model's answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>
#include <temper/training_options.h>

#include "evaluation/score.h"
#include "inference/frozen_states.h"
#include "study/answering.h"
#include "study/phase_data.h"
#include "study/run_trial.h"
#include "study/trial.h"
#include "study/trial_inputs.h"
#include "study/trial_log.h"
#include "study/trial_model.h"
#include "training/progress.h"
#include "training/trainer.h"

namespace temper::study {

class TrialContext final : public AdaptContext, public PredictContext, private ModelSource {
 public:
  struct Setup {
    const Trial& trial;
    const registry::Registry& registry;
    TrialInputs& inputs;
    TrialLog& log;
    const evaluation::MetricSet& metrics;
    std::shared_ptr<const data::Splits> splits;
    TaskInfo task;
    ModelPlace place;                 // of the model that it begins with
    bool leaves_first_layers = false;  // when it trains: Needs::frozen
    std::vector<Strategy*> bases;     // of the trials that it goes on from, the first one first
    std::filesystem::path snapshots;  // folder
    std::optional<Heir> heir;         // who takes the same first steps
    int threads = 1;
    std::function<void(const LiveProgress&)> live;  // may be empty
    std::function<bool()> stop;
    std::function<void()> alive;      // may be empty
  };
  explicit TrialContext(Setup setup);
  ~TrialContext() override;

  const TaskInfo& task() const override { return setup_.task; }
  const Split& train() const override { return *setup_.splits->train; }
  const Split* validation() const override { return setup_.splits->validation.get(); }
  std::uint64_t seed() const override { return seed_; }
  void run_training(const TrainingPhase& phase) override;
  const PromptFormat& format() const override { return answering_->format(); }
  bool is_causal() override { return answering_->is_causal(); }
  Embeddings embed(std::span<const Item> items, const EmbeddingOptions& options) override { return answering_->embed(items, options); }
  std::shared_ptr<const Retriever> index(const PluginChoice& retriever, std::span<const Passage> corpus) override { return answering_->index(retriever, corpus); }
  std::vector<Prediction> answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) override;

  // For what the framework alone may ask: it knows the references.
  Answering& answering() { return *answering_; }

  // After adapt: what each phase of training ended with, in order.
  struct PhaseResult {
    std::string name;
    training::TrainingResult result;
    bool is_of_task = true;  // false: it learned from texts, and its curves are of these
  };
  const std::vector<PhaseResult>& phases() const { return phases_; }
  bool interrupted() const;
  double training_seconds() const { return training_seconds_; }  // of this process: a snapshot's belong to an earlier one
  // The model as training left it; none when nothing was trained.
  TrialModel* trained_model() { return phases_.empty() ? nullptr : &*model_; }
  // The trials whose states of frozen layers, or first optimizer steps, were used.
  const std::set<std::string>& shared_with() const { return shared_with_; }
  // Rows of a split that training or its evaluations read a part of only; 0 where they read none.
  std::int64_t truncated_rows(const std::string& split) const {
    const auto found = truncated_.find(split);
    return found == truncated_.end() ? 0 : found->second;
  }
  bool head_is_trained() const override;

 private:
  TrialModel& model(HeadKind head) override;
  TrialModel& any_model() override;
  std::string weights_key() const override;
  std::shared_ptr<TrialModel> opened(HeadKind head);
  inference::FrozenStates* frozen_states() override { return frozen_ ? &*frozen_ : nullptr; }
  // For the heir, where there is one whose first steps are those of `input`.
  std::optional<training::HandOver> hand_over(const training::TrainingInput& input);
  void tell_answered(std::int64_t more);
  void keep_frozen_states(std::int64_t phase);
  std::shared_ptr<const data::EncodedSplit> encoded(const Split& split, const std::string& name, data::EncodeFor purpose);
  bool has_kind(TrialModel& model, HeadKind head) const;
  void change_head(HeadKind head);
  std::vector<double> class_weights() const;
  PhaseData task_phase(TrialModel& model);
  PhaseData text_phase(const Texts& texts, const TrainingOptions& options);

  Setup setup_;
  std::uint64_t seed_;
  at::Device device_;
  TrainingOptions options_;
  std::shared_ptr<TrialModel> model_;  // shared with trials to come where this one trains nothing
  std::vector<PhaseResult> phases_;
  std::int64_t changed_from_ = std::numeric_limits<std::int64_t>::max();  // the first place that a phase trained
  std::set<std::string> shared_with_;
  std::map<std::string, std::int64_t> truncated_;  // by split
  std::optional<inference::FrozenStates> frozen_;  // as the last phase froze the model
  bool has_trained_ = false;  // in this process, so that the events since are new
  double training_seconds_ = 0;
  std::int64_t answered_ = 0;  // by the running call of `answer`
  std::chrono::steady_clock::time_point told_{};
  std::optional<Answering> answering_;
};

// Thrown through a strategy when the trial was asked to stop: the rest of `adapt` must not run.
struct TrialInterrupted {};

}  // namespace temper::study
