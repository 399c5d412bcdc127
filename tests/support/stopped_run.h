// Starts `temper run` and stops it in the middle of a trial, as a user, a scheduler or a power cut does.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {

// Starts `temper run FILE` in `folder`; what it says of errors goes to stderr.txt there.
inline pid_t start_run(const TemporaryFolder& folder, const std::string& file = "ids.toml") {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
  if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("stderr.txt", "w", stderr)) ::_exit(126);
  ::execl(temper_program().c_str(), "temper", "run", file.c_str(), nullptr);
  ::_exit(127);
}

// The last step that a trial has logged.
inline int last_step(const std::filesystem::path& events) {
  int step = 0;
  std::ifstream file(events);
  for (std::string line; std::getline(file, line);) {
    const std::size_t found = line.find("\"step\":");
    if (line.find("learning_rate") != std::string::npos && found != std::string::npos) step = std::max(step, std::atoi(line.c_str() + found + 7));
  }
  return step;
}

// Waits until the first trial of `study` has logged `step`, then sends `signal` and waits for the end. False when the run ended before.
inline bool stop_at_step(pid_t run, const TemporaryFolder& folder, int step, int signal, int* status, const std::string& study = "ids") {
  while (last_step(folder / ("results/" + study + "/trials/0001/events.jsonl")) < step) {
    if (::waitpid(run, status, WNOHANG) == run) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(run, signal);
  ::waitpid(run, status, 0);
  return true;
}

}  // namespace temper::testing
