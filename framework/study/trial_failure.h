// The record of a trial that could not end, and what every record begins with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "record/trial_record.h"
#include "study/trial.h"

namespace temper::study {

// Strategy, seed, identity and parameters; the rest is what the trial finds.
record::TrialRecord begin_record(const Trial& trial);

// What a trial has cost until it failed, as far as it is known.
struct FailureCost {
  std::int64_t attempts = 1;
  std::int64_t peak_memory_bytes = 0;  // 0: not known
};

// Writes trial.h5 with status failed into `folder`, which is made if absent. Without a cost it never ran.
void record_failure(const Trial& trial, const std::filesystem::path& folder, const std::string& error, const std::optional<FailureCost>& cost = {});

}  // namespace temper::study
