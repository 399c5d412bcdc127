// Runs a trial of a study once more, elsewhere, and compares what it gives with what is stored: temper verify.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace temper::launch {

struct VerifyRequest {
  std::filesystem::path study;        // the study's folder, or its study.h5
  std::optional<std::int64_t> trial;  // by default the complete trained one that took the least time (of any, where none trained)
};

struct VerifyResult {
  std::int64_t trial = 0;
  std::string description;               // "lora, learning_rate 1e-05, seed 1"
  double tolerance = 0;                  // numbers were compared within this; 0: bit by bit
  std::string why_tolerance;             // what is another one here: "the study was computed with libtorch 2.6.0, this is 2.13.0"
  std::vector<std::string> differences;  // a line each: file, place, both values
  bool interrupted = false;
};

// The promise of equal bits holds for one torch version, instruction set and kind of device; elsewhere numbers are compared within
// this times max(1, |stored|, |replayed|). Texts must be equal.
inline constexpr double kToleranceElsewhere = 1e-3;

// The trial, and before it what it goes on from, run alone in a temporary folder, from experiment.resolved.toml: nothing is shared, nothing
// of the study's folder is written. All is compared but costs and seconds. Throws Error where that cannot be: an input has changed (named), the
// trial is no longer in the file, did not end, or fails when it is replayed.
VerifyResult verify_trial(const VerifyRequest& request, const registry::Registry& registry, const std::function<void(const std::string&)>& note,
                          const std::atomic<int>& stop);

}  // namespace temper::launch
