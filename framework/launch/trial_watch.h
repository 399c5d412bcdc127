// Watches a running trial: how long it has run, how long it has given no sign of life, how much memory its worker holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "study/limits.h"

namespace temper::launch {

// Why a trial is to be ended: "used 4.3 GiB of memory, limits.memory allows 4 GiB".
struct OverLimit {
  enum class Of { kMemory, kTime, kSilence };
  Of of = Of::kTime;
  std::string what;
};

class TrialWatch {
 public:
  explicit TrialWatch(const study::Limits& limits) : limits_(limits) {}

  // `seconds` have passed since the last look. A pause in looking (the machine slept, the study was stopped with Ctrl-Z) counts as a second: it says nothing
  // of the trial.
  std::optional<OverLimit> look(double seconds, std::int64_t resident_bytes, bool gave_sign_of_life);
  std::int64_t peak_bytes() const { return peak_bytes_; }  // as far as it was looked at

 private:
  study::Limits limits_;
  double seconds_ = 0, silent_seconds_ = 0;
  std::int64_t peak_bytes_ = 0;
};

}  // namespace temper::launch
