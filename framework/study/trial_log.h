// A trial's events.jsonl while it runs: opened when the first row comes, cut back to a snapshot's length after a resume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "record/event_log.h"
#include "study/trial.h"

namespace temper::study {

class TrialLog {
 public:
  TrialLog(std::filesystem::path file, const Trial& trial) : file_(std::move(file)), trial_(trial) {}

  void append(const record::Event& event) { log().append(event); }
  // What a snapshot keeps, and going on from it: rows after `offset` are forgotten.
  std::int64_t offset() { return log().offset(); }
  void go_on_from(std::int64_t offset);
  // Makes sure that the file exists and ends where this log does.
  void sync() { log().sync(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  record::EventLog& log();

  std::filesystem::path file_;
  const Trial& trial_;
  std::optional<record::EventLog> log_;
  std::optional<std::int64_t> resume_at_;
};

}  // namespace temper::study
