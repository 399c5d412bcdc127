// Runs a program to its end, as a user would in a shell, and keeps what it printed.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace temper::testing {

struct ProgramResult {
  int status = 0;   // exit status; 128 + signal when a signal ended it
  std::string out, err;
  std::string all() const { return out + err; }
};

// `command` goes to the shell; standard input is empty unless it says otherwise.
inline ProgramResult run_shell(const std::string& command, const std::filesystem::path& folder = {}) {
  const TemporaryFolder streams;
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  const std::string place = folder.empty() ? "" : "cd '" + folder.string() + "' && ";
  const std::string whole = "{ " + place + command + "\n} </dev/null >'" + (streams.path() / "out").string() + "' 2>'" + (streams.path() / "err").string() + "'";
  const int status = std::system(whole.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(streams.path() / "out"), read(streams.path() / "err")};
}

// The same for a program and its arguments as they are, without a shell's special characters.
inline ProgramResult run_command(const std::vector<std::string>& words, const std::filesystem::path& folder = {}) {
  std::string command;
  for (const std::string& word : words) {
    command += " '";
    for (const char c : word) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
    command += "'";
  }
  return run_shell(command, folder);
}

// The built programs.
inline std::string temper_program() { return std::string(TEMPER_BUILD_DIRECTORY) + "/bin/temper"; }

// `temper ARGUMENTS`, run in `folder`.
inline ProgramResult run_temper(const std::string& arguments, const std::filesystem::path& folder = {}) {
  return run_shell("'" + temper_program() + "' " + arguments, folder);
}

}  // namespace temper::testing
