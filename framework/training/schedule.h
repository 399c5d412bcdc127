// How many optimizer steps a training takes and which learning rate each of them uses: pure functions, no state.
#pragma once

#include <cstdint>

#include <temper/training_options.h>

namespace temper::training {

struct StepPlan {
  std::int64_t items = 0;            // in the train split
  std::int64_t items_per_step = 0;   // batch_size x gradient_accumulation_steps
  std::int64_t steps_per_epoch = 0;  // the last step of an epoch may be short
  std::int64_t total_steps = 0;      // epochs may be fractional, max_steps overrides them

  // Passes over the train split after `steps` optimizer steps, counted in steps as Hugging Face's Trainer does.
  double epoch(std::int64_t steps) const { return static_cast<double>(steps) / static_cast<double>(steps_per_epoch); }
};

// Throws Error when there is no item.
StepPlan plan_steps(std::int64_t items, const TrainingOptions& options);

// Steps in which the learning rate rises: warmup_steps, else ceil(total_steps x warmup_ratio).
std::int64_t warmup_steps(const TrainingOptions& options, std::int64_t total_steps);

// Steps at the end in which it falls, with warmup_stable_decay: decay_steps, else ceil(total_steps x decay_ratio); no more than warm-up leaves.
std::int64_t decay_steps(const TrainingOptions& options, std::int64_t total_steps);

// The learning rate that step `step` uses, counted from 0: with a warm-up, the first step has 0.
// "constant" knows no warm-up, as in transformers; "constant_with_warmup" does.
double learning_rate(const TrainingOptions& options, std::int64_t total_steps, std::int64_t step);

}  // namespace temper::training
