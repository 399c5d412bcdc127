// How an experiment file differs from what its study last planned: which trials are new, gone, or other ones in an old one's place.
#pragma once

#include <cstddef>
#include <vector>

#include "study/ledger.h"
#include "study/trial.h"

namespace temper::study {

// The trial's place in the file is that of `before` (strategy, seed, values on the axes), and it is another one: an option that is no
// axis has changed, or the contents of an input, or what it goes on from.
struct ChangedTrial {
  const Ledger::Entry* before = nullptr;
  const Trial* now = nullptr;
};

struct FileChanges {
  std::vector<ChangedTrial> changed;
  std::vector<const Ledger::Entry*> removed;  // whose place is gone, or was taken by a trial that the study had planned before
  std::size_t added = 0;                      // trials that the ledger does not know, in places that it does not know
};

// `ledger` as it was read, before it plans `trials`; both must outlive the result.
FileChanges file_changes(const Ledger& ledger, const std::vector<Trial>& trials);

}  // namespace temper::study
