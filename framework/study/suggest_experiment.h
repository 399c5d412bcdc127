// An experiment file for data of one's own: what was found in it, two strategies and a small sweep, as commented TOML.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "study/guess_columns.h"
#include "study/look_at_data.h"

namespace temper::study {

struct ExperimentWish {
  std::string name;                            // the study's
  std::filesystem::path output;                // the file that will be written: paths in it are relative to its folder where they lie below
  std::optional<std::filesystem::path> test;   // without one, test is a share of the rows
  std::optional<std::string> model;            // a folder, or a name in the local Hugging Face cache; without one nothing needs a checkpoint
  std::uintmax_t model_bytes = 0;
  bool has_lora = false;                       // the strategy supervised knows tune = "lora"
};

// Throws Error when there are too few rows to set some aside.
std::string suggest_experiment(const DataLook& data, const ColumnGuess& columns, const ExperimentWish& wish);

// "reviews" of "/data/Reviews (new).csv": what can be a folder and a file.
std::string study_name_of(const std::filesystem::path& data);

}  // namespace temper::study
