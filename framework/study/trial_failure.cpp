// Failed trials are results too: they are recorded with their options, their error and the curves so far.
#include "study/trial_failure.h"

#include "record/event_log.h"

namespace temper::study {

record::TrialRecord begin_record(const Trial& trial) {
  record::TrialRecord record;
  record.strategy = trial.strategy;
  record.seed = trial.seed.value_or(0);
  record.identity = trial.identity;
  record.parameters = trial.parameters();
  record.swept = trial.swept_parameters();
  if (trial.base) record.from_trial = trial.base->number;
  return record;
}

void record_failure(const Trial& trial, const std::filesystem::path& folder, const std::string& error, const std::optional<FailureCost>& cost) {
  record::TrialRecord record = begin_record(trial);
  record.status = record::kFailed;
  record.error = error;
  std::filesystem::create_directories(folder);
  record::add_curves(record, folder / "events.jsonl");
  if (cost) {
    record.cost.emplace();
    record.cost->attempts = cost->attempts;
    record.cost->peak_memory_bytes = cost->peak_memory_bytes;
    if (record.training && !record.training->step.empty()) {
      record.cost->train_seconds = record.training->seconds.back();
      record.cost->train_tokens = record.training->tokens.back();
    }
  }
  record::write_trial(folder / "trial.h5", record);
}

}  // namespace temper::study
