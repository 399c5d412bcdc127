// What a trial leaves for one that takes the same first steps and trains longer: its events up to there, as that one would have written them.
#pragma once

#include <cstdint>
#include <filesystem>

#include "study/run_trial.h"

namespace temper::study {

struct HandedSteps {
  std::int64_t last = 0;             // the step after which they part
  std::int64_t total = 0;            // that the longer one takes
  std::int64_t logging_steps = 1;    // of both
};

// Writes the heir's events.jsonl from the rows of `events`; gives the length of what it wrote. Throws Error when the disk refuses.
std::int64_t hand_over_events(const std::filesystem::path& events, const Heir& heir, const HandedSteps& steps);
// Whether the heir has nothing yet: neither a record nor a snapshot of its own to go on from.
bool awaits_steps(const Heir& heir);

}  // namespace temper::study
