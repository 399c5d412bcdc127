// See probe.h.
#include "launch/probe.h"

#include <algorithm>
#include <filesystem>

#include "launch/temporary_folder.h"
#include "launch/worker_pool.h"
#include "record/trial_record.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSteps = 6, kItems = 64;

void limit(study::Trial& trial, const char* split, std::int64_t items, std::int64_t most) {
  if (items > most) trial.options.set_path(std::string("dataset.limit.") + split, most);
}

}  // namespace

study::Trial short_trial(const study::Trial& trial, const TrainingOptions& options, const study::SplitSizes& items) {
  study::Trial probe = trial;
  probe.number = 1;
  limit(probe, "validation", items.validation, kItems);
  limit(probe, "test", items.test, kItems);
  if (!trial.reads("training")) return probe;
  limit(probe, "train", items.train, std::max(kItems, kSteps * options.batch_size * options.gradient_accumulation_steps));
  for (const char* unset : {"eval_steps", "early_stopping_patience", "snapshot_steps"}) probe.options.set_path(std::string("training.") + unset, Value());
  probe.options.set_path("training.max_steps", kSteps);
  probe.options.set_path("training.logging_steps", 1);
  probe.options.set_path("training.snapshot_seconds", 1e9);
  return probe;
}

ProbeResult run_probe(const study::Trial& trial, const TrainingOptions& options, const study::SplitSizes& items, std::int64_t threads, const std::atomic<int>& stop) {
  if (trial.base) return {std::nullopt, "it goes on from a trial that has not run"};
  const TemporaryFolder folder("probe");
  const fs::path place = folder.path() / "0001";
  fs::create_directories(place);
  const study::Trial probe = short_trial(trial, options, items);
  WorkerPool pool(worker_program(), 1, stop);
  const Ended ended = pool.run({probe, place, {}}, static_cast<int>(threads));
  if (ended.status == record::kFailed) return {std::nullopt, ended.error};
  const record::TrialRecord record = record::read_trial(place / "trial.h5");
  const std::int64_t rows = std::min(items.train, std::max(kItems, kSteps * options.batch_size * options.gradient_accumulation_steps));
  const std::int64_t scored = std::min(options.train_probe, rows) + std::min(items.validation, kItems);
  const std::int64_t evaluations = record.evaluation ? static_cast<std::int64_t>(record.evaluation->step.size()) : 0;
  study::CostRate rate = study::rate_of_probe(record, evaluations * scored);
  // A trial that trains nothing answers the validation items as well, for its objective.
  if (!record.training) {
    const double more = static_cast<double>(items.validation - std::min(items.validation, kItems));
    rate.other_seconds += rate.seconds_per_answer * more;
  }
  return {rate, ""};
}

}  // namespace temper::launch
