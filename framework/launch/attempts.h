// Which trials begin again after their worker died.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "launch/worker_pool.h"

namespace temper::launch {

class Attempts {
 public:
  // After a trial failed: whether it begins again, or goes on from its last snapshot, and what the user is told then. A trial that ended with an error of its own, or
  // used more memory or time than it may, does not: it would end so once more. One that used too much memory in a worker that had run others before has
  // not had its turn yet, whatever `retries` says.
  std::optional<std::string> again(const Ended& ended, std::int64_t retries);
  // Of the trial's attempts, the number of the one that begins; above 1 it wants a worker of its own.
  std::int64_t next(std::int64_t trial) const;

 private:
  struct Counts {
    std::int64_t attempts = 1;  // the one that begins next included
    std::int64_t retries = 0;   // of those, the ones that the user had to allow
  };
  std::map<std::int64_t, Counts> counts_;  // by trial
};

}  // namespace temper::launch
