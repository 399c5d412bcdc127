// What is told of a worker that died in the middle of a trial.
#pragma once

#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace temper::launch {

// Sent by the coordinator to a worker whose trial is over a limit: it writes where it stands into the trial's log, and ends.
inline constexpr int kEndSignal = SIGUSR1;

struct WorkerDeath {
  int wait_status = 0;           // as waitpid(2) gives it
  std::string over_limit;        // why the coordinator ended it; empty: it did not
  bool memory_ran_out = false;   // the system's out-of-memory killer has struck while the trial ran
  std::filesystem::path log;     // the trial's
  std::uintmax_t log_begin = 0;  // where the log of this attempt begins in it
};

// "the worker was killed by SIGSEGV (Segmentation fault); the last lines of its log:\n...\nits backtrace:\n...". Bounded, and UTF-8, whatever the log holds.
std::string describe(const WorkerDeath& death);

// How often the system's out-of-memory killer has struck since the machine started, as far as /proc/vmstat tells; 0 where it does not.
std::int64_t count_of_memory_kills();

}  // namespace temper::launch
