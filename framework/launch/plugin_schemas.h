// What the experiment file's reader asks about plugins, answered by the registry.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "registry/registry.h"
#include "study/schemas.h"

namespace temper::launch {

// Asks a temper-worker and waits for its answer; `doing` says in an error what the worker died of.
using AskWorker = std::function<Value(const Value& question, const std::string& doing)>;

// A strategy that uses torch is not loaded to be asked what it reads, since the coordinator has no torch: a worker is asked, once for the
// same options.
class PluginSchemas final : public study::Schemas {
 public:
  PluginSchemas(const registry::Registry& registry, AskWorker ask) : registry_(registry), ask_(std::move(ask)) {}

  std::vector<std::string> names(const std::string& kind) const override;
  OptionSchema schema(const std::string& kind, const std::string& name) const override;
  Needs needs(const std::string& strategy, const Value& options) const override;
  std::string cannot(const std::string& strategy, const Value& options, Task task) const override;
  bool dataset_reads_files(const std::string& dataset, const Value& table) const override;
  std::string model_plugin(const std::filesystem::path& checkpoint) const override;
  std::vector<std::string> default_metrics(Task task) const override;
  std::vector<MetricValue> metric_values(const std::string& metric, Task task) const override;

 private:
  const Value& asked(const std::string& strategy, const Value& options) const;

  const registry::Registry& registry_;
  AskWorker ask_;
  mutable std::map<std::string, Value> answers_;  // by strategy and options
};

}  // namespace temper::launch
