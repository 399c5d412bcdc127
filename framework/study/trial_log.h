// A trial's events.jsonl while it runs: begun anew, or cut back to a snapshot's length after a resume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "record/event_log.h"
#include "study/trial.h"

namespace temper::study {

class TrialLog {
 public:
  // `may_resume`: there are snapshots, so the file that an earlier run wrote must stay until it is known whether one of them is gone on from.
  TrialLog(std::filesystem::path file, const Trial& trial, bool may_resume) : file_(std::move(file)), trial_(trial), may_resume_(may_resume) {}

  // Notes and warnings that come before that is known are held back: the rows before a snapshot have them already.
  void append(const record::Event& event);
  // What a snapshot keeps, and going on from it: rows after `offset` are forgotten.
  std::int64_t offset() { return log().offset(); }
  void go_on_from(std::int64_t offset);
  // Whether the file still has the rows before `offset`: a disk that lost its end, or somebody, may have cut it.
  bool reaches(std::int64_t offset) const;
  // Makes sure that the file exists and ends where this log does.
  void sync() { log().sync(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  record::EventLog& log();

  std::filesystem::path file_;
  const Trial& trial_;
  bool may_resume_;
  std::vector<record::Event> held_back_;
  std::optional<record::EventLog> log_;
  std::optional<std::int64_t> resume_at_;
};

}  // namespace temper::study
