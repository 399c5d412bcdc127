// Runs a study: plans it, hands its trials to worker processes, and keeps its files up to date until all trials have ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <temper/error.h>

#include "record/trial_record.h"
#include "registry/registry.h"
#include "report/progress.h"
#include "study/trial.h"

namespace temper::launch {

struct RunRequest {
  std::filesystem::path file;
  std::vector<std::string> sets;       // "path=value"
  std::filesystem::path results;       // the folder that studies are written into
  std::int64_t workers = 1;
  bool fresh = false;                  // forget what an earlier run of the study left
  bool keep = false;                   // go on though trials that have results changed in the file: they run anew, the old results stay, marked
};

// How a trial ended. `record` is null where it failed, or never ran because what it goes on from failed; then `error` says why.
struct TrialEnd {
  const study::Trial& trial;
  const record::TrialRecord* record = nullptr;
  std::string error;
  double seconds = 0;  // since it was begun; 0 where it was not
};

// What the caller shows. `progress` always is the state after what is told.
class RunListener {
 public:
  virtual ~RunListener() = default;
  virtual void note(const std::string& text) = 0;  // worth a line of its own
  // The trials are planned and what is done already is known.
  virtual void study_started(const std::filesystem::path& folder, const report::Progress& progress) {}
  virtual void trial_started(const study::Trial& trial, const report::Progress& progress) {}
  virtual void progress(const report::Progress& progress) = 0;  // several times a second
  virtual void trial_ended(const TrialEnd& end, const report::Progress& progress) = 0;
};

struct RunResult {
  std::filesystem::path folder, study_file;
  std::int64_t trials = 0, complete = 0, failed = 0;
  bool interrupted = false;
};

// The experiment was in order, and running it failed as a whole: a full disk, say. What has ended is kept.
struct RunFailed : Error {
  using Error::Error;
};

// `stop` is looked at all the time: once true, running trials write a snapshot and the study ends as interrupted.
// Throws Error for everything that is wrong with the file, its data and its checkpoints, before anything is written; RunFailed
// for what goes wrong later, but for single trials, whose failure is a result.
RunResult run_study(const RunRequest& request, const registry::Registry& registry, RunListener& listener, const std::atomic<int>& stop);

}  // namespace temper::launch
