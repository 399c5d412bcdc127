// What `temper run` shows while a study runs and when it has ended: text for people, nothing, or events for programs.
#pragma once

#include <memory>
#include <string>

#include "launch/run_study.h"

namespace temper::cli {

class RunScreen : public launch::RunListener {
 public:
  // The study has ended, or was interrupted.
  virtual void finished(const launch::RunResult& result) = 0;
  // It broke off as a whole; the caller prints the error on stderr.
  virtual void broke_off(const std::string& error) {}
  // Removes what would stand in the way of other output.
  virtual void clear() {}
};

// Lines on stderr, with a block at the end of a terminal that is redrawn in place; the table on stdout.
std::unique_ptr<RunScreen> text_screen();
// Failed trials alone, on stderr.
std::unique_ptr<RunScreen> quiet_screen();
// Objects on stdout (report/run_events.h).
std::unique_ptr<RunScreen> json_screen();

}  // namespace temper::cli
