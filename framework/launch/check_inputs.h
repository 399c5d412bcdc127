// Reads every dataset and opens every checkpoint of a study before its first trial, so that what is wrong shows at once.
#pragma once

#include <vector>

#include "registry/registry.h"
#include "study/plan.h"
#include "study/schemas.h"
#include "study/split_sizes.h"
#include "study/study.h"

namespace temper::launch {

class RunListener;
class WorkerPool;

// Content hashes and environment variables as they really are.
study::Surroundings surroundings(const study::Schemas& schemas);

// Throws one Error with everything that is wrong. Notes of the data (dropped rows, odd rows) go to the listener.
// Gives the sizes of the splits.
study::SizesByDataset check_inputs(const study::Study& study, const registry::Registry& registry, WorkerPool& workers, RunListener& listener);

// What the trials read: each file once, with what is in it. Throws Error when it cannot be read.
struct InputSummary {
  std::vector<study::InputFacts> facts;
  study::SizesByDataset sizes;
};
InputSummary summarize_inputs(const study::Study& study, const registry::Registry& registry);

}  // namespace temper::launch
