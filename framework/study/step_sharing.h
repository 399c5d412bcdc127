// Trials that take the same optimizer steps up to some point: one that trains longer goes on from where a shorter one was.
#pragma once

#include <cstdint>
#include <string>

#include <temper/strategy.h>
#include <temper/training_options.h>

#include "study/trial.h"

namespace temper::study {

// Equal for trials that differ only in how long they train, under a schedule that does not scale with that: a constant learning rate, with
// a warm-up of a given number of steps or none, or one that falls only in its last steps. Empty where nothing can be shared, or
// training.share_steps is false.
std::string steps_key(const Trial& trial, const Needs& needs);
// Orders trials of one key: what they train, in epochs or steps.
double steps_length(const Trial& trial);

// How many first steps of the two are the same: those with the same learning rate. `items`: in the train split. The first trains shorter.
// 0 where it is not worth a snapshot: less than half of the shorter one.
std::int64_t common_steps(const TrainingOptions& shorter, const TrainingOptions& longer, std::int64_t items);

}  // namespace temper::study
