// The training loop: one phase of a trial.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <c10/core/Device.h>
#include <temper/example.h>
#include <temper/metric.h>
#include <temper/strategy.h>
#include <temper/torch/headed_model.h>
#include <temper/torch/objective.h>
#include <temper/training_options.h>

#include "inference/frozen_states.h"
#include "training/evaluate.h"
#include "training/progress.h"

namespace temper::training {

enum class EvaluatedSplit { kTrain, kValidation };

// What a training with the same first steps may go on from: a snapshot of this one under that one's identity, written once `step` was taken
// (or an early stop ended both) and before what only the end of the shorter one makes it do.
struct HandOver {
  std::int64_t step = 0;
  bool evaluates = false;  // the other one evaluates at that step too
  std::filesystem::path snapshot;
  std::string identity;
  std::string from;                 // who took the steps: TrainingResult::steps_from there
  std::function<Value()> observer;  // TrainingObserver::save of the other one
};

struct TrainingInput {
  HeadedModel* model = nullptr;
  const Objective* objective = nullptr;
  std::span<const Example> train;
  std::span<const Example> train_probe;  // part of train, scored for the train curve
  std::span<const Example> validation;   // empty: none; then nothing stops early and the last weights are kept
  TrainingOptions options;
  Tune tune;
  std::uint64_t seed = 0;

  // What chooses the best evaluation: "validation_loss", or a value of `metrics` on validation ("accuracy").
  std::string best_by = "validation_loss";
  Better better = Better::kLower;
  // Values of an evaluated split, by metric plugins; may be empty. The evaluation is in the order of train_probe or validation.
  std::function<NamedValues(EvaluatedSplit, const Evaluation&)> metrics;

  std::span<const Example> general;             // texts whose loss under general_objective is the curve of what is forgotten; may be empty
  const Objective* general_objective = nullptr;

  TrainingObserver* observer = nullptr;         // may be absent
  std::function<bool()> stop;                   // asked after every step; may be empty
  std::function<void()> alive;                  // called while it evaluates, after each batch; may be empty
  std::filesystem::path snapshot;               // a file of this phase's own; empty: no snapshots
  std::string identity;                         // of all that decides the outcome: a snapshot with another one is refused
  bool snapshot_when_finished = false;          // even of a training that was too short for one: a next phase follows
  std::optional<HandOver> hand_over;            // once; not after a resume behind that step
  std::int64_t first_step = 0;                  // steps of the phases before this one, and what else the curves count through
  std::int64_t first_tokens = 0;
  double first_seconds = 0;
  bool evaluate_at_start = true;
  at::Device device = at::kCPU;
  bool plain = false;                           // plain twins of all fast paths
  inference::FrozenStates* frozen = nullptr;    // keeps states of frozen blocks of this model; null: they are computed in every pass
};

// Trains, and leaves in the model the weights that `keep` names. Resumes from `snapshot` where there is a usable one; a finished
// one is only read. Throws Error for options that cannot be met and for a snapshot of another identity.
TrainingResult train(const TrainingInput& input);

}  // namespace temper::training
