// Strategy plugins: ways of making a model answer a task. A strategy decides; the framework trains, batches and scores.
// No torch: what is trained and how is described by plain structs. (Objectives of one's own are in temper/torch/.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/dataset.h>
#include <temper/plugin.h>
#include <temper/prompt.h>
#include <temper/task.h>

namespace temper {

// Which tables of the experiment a strategy reads and what it needs: axes over other tables make no further trials of it.
struct Needs {
  bool model = true;       // reads [model]
  bool training = false;   // reads [training]
  bool prompt = true;      // reads [prompt]
  bool seed = true;        // its outcome depends on the seed; otherwise it runs once
};

// Which parameters are trained.
enum class TuneMode { kFull, kHead, kLastLayers };
struct Tune {
  TuneMode mode = TuneMode::kFull;
  std::int64_t last_layers = 0;  // for kLastLayers: how many blocks, counted from the last; the head and what follows the blocks are trained too
};

// One phase of training: the framework runs its loop and records its curves.
struct TrainingPhase {
  std::string name = "supervised";  // stored as the phase's name
  Tune tune;
};

// What a strategy may see while it adapts. There is no test split here.
class AdaptContext {
 public:
  virtual ~AdaptContext() = default;
  virtual const TaskInfo& task() const = 0;
  virtual const Split& train() const = 0;
  virtual const Split* validation() const = 0;  // nullptr when the experiment has none
  virtual std::uint64_t seed() const = 0;
  // Trains the model on the task's targets as [training] says; records the curves. May be called for several phases in a row.
  virtual void run_training(const TrainingPhase& phase) = 0;
};

// What a strategy may see while it predicts: the items without their targets.
class PredictContext {
 public:
  virtual ~PredictContext() = default;
  virtual const TaskInfo& task() const = 0;
  // The model's answers by its head.
  virtual std::vector<Prediction> predict_by_head(std::span<const Item> items) = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual Needs needs() const = 0;
  // Why it cannot do this task; empty when it can.
  virtual std::string cannot(Task task) const = 0;
  virtual void adapt(AdaptContext& context) = 0;
  // One prediction per item, in their order. By default the model's head answers.
  virtual std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items);
  // What `predict` needs beside the model; the model itself is saved by the framework. `folder` exists.
  virtual void save(const std::filesystem::path& folder) const;
  virtual void load(const std::filesystem::path& folder);
};

}  // namespace temper

TEMPER_DECLARE_KIND(Strategy)
