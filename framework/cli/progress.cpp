// See progress.h.
#include "cli/progress.h"

#include <unistd.h>

#include <iostream>

#include "report/words.h"

namespace temper::cli {

namespace {

constexpr std::chrono::milliseconds kBetween{200};  // two lines
constexpr double kFirstSeconds = 1;                 // what takes less is not told of

}  // namespace

std::string progress_text(std::int64_t done, std::optional<std::int64_t> total, double seconds) {
  std::string text = std::to_string(done) + (total ? " of " + std::to_string(*total) : std::string()) + " lines";
  if (done <= 0 || seconds <= 0) return text;
  const double rate = static_cast<double>(done) / seconds;
  text += ", " + report::short_number(rate) + " per second";
  if (total && *total > done) text += ", " + report::duration(static_cast<double>(*total - done) / rate) + " left";
  return text;
}

Progress::Progress(std::optional<std::int64_t> total, bool quiet) : total_(total), terminal_(report::terminal_of(STDERR_FILENO)), shows_(!quiet && terminal_.is_terminal), begin_(Clock::now()), last_(begin_) {}

Progress::~Progress() { clear(); }

void Progress::set(std::int64_t done) {
  if (done <= done_) return;
  done_ = done;
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  if (!shows_ || seconds < kFirstSeconds || now - last_ < kBetween) return;
  last_ = now;
  std::cerr << report::rewrite_line(report::fit(progress_text(done_, total_, seconds), terminal_.width)) << std::flush;
  is_shown_ = true;
}

void Progress::clear() {
  if (is_shown_) std::cerr << report::rewrite_line("") << std::flush;
  is_shown_ = false;
}

}  // namespace temper::cli
