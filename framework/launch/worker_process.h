// A worker: a child process that takes commands as JSON lines on its standard input and answers on its standard output.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <temper/value.h>

namespace temper::launch {

// How a process ended, in words: "exited with status 3", "was killed by SIGSEGV (segmentation fault)".
std::string describe_exit(int wait_status);

class WorkerProcess {
 public:
  // Starts `program` with `arguments`; `environment` adds to or replaces what this process has. Standard error goes to
  // `log_file` (appended), or to this process's when empty. It runs on `cores` only, unless there are none. The child ends when this process does.
  WorkerProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                const std::filesystem::path& log_file, const std::vector<int>& cores = {});
  ~WorkerProcess();  // kills the child if it still runs
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Sends one command. False when the worker no longer reads.
  bool send(const Value& message);

  // What the worker said next, waiting at most `timeout_seconds` (0: only what is there). Nothing on a timeout and after the end:
  // ended() tells them apart. A line that is no JSON object counts as an end in error.
  std::optional<Value> receive(double timeout_seconds);

  // The worker has closed its output (or said nonsense) and everything that it said was received.
  bool ended() const { return ended_; }
  // Asks no further, waits for the process (killing it after `patience_seconds`) and tells how it ended.
  std::string wait(double patience_seconds);
  int wait_status() const { return wait_status_; }  // as waitpid(2) gave it, once `wait` has returned
  void close_input();
  void kill();
  void signal(int number);
  std::int64_t resident_bytes() const;  // 0 where the system does not tell
  pid_t pid() const { return pid_; }
  int output() const { return output_; }  // for poll()

 private:
  std::optional<Value> next_line();

  pid_t pid_ = -1;
  int input_ = -1;   // we write
  int output_ = -1;  // we read
  std::string buffer_;
  bool ended_ = false;
  std::string end_;  // how it ended, once known
  int wait_status_ = 0;
};

}  // namespace temper::launch
