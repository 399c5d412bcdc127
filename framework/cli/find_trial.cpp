// From STUDY and --trial to a checkpoint folder.
#include "cli/find_trial.h"

#include <temper/error.h>

#include "launch/study_folder.h"
#include "record/study_file.h"
#include "study/trial_files.h"

namespace temper::cli {

std::filesystem::path find_checkpoint(const std::string& study, std::optional<std::int64_t> trial) {
  const std::filesystem::path file = record::study_file(study);
  const record::StudySummary summary = record::read_summary(file);
  if (!trial) {
    const record::TrialSummary* best = summary.best();
    if (!best) throw Error(file.string() + ": no trial has a value of the objective, so none is the best", "choose one: --trial N");
    trial = best->number;
  }
  const record::TrialSummary* chosen = nullptr;
  for (const record::TrialSummary& candidate : summary.trials) {
    if (candidate.number == *trial) chosen = &candidate;
  }
  if (!chosen) throw Error(file.string() + " has no trial " + std::to_string(*trial) + ", it has " + std::to_string(summary.trials.size()), "see: temper report " + study);
  const std::filesystem::path checkpoint = launch::trial_folder(file.parent_path(), *trial) / study::kCheckpointFolder;
  if (!std::filesystem::exists(checkpoint / "trial.json")) {
    throw Error("trial " + std::to_string(*trial) + " (" + chosen->status + ") has no checkpoint: " + checkpoint.string(),
                "of each strategy only the best trial's is kept; run that trial alone to get its model");
  }
  study::check_checkpoint(checkpoint);
  return checkpoint;
}

}  // namespace temper::cli
