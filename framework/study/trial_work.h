// How much work each trial is beside the others, before any has run: for the time that is left of a study.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "study/split_sizes.h"
#include "study/trial.h"

namespace temper::study {

// By number, in items that are trained on; an item that is only answered counts a third, its forward pass. Steps that a trial takes over
// from a shorter one are not its work. Trials whose dataset is not in `sizes` are left out.
std::map<std::int64_t, double> trial_work(const std::vector<Trial>& trials, const SizesByDataset& sizes);

}  // namespace temper::study
