// What makes two trials the same: the options they read, the seed, and the contents of their inputs.
#pragma once

#include <string>

#include "study/experiment.h"
#include "study/schemas.h"
#include "study/trial.h"

namespace temper::study {

// 32 hexadecimal digits (XXH3, 128 bits). Options that change only how a trial runs do not count; a path counts by what it holds.
// The order of keys, spelled-out defaults, other trials and the place of the files make no difference.
std::string identity(const Trial& trial, const Experiment& experiment, const StrategyEntry& strategy, const Surroundings& surroundings);

}  // namespace temper::study
