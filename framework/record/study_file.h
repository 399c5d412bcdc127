// study.h5: everything about all trials of a study in one file, put together from their trial.h5. Layout: results/README.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/metric.h>
#include <temper/value.h>

#include "record/comparison.h"
#include "record/hdf5.h"
#include "record/trial_record.h"

namespace temper::record {

struct StudyHeader {
  std::string name;
  std::string created, finished;  // ISO 8601 with zone; `finished` is empty while the study runs
  std::string temper_version, torch_version, git_commit, host, device;
  std::string instruction_set;    // of the processor, as far as kernels are chosen by it: "avx2 avx512f"
  std::string experiment;         // the resolved TOML (without results folder, workers and launcher)
  std::string objective;          // "validation_loss"
  Better objective_better = Better::kLower;
};

// A trial of the plan, or one that the experiment file no longer has. With a `file` all is taken from it; without one the rest is what
// is known.
struct StudyTrial {
  std::int64_t number = 0;     // from 1
  bool in_file = true;         // false: an earlier version of the experiment file had it; it is stored, marked, and compared with none
  std::filesystem::path file;  // its trial.h5; empty when it has none
  std::filesystem::path events;  // without a file: its events.jsonl, for the curves so far; may be empty or absent
  std::string status = kPending;
  std::string strategy;
  std::int64_t seed = 0;
  std::string error;
  std::int64_t from_trial = 0;
  std::string identity;
  std::vector<std::pair<std::string, Value>> parameters;
  std::vector<std::string> swept;
};

// Writes study.h5 atomically. A trial whose file cannot be read is stored as failed, with that as its error, so that one broken
// file never costs the study's. `compare` adds what is made of all trials together (compare_strategies.h) before the file is closed.
void write_study(const std::filesystem::path& file, const StudyHeader& header, const std::vector<StudyTrial>& trials,
                 const std::function<void(Hdf5Group& study)>& compare = {});

// "2026-01-31T12:00:00Z"
std::string now_iso8601();

// When the study's file is due: it was never written, or since the last time the number of ended trials grew by 5 %, or 30 s
// have passed and it grew at all; but never so often that writing takes more than a tenth of the time. Time is passed in.
class WritePolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;
  bool due(std::int64_t ended_trials, Time now) const;
  void written(std::int64_t ended_trials, Time begun, Time now);  // call after each write

 private:
  bool ever_ = false;
  std::int64_t trials_ = 0;
  Time last_{};
  Time::duration took_{};
};

// What a table of the study needs; read from /, /summary, /comparison and the trials' attributes.
struct TrialSummary {
  std::int64_t number = 0;
  std::string strategy, status, verdict, reason, error;
  std::int64_t seed = 0;
  bool in_file = true;  // false: the experiment file no longer has it
  std::int64_t from_trial = 0;  // the trial that it went on from; 0: none
  double objective = kNaN;
  std::vector<std::pair<std::string, Value>> swept;  // those of the study's swept options that it reads
  std::vector<MetricResult> metrics;
};
struct StudySummary {
  std::string name, created, finished, objective;
  Better objective_better = Better::kLower;
  std::vector<std::string> swept;    // all, in the order of their columns
  std::vector<std::string> metrics;  // all, without _stderr
  std::vector<TrialSummary> trials;
  std::optional<Comparison> comparison;  // once the study has ended
  // The complete trial of the file with the best objective; nullptr when none has one.
  const TrialSummary* best() const;
};
StudySummary read_summary(const std::filesystem::path& study);
// STUDY is a study's folder or its study.h5: the path of the file. Throws Error when there is none.
std::filesystem::path study_file(const std::filesystem::path& study);

}  // namespace temper::record
