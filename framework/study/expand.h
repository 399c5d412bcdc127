// What only shows in trials, told together with the other problems of an experiment file that is wrong elsewhere.
#pragma once

#include <temper/error.h>

#include "study/experiment.h"
#include "study/schemas.h"

namespace temper::study {

// A strategy that cannot do the task, a missing [model], early stopping or keep = "best" without a validation split. The strategies
// of `experiment` must have been read without problems, its other parts need not.
void check_trials(const Experiment& experiment, const Surroundings& surroundings, Problems& problems);

}  // namespace temper::study
