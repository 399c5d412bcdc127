// Which trials can share work in one job.
#pragma once

#include <string>

#include <temper/strategy.h>

#include "study/trial.h"

namespace temper::study {

// Trial::sharing_key of a trial whose options and base are complete. The frozen part of a model is equal for equal [model] and base, and
// its inputs for equal items, templates and limits.
std::string sharing_key(const Trial& trial, const Needs& needs);

}  // namespace temper::study
