// See step_sharing.h.
#include "study/step_sharing.h"

#include <algorithm>

#include "training/schedule.h"

namespace temper::study {

namespace {

bool is_set(const Value* value) { return value && !value->is_null(); }

}  // namespace

std::string steps_key(const Trial& trial, const Needs& needs) {
  if (!needs.model || !needs.training || !trial.reads("training")) return {};
  Value training = trial.table("training");
  const Value* share = training.find("share_steps");
  if (share && !share->as_bool()) return {};
  const Value* scheduler = training.find("lr_scheduler_type");
  if (!scheduler) return {};
  const std::string type = scheduler->as_string();
  const Value *warmup_ratio = training.find("warmup_ratio"), *warmup_steps = training.find("warmup_steps");
  const bool warms_by_share = is_set(warmup_ratio) && warmup_ratio->as_number() > 0 && !(is_set(warmup_steps) && warmup_steps->as_integer() > 0);
  if (type != "constant" && (warms_by_share || (type != "constant_with_warmup" && type != "warmup_stable_decay"))) return {};
  if (is_set(training.find("max_steps"))) training.erase("max_steps");
  else training.set("epochs", Value());
  Value options = trial.options;
  options.set("training", training);
  Value key = Value::Table{{"options", options}};
  if (trial.seed) key.set("seed", *trial.seed);
  if (trial.base) key.set("base", Value::Array(trial.base->candidates.begin(), trial.base->candidates.end()));
  return to_json(key);
}

double steps_length(const Trial& trial) {
  const Value& training = trial.table("training");
  const Value* steps = training.find("max_steps");
  return (is_set(steps) ? steps : training.find("epochs"))->as_number();
}

std::int64_t common_steps(const TrainingOptions& shorter, const TrainingOptions& longer, std::int64_t items) {
  const std::int64_t first = training::plan_steps(items, shorter).total_steps, second = training::plan_steps(items, longer).total_steps;
  if (first >= second) return 0;
  std::int64_t step = 0;
  while (step < first && training::learning_rate(shorter, first, step) == training::learning_rate(longer, second, step)) ++step;
  return 2 * step >= first ? step : 0;
}

}  // namespace temper::study
