// temper-worker: what needs torch, as a child process of the coordinator. Users meet it only through `temper`.
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <temper/error.h>

#include "cli/worker/worker_verb.h"
#include "nn/keep_memory.h"

namespace {

// Freed memory stays with the process: a training step would otherwise hand hundreds of MB of gradients back to the system and
// fault them in again, 13 % of the CPU time of a step of GPT-2 124M, for 5 % more memory at its peak.
void keep_freed_memory() {
#if defined(__GLIBC__)
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  ::mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace

int main(int count, char** values) {
  keep_freed_memory();
  std::ios::sync_with_stdio(false);
  temper::nn::keep_freed_memory();
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
