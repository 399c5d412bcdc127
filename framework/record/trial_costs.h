// What the trials of a study have cost: what is read of an earlier run to tell what a later one will.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/trial_record.h"

namespace temper::record {

struct TrialCosts {
  std::int64_t number = 0;
  std::vector<std::pair<std::string, Value>> parameters;
  CostRecord cost;
};

struct StudyCosts {
  std::string host, device;
  std::string experiment;          // the resolved TOML
  std::vector<TrialCosts> trials;  // complete ones
};

// Of at most `most` complete trials, the last ones. Nothing where there is no such file, or it cannot be read: an estimate is not worth an error.
std::optional<StudyCosts> read_costs(const std::filesystem::path& study_file, std::size_t most);

}  // namespace temper::record
