// All that a training needs to go on to the bit where it stopped: one file, replaced atomically. Format: docs/formats/snapshot.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <temper/value.h>

#include "training/progress.h"
#include "training/selection.h"

namespace temper::training {

using at::Tensor;

struct Snapshot {
  std::string identity;        // of all that decides the outcome
  bool finished = false;       // holds the kept weights and no optimizer
  Status status = Status::kComplete;
  bool stopped_early = false;
  std::int64_t step = 0;       // taken in this phase
  std::int64_t tokens = 0;
  double seconds = 0;
  Selection selection;
  std::vector<EvaluationRow> evaluations;
  std::string steps_from;      // who took the first shared_steps steps, where another training did
  std::int64_t shared_steps = 0;
  Value observer;              // TrainingObserver::save
  std::map<std::string, std::int64_t> moment_steps;  // AdamW's count of each parameter
  // "parameter.NAME", "m.NAME", "v.NAME", "rows.NAME", "best.NAME".
  std::map<std::string, Tensor> tensors;
};

// Replaces `path`; its folder must exist. Throws Error when the disk refuses; the old file is then still whole.
void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot);

// Nothing when there is no file, or one that is damaged, of a foreign kind or of another format version: start over then.
// Throws Error when it is whole but of another identity.
std::optional<Snapshot> read_snapshot(const std::filesystem::path& path, const std::string& identity);

}  // namespace temper::training
