// From an experiment file to its trials in one call: what `temper run` and `temper plan` begin with.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "study/experiment.h"
#include "study/schemas.h"
#include "study/trial.h"

namespace temper::study {

struct Study {
  Experiment experiment;
  std::string given;          // the file's text
  std::vector<Trial> trials;  // in their order; not yet numbered
  std::map<std::string, std::string> inputs;  // the files and folders that count for identities: path and hash of the contents
};

// Throws one Error with every problem of the file; nothing is written.
Study read_study(const std::filesystem::path& file, const std::vector<std::string>& sets, const Surroundings& surroundings);

// Strategies in their order, then axes as written (first slowest), seeds fastest; no two trials of one identity. Throws one Error
// for what only shows in trials: a strategy that cannot do the task, a missing [model], early stopping without a validation split.
std::vector<Trial> expand(const Experiment& experiment, const Surroundings& surroundings);

}  // namespace temper::study
