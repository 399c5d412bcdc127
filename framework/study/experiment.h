// The experiment file: its top-level tables as options, and what reading it gives, checked and complete but not yet expanded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/metric.h>
#include <temper/options.h>
#include <temper/task.h>

#include "study/schemas.h"

namespace temper::study {

// The keys above the first table.
struct ExperimentOptions {
  std::optional<std::string> name;  // default: the file's name without its extension
  std::string task;
  std::vector<std::int64_t> seeds = {1};
  std::optional<std::string> objective;  // default: validation_loss where there is a validation split
  std::vector<std::string> metrics;      // empty: the usual ones of the task
  std::string device = "auto";
  std::optional<std::int64_t> threads;   // default: chosen when the study is first planned, and kept
  void visit(OptionVisitor& v);
};

// The table [model].
struct ModelOptions {
  std::optional<std::filesystem::path> checkpoint;  // absolute once resolved
  std::optional<std::string> plugin;                // always set in a trial: a checkpoint's is the one that claims its model_type
  Value config;                                     // of random weights: the plugin's own options; null with a checkpoint
  std::optional<std::filesystem::path> tokenizer;   // default: the checkpoint's folder
  void visit(OptionVisitor& v);                     // all but config, whose options are the plugin's
};
// Reads the table of a resolved experiment or trial.
ModelOptions model_options(const Value& table);

// Chooses snapshots and best trials, on the validation split.
struct Objective {
  std::string name;    // as it is stored: "validation_loss", "validation_accuracy"
  std::string metric;  // "accuracy"; empty for the loss
  Better better = Better::kLower;
};

// An option with several values. `path` is the full path: "training.learning_rate", "dataset.limit.train"; a strategy's own option
// has no prefix: "lora.r"; an axis of its own `training = {...}` is "training.learning_rate" too.
struct Axis {
  std::string path;
  std::vector<Value> values;  // checked, not empty, no two equal
};

// `from` or `from_best` of a strategy.
struct BaseEntry {
  std::string strategy;  // the name of another one
  bool is_best = false;  // from_best
  Place place;
};

struct StrategyEntry {
  std::string name, plugin;
  OptionSchema schema;         // of its own options
  Value options;               // its own, checked and complete, without the framework's keys; an axis holds its first value
  std::vector<std::pair<std::string, Value>> training;  // what its own `training` sets, by full path, in the order of [training]
  std::vector<Axis> axes;      // its lists, as written
  Place place;
  std::optional<BaseEntry> base = {};
};

// A checked experiment: every default filled in, paths absolute, names instead of aliases, axes apart.
struct Experiment {
  std::filesystem::path file;
  std::string name;
  Task task = Task::kClassification;
  std::vector<std::int64_t> seeds;
  std::optional<Objective> objective;  // none without a validation split
  std::vector<std::string> metrics;
  std::string device;
  std::optional<std::int64_t> threads;
  Value limits;                        // as `limits_of` reads it
  Value dataset, prompt, model, training;  // `model` is an empty table when the file has none
  OptionSchema dataset_schema, prompt_schema, model_schema, training_schema;
  bool has_validation = false, has_model = false;  // whether the file gives a validation split; a checkpoint or a config
  std::vector<Axis> sweep;
  std::vector<StrategyEntry> strategies;
  bool sweep_is_first = true;  // whether [sweep] stands before the first [[strategy]]: axes vary as written, first slowest
  std::vector<Problem> notes;  // what is no error but worth telling: an axis that no strategy reads
};

// Reads `text`, which stands in `file` (relative paths start at its folder), after the changes `sets` ("path=value"). Throws one
// Error that lists every problem of the file with line and column.
Experiment read_experiment(const std::string& text, const std::filesystem::path& file, const std::vector<std::string>& sets,
                           const Surroundings& surroundings);

// The whole experiment as TOML: every default, absolute paths, one spelling. It reads back to the same experiment.
std::string resolved_toml(const Experiment& experiment);

}  // namespace temper::study
