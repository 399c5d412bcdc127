// What a training tells while it runs, and what it ends with. No torch.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/value.h>

namespace temper::training {

using NamedValues = std::vector<std::pair<std::string, double>>;

// A logged optimizer step. Steps count from 1.
struct StepRow {
  std::int64_t step = 0;
  double epoch = 0;            // passes over the train split after this step
  double seconds = 0;          // of training since its start, evaluations included; time lost to an interruption is not
  std::int64_t tokens = 0;     // trained on since the start
  double learning_rate = 0;    // that this step used
  double loss = 0;             // of the step's items before its update, nats per target
  double grad_norm = 0;        // before clipping
};

// A clean pass over one split.
struct SplitScore {
  double loss = std::numeric_limits<double>::quiet_NaN();         // nats per target
  double loss_stderr = std::numeric_limits<double>::quiet_NaN();  // over items
  std::vector<double> losses;        // per item, summed over its targets
  std::vector<std::int64_t> counts;  // targets per item
  NamedValues metrics;
};

struct EvaluationRow {
  std::int64_t step = 0;  // 0 is before training
  double epoch = 0;
  SplitScore train;       // of the train probe
  std::optional<SplitScore> validation;
  std::optional<double> forgetting_loss;  // of the general texts, nats per target; not kept in a snapshot
};

enum class Status {
  kComplete,
  kDiverged,     // a loss or a gradient norm was not finite
  kInterrupted,  // asked to stop; a snapshot was written if there is a place for it
};

struct TrainingResult {
  Status status = Status::kComplete;
  std::int64_t steps = 0;          // the last step taken, counted through all phases
  bool stopped_early = false;
  std::optional<std::int64_t> best_step;  // by the objective; absent without validation
  double best_value = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0;
  std::int64_t tokens = 0;
  std::int64_t trainable_parameters = 0;
  std::int64_t executed_steps = 0;  // by this call: not those before the snapshot that it went on from
  std::string steps_from;           // who took the first `shared_steps` steps: another trial of the same first steps
  std::int64_t shared_steps = 0;
  std::vector<EvaluationRow> evaluations;
};

// Called in the order in which things happen. After a resume, rows up to the snapshot are not told again.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_step(const StepRow& row) = 0;  // logged steps
  virtual void on_evaluation(const EvaluationRow& row) = 0;
  // Every step, logged or not: for a progress bar.
  virtual void on_progress(std::int64_t step, std::int64_t total_steps) {}
  // Worth telling, and the training goes on: a snapshot that the disk refused.
  virtual void on_warning(const std::string& what) {}
  // What the observer needs to go on from here, kept in the snapshot: the length of events.jsonl, say.
  virtual Value save() { return {}; }
  // The training goes on from a snapshot that holds `saved`: forget what came after it.
  virtual void restore(const Value& saved) {}
  // False where what `saved` tells of is gone: the training starts over.
  virtual bool can_restore(const Value& saved) { return true; }
};

}  // namespace temper::training
