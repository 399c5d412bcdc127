// What each trial of a plan will cost, and what sharing saves: from its size, which a worker finds out, and from what earlier runs on
// this machine have cost, or a short probe. Writes nothing into the study.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "study/cost_model.h"
#include "study/plan.h"
#include "study/split_sizes.h"
#include "study/study.h"

namespace temper::launch {

class WorkerPool;

struct EstimateRequest {
  const study::Study& study;
  const std::vector<study::Job>& jobs;
  const study::SizesByDataset& sizes;
  std::filesystem::path results;  // the folder of studies: their records tell what trials cost here
  std::int64_t threads = 1;       // of each worker
  bool measures = false;          // a short trial of each kind is run in a temporary folder
};

struct Estimates {
  std::map<std::int64_t, study::TrialOutlook> trials;  // by number; state is left to the caller
  std::vector<std::string> sources;                    // where the figures come from, and why some lack: a line each
};

Estimates estimate(const EstimateRequest& request, WorkerPool& workers, const std::atomic<int>& stop);

// The costs of earlier trials on this machine, with as many threads: those of `study` first, then of the other studies in `results`.
std::vector<record::TrialCosts> earlier_costs(const std::filesystem::path& results, const std::string& study, std::int64_t threads, const std::string& host);

}  // namespace temper::launch
