// Steps and learning rates, computed as transformers computes them.
#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace temper::training {

StepPlan plan_steps(std::int64_t items, const TrainingOptions& options) {
  if (items <= 0) throw Error("the train split is empty, nothing can be trained", "give at least one item to train on");
  StepPlan plan;
  plan.items = items;
  plan.items_per_step = options.batch_size * options.gradient_accumulation_steps;
  plan.steps_per_epoch = (items + plan.items_per_step - 1) / plan.items_per_step;
  // Product and ceiling in double precision, as there: 0.1 epochs of 30 steps are 4 steps, because 0.1 is a little above 1/10.
  plan.total_steps = options.max_steps ? *options.max_steps
                                       : static_cast<std::int64_t>(std::ceil(options.epochs * static_cast<double>(plan.steps_per_epoch)));
  return plan;
}

std::int64_t warmup_steps(const TrainingOptions& options, std::int64_t total_steps) {
  if (options.warmup_steps > 0) return options.warmup_steps;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * options.warmup_ratio));
}

std::int64_t decay_steps(const TrainingOptions& options, std::int64_t total_steps) {
  const std::int64_t wanted = options.decay_steps > 0 ? options.decay_steps : static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * options.decay_ratio));
  return std::min(wanted, std::max<std::int64_t>(0, total_steps - warmup_steps(options, total_steps)));
}

double learning_rate(const TrainingOptions& options, std::int64_t total_steps, std::int64_t step) {
  const double peak = options.learning_rate;
  if (options.lr_scheduler_type == "constant") return peak;
  const std::int64_t warmup = warmup_steps(options, total_steps);
  if (step < warmup) return peak * (static_cast<double>(step) / static_cast<double>(warmup));
  if (options.lr_scheduler_type == "constant_with_warmup") return peak;
  if (options.lr_scheduler_type == "warmup_stable_decay") {  // transformers' get_wsd_schedule (Hu et al. 2024, MiniCPM)
    const std::int64_t falling = decay_steps(options, total_steps), stable_until = total_steps - falling;
    if (step < stable_until) return peak;
    if (step >= total_steps) return 0;
    return peak * 0.5 * (1.0 + std::cos(std::numbers::pi * static_cast<double>(step - stable_until) / static_cast<double>(falling)));
  }
  const double left_steps = static_cast<double>(std::max<std::int64_t>(1, total_steps - warmup));
  if (options.lr_scheduler_type == "linear") return peak * std::max(0.0, static_cast<double>(total_steps - step) / left_steps);
  if (options.lr_scheduler_type == "cosine") {  // half a wave (Loshchilov and Hutter 2017, without restarts)
    const double progress = static_cast<double>(step - warmup) / left_steps;
    return peak * std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
  }
  throw Error("training.lr_scheduler_type is \"" + options.lr_scheduler_type + "\", it must be linear, cosine, constant, constant_with_warmup or warmup_stable_decay");
}

}  // namespace temper::training
