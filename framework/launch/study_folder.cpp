// results/NAME.
#include "launch/study_folder.h"

#include <algorithm>
#include <cmath>

#include <temper/error.h>

#include "launch/study_lock.h"
#include "record/hdf5.h"
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

EndedTrials::EndedTrials(const fs::path& study_folder) {
  const fs::path file = study_folder / "study.h5";
  if (!fs::exists(file)) return;
  try {
    const record::Hdf5File study = record::Hdf5File::open(file);
    const record::Hdf5Group trials = study.group("trials");
    const std::vector<std::int64_t> numbers = study.read_integers("summary/trial");
    const std::vector<std::string> status = study.read_strings("summary/status");
    for (std::size_t i = 0; i < std::min(numbers.size(), status.size()); ++i) {
      TrialState state;
      state.status = status[i];
      if (!state.ended() || !fs::exists(trial_folder(study_folder, numbers[i]) / "trial.h5")) continue;
      const auto identity = trials.attribute("identity", record::trial_name(numbers[i]));
      if (const auto* text = identity ? std::get_if<std::string>(&*identity) : nullptr) by_identity_[*text] = state;
    }
  } catch (const Error&) {
    by_identity_.clear();  // then each trial is looked at
  }
}

const TrialState* EndedTrials::find(const study::Trial& trial) const {
  const auto found = by_identity_.find(trial.identity);
  return found == by_identity_.end() ? nullptr : &found->second;
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
