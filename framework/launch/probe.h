// A short trial of the kind of another one, run in a temporary folder for what it costs.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include <temper/training_options.h>

#include "study/cost_model.h"
#include "study/split_sizes.h"
#include "study/trial.h"

namespace temper::launch {

// Where it trains: six optimizer steps over as many rows as these read, and 64 items of validation and test each.
study::Trial short_trial(const study::Trial& trial, const TrainingOptions& options, const study::SplitSizes& items);

struct ProbeResult {
  std::optional<study::CostRate> rate;
  std::string why;  // where there is none
};
// In a worker of its own, whose memory is the trial's alone.
ProbeResult run_probe(const study::Trial& trial, const TrainingOptions& options, const study::SplitSizes& items, std::int64_t threads, const std::atomic<int>& stop);

}  // namespace temper::launch
