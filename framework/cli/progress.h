// How far a verb is with its lines: one line of stderr that is rewritten, and only on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "report/terminal.h"

namespace temper::cli {

// "512 of 10000 lines, 85 per second, 2 min left"; without `total` what is left is not told.
std::string progress_text(std::int64_t done, std::optional<std::int64_t> total, double seconds);

class Progress {
 public:
  // `total` lines, where it is known. Shows nothing where `quiet`, or where stderr is no terminal.
  Progress(std::optional<std::int64_t> total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So many lines are done; never goes back.
  void set(std::int64_t done);
  void add(std::int64_t more) { set(done_ + more); }
  // Removes the line, before other output.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<std::int64_t> total_;
  report::Terminal terminal_;
  bool shows_ = false, is_shown_ = false;
  std::int64_t done_ = 0;
  Clock::time_point begin_, last_;
};

}  // namespace temper::cli
