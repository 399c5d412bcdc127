// Replaces this process by temper-worker.
#include "cli/forward.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include <temper/error.h>

#include "launch/worker_pool.h"

namespace temper::cli {

void become_worker(const std::string& verb, const std::vector<std::string>& arguments) {
  const std::string program = launch::worker_program().string();
  std::vector<char*> values{const_cast<char*>(program.c_str()), const_cast<char*>(verb.c_str())};
  for (const std::string& argument : arguments) values.push_back(const_cast<char*>(argument.c_str()));
  values.push_back(nullptr);
  for (const auto& [name, value] : launch::worker_environment()) ::setenv(name.c_str(), value.c_str(), 0);
  std::cout.flush();
  ::execv(program.c_str(), values.data());
  throw Error(program + " cannot be started: " + ::strerror(errno), "build it: scripts/build temper_worker");
}

void run_worker(const std::string& verb, const std::vector<std::string>& arguments) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw Error(std::string("temper-worker cannot be started: ") + ::strerror(errno));
  if (child == 0) {
    try {
      become_worker(verb, arguments);
    } catch (const Error& error) {
      std::cerr << error.problems().front().what << '\n';
    }
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error("temper-worker " + verb + " failed; what it said stands above");
}

}  // namespace temper::cli
