// The folder of a study: who holds it, what stands in it already, and which checkpoints are worth their place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <temper/metric.h>

#include "record/study_file.h"
#include "study/study.h"
#include "study/trial.h"

namespace temper::launch {

// Throws Error, with the way out, where it cannot be made.
void make_study_folder(const std::filesystem::path& study_folder);

// What a trial's folder says of it.
struct TrialState {
  std::string status = record::kPending;  // as recorded; pending when it has not ended
  double objective = record::kNaN;
  std::int64_t from_trial = 0;  // the base that the record names
  bool has_snapshot = false;
  bool ended() const { return status != record::kPending && status != record::kFailed; }
};

std::filesystem::path trial_folder(const std::filesystem::path& study_folder, std::int64_t number);
// A record of other options (its identity differs) counts as none.
TrialState trial_state(const std::filesystem::path& study_folder, const study::Trial& trial);

// The same of all trials that have ended, by what study.h5 tells: one file instead of thousands, for whoever shows it (`temper plan`). Trials
// that ended since it was written, or under another identity, are not among them.
class EndedTrials {
 public:
  explicit EndedTrials(const std::filesystem::path& study_folder);
  const TrialState* find(const study::Trial& trial) const;

 private:
  std::map<std::string, TrialState> by_identity_;
};

// Throws Error when `study_folder` holds something that is no study: nothing is written among other people's files.
void refuse_foreign_folder(const std::filesystem::path& study_folder);
// Removes what an earlier run left.
void clear_study(const std::filesystem::path& study_folder);

// Whole, as far as the sizes of its files tell: a damaged one counts as not kept.
bool has_checkpoint(const std::filesystem::path& study_folder, std::int64_t number);

// Of each strategy only the checkpoint of its best trial by the objective is kept (all, where there is no objective to choose by), and
// those that other trials have yet to go on from.
class BestCheckpoints {
 public:
  using IsNeeded = std::function<bool(std::int64_t number)>;
  BestCheckpoints(std::filesystem::path study_folder, Better better, IsNeeded is_needed)
      : study_folder_(std::move(study_folder)), better_(better), is_needed_(std::move(is_needed)) {}
  void trial_ended(const study::Trial& trial, double objective);
  // Removes those that are neither the best nor needed any more.
  void remove_others();

 private:
  std::filesystem::path study_folder_;
  Better better_;
  IsNeeded is_needed_;
  std::map<std::string, std::pair<std::int64_t, double>> best_;  // by strategy: number and objective
  std::set<std::int64_t> others_;                                // whose checkpoints may be there still
};

}  // namespace temper::launch
