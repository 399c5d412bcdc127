// temper-worker: what needs torch, as a child process of the coordinator. Users meet it only through `temper`.
#include <unistd.h>

#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <temper/error.h>

#include "cli/worker/worker_verb.h"

int main(int count, char** values) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> arguments(values + 1, values + count);
  int status = 2;
  try {
    const temper::cli::WorkerVerb* chosen = nullptr;
    for (const temper::cli::WorkerVerb& verb : temper::cli::worker_verbs()) {
      if (!arguments.empty() && arguments.front() == verb.name) chosen = &verb;
    }
    if (!chosen) throw temper::Error("temper-worker is started by temper", "see: temper --help");
    status = chosen->run({arguments.begin() + 1, arguments.end()});
  } catch (const temper::Error& error) {
    std::cerr << error.what() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "temper-worker: " << error.what() << '\n';
  }
  std::cout.flush();
  std::cerr.flush();
  ::_exit(status);  // skips libtorch's long good-bye; everything that matters has been written
}
