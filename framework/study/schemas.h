// What the experiment file's reader must know of plugins, behind an interface: the registry answers it in the programs (from loaded
// plugins, or from what a worker described), a table of made-up plugins in unit tests.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <temper/metric.h>
#include <temper/options.h>
#include <temper/strategy.h>
#include <temper/task.h>

namespace temper::study {

class Schemas {
 public:
  virtual ~Schemas() = default;

  // Kinds are the names of the SDK: "dataset", "model", "strategy", "retriever", ...
  virtual std::vector<std::string> names(const std::string& kind) const = 0;
  // The declared options of a plugin. Throws Error when there is none of that name ("did you mean"), or it cannot be used.
  virtual OptionSchema schema(const std::string& kind, const std::string& name) const = 0;

  // `options`: the strategy's own, complete and checked. What it reads may depend on them: zero shots need no seed.
  virtual Needs needs(const std::string& strategy, const Value& options) const = 0;
  // Why it cannot do this task; empty when it can.
  virtual std::string cannot(const std::string& strategy, const Value& options, Task task) const = 0;
  // False for a generator: `train = "name"` is then no path. `table`: [dataset] as it was written, not checked yet.
  virtual bool dataset_reads_files(const std::string& dataset, const Value& table) const = 0;

  // The model plugin that claims a checkpoint's model_type. Throws Error when config.json cannot be read, or none does.
  virtual std::string model_plugin(const std::filesystem::path& checkpoint) const = 0;

  // The metrics of an experiment that names none.
  virtual std::vector<std::string> default_metrics(Task task) const = 0;
  // The values that a metric's name stands for: one for a value's name ("f1_macro"), perhaps several for a plugin's ("f1"). Labels
  // are not known yet, so a value that names a label is taken at its word. Throws Error, with did-you-mean, for no metric of this task.
  virtual std::vector<MetricValue> metric_values(const std::string& metric, Task task) const = 0;
};

// All that reading an experiment takes from outside its file.
struct Surroundings {
  const Schemas& schemas;
  // A text that changes when the contents of a file or folder do. By default data::content_hash.
  std::function<std::string(const std::filesystem::path&)> content_hash;
  // The value of ${NAME} in path options. By default the environment's.
  std::function<std::optional<std::string>(const std::string& name)> variable;
};

}  // namespace temper::study
