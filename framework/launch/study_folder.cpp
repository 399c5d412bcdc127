// results/NAME.
#include "launch/study_folder.h"

#include <algorithm>
#include <cmath>

#include <temper/error.h>

#include "launch/study_lock.h"
#include "record/trial_record.h"
#include "study/ledger.h"
#include "study/trial_files.h"

namespace temper::launch {

namespace fs = std::filesystem;

void make_study_folder(const fs::path& study_folder) {
  std::error_code error;
  fs::create_directories(study_folder, error);
  if (error) throw Error(study_folder.string() + " cannot be made: " + error.message(), "give a folder that can be written: --results DIR");
}

fs::path trial_folder(const fs::path& study_folder, std::int64_t number) { return study_folder / "trials" / record::trial_name(number); }

TrialState trial_state(const fs::path& study_folder, const study::Trial& trial) {
  const fs::path folder = trial_folder(study_folder, trial.number);
  TrialState state;
  state.has_snapshot = fs::exists(folder / "snapshot") && !fs::is_empty(folder / "snapshot");
  if (!fs::exists(folder / "trial.h5")) return state;
  try {
    const record::TrialRecord record = record::read_trial_head(folder / "trial.h5");
    if (record.identity != trial.identity) return state;
    state.status = record.status;
    state.objective = record.objective;
    state.from_trial = record.from_trial;
  } catch (const Error&) {
    // A damaged record is run again.
  }
  return state;
}

void refuse_foreign_folder(const fs::path& study_folder) {
  if (!fs::exists(study_folder) || fs::exists(study_folder / study::kLedgerFile) || fs::exists(study_folder / study::kLedgerCopy)) return;
  const auto is_foreign = [](const fs::directory_entry& entry) {
    return entry.path().filename() != kLockFile && !(entry.path().filename() == "trials" && fs::is_empty(entry.path()));
  };
  if (std::any_of(fs::directory_iterator(study_folder), fs::directory_iterator(), is_foreign)) {
    throw Error(study_folder.string() + " holds files but no study, so no study is written there", "remove it by hand, or give another name or --results");
  }
}

void clear_study(const fs::path& study_folder) {
  for (const char* part : {"trials", "study.h5", "report.html", "experiment.toml", "experiment.resolved.toml", study::kLedgerFile, study::kLedgerCopy}) fs::remove_all(study_folder / part);
}

bool has_checkpoint(const fs::path& study_folder, std::int64_t number) {
  const fs::path checkpoint = trial_folder(study_folder, number) / study::kCheckpointFolder;
  if (!fs::exists(checkpoint / study::kTrialFile)) return false;
  try {
    study::check_checkpoint(checkpoint);
    return true;
  } catch (const Error&) {
    return false;  // its trial runs again, where others go on from it
  }
}

void BestCheckpoints::trial_ended(const study::Trial& trial, double objective) {
  if (std::isnan(objective)) return;
  const auto [entry, is_first] = best_.try_emplace(trial.strategy, trial.number, objective);
  auto& [best, best_objective] = entry->second;
  if (is_first || best == trial.number) {
    best_objective = objective;
    return;
  }
  // Of equal ones the first by number, whichever ended first: the one that tables name.
  const bool improves = objective == best_objective ? trial.number < best : better_ == Better::kLower ? objective < best_objective : objective > best_objective;
  others_.insert(improves ? best : trial.number);
  if (!improves) return;
  others_.erase(trial.number);
  best = trial.number;
  best_objective = objective;
}

void BestCheckpoints::remove_others() {
  std::erase_if(others_, [&](std::int64_t number) {
    if (is_needed_(number)) return false;
    fs::remove_all(trial_folder(study_folder_, number) / study::kCheckpointFolder);
    return true;
  });
}

}  // namespace temper::launch
