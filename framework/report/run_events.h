// What `temper run --json` writes: an object per event, for programs. Each is made here and declared here, so that the reference page and
// a test that compares the two know all that can occur.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <temper/value.h>

#include "record/study_file.h"
#include "record/trial_record.h"
#include "report/progress.h"

namespace temper::report {

inline constexpr const char* kRunFormat = "temper-run";
inline constexpr std::int64_t kRunFormatVersion = 1;

// A trial for these events: what it is called, and the options that tell it from others.
struct TrialName {
  std::int64_t number = 0;
  std::string strategy;
  std::optional<std::int64_t> seed;
  std::vector<std::pair<std::string, Value>> swept;  // full path and value
};

// Numbers that are not there (a loss before the first step) are no members; NaN and infinities are the strings that events.jsonl has.
Value study_started_event(const Progress& progress, const std::filesystem::path& folder);
Value note_event(const std::string& text);
Value trial_started_event(const TrialName& trial, std::size_t worker);
Value trial_progress_event(const WorkerProgress& worker, std::size_t number, const Progress& progress);
// `record` is null for a failed trial.
Value trial_finished_event(const TrialName& trial, const record::TrialRecord* record, const std::string& error, double seconds, const Progress& progress);
// `status`: "complete", "some_failed", "interrupted" or "failed", then with `error`. `table` is null where there is none.
Value study_finished_event(const std::string& status, const std::string& error, const std::filesystem::path& study_file, const record::StudySummary* table);

struct EventMember {
  const char* name;
  const char* type;  // "integer", "number", "string", "object", "array"
  bool always;
  const char* what;
};
struct EventKind {
  const char* name;
  const char* when;
  std::vector<EventMember> members;  // without "event" and "time", which all have
};
const std::vector<EventKind>& run_event_kinds();
// docs/reference/run_events.md
std::string run_events_markdown();

}  // namespace temper::report
