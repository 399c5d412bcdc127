// Runs a program as a user would and catches what it prints.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace temper::testing {

struct CommandResult {
  int status = -1;     // exit status; 128 + the signal's number when one ended it
  std::string output;  // stdout and stderr, as they came
};

inline std::string quoted_for_shell(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

inline CommandResult run_command(const std::vector<std::string>& words, const std::filesystem::path& folder) {
  std::string line = "cd " + quoted_for_shell(folder.string()) + " && exec";
  for (const std::string& word : words) line += " " + quoted_for_shell(word);
  FILE* pipe = ::popen((line + " 2>&1 < /dev/null").c_str(), "r");
  if (!pipe) throw std::runtime_error("no process can be started for " + line);
  CommandResult result;
  char buffer[4096];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, count);
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace temper::testing
