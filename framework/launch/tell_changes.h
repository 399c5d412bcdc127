// What became of a study's trials when its experiment file changed, in words: told before anything runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/ledger.h"
#include "study/study.h"

namespace temper::launch {

struct ChangesInWords {
  // A line per group of trials that stand where they stood and are other ones now, though they have results or a snapshot to lose:
  // "trials 1-4 changed since they ran: training.weight_decay was 0.0 and is 0.1".
  std::vector<std::string> changed;
  // "3 trials are no longer in the file: their results are kept and marked"; empty where there are none.
  std::string removed;
};

// `before` is the ledger as it was read, before it plans the trials of `now`.
ChangesInWords tell_changes(const std::filesystem::path& study_folder, const study::Ledger& before, const study::Study& now);

// Throws Error, with the ways out, when trials changed.
void refuse_changes(const std::filesystem::path& study_folder, const ChangesInWords& changes);

// "1-4, 7"
std::string ranges(const std::vector<std::int64_t>& rising);

}  // namespace temper::launch
