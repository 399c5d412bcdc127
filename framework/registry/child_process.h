// Runs a program to its end and keeps what it wrote: for short questions to a child that may crash, exit or hang.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace temper::registry {

struct ChildResult {
  int exit_status = 0;   // when it ended by itself
  int signal = 0;        // that ended it; 0: none
  bool timed_out = false;
  std::string output;    // stdout
  std::string errors;    // the last 64 KiB of stderr
};

// "was ended by signal 11 (Segmentation fault)", "exited with status 3", "did not end within 2 s"
std::string describe(const ChildResult& result, std::chrono::milliseconds limit);
// The last lines that are not empty, each indented by four blanks; empty when there are none.
std::string last_lines(const std::string& text, int lines);

// Throws Error when the program cannot be started. The limit starts anew whenever the child writes to stdout: it bounds silence,
// not the number of questions. stdin is empty.
ChildResult run_child(const std::filesystem::path& program, const std::vector<std::string>& arguments, std::chrono::milliseconds limit);

}  // namespace temper::registry
