// What the experiment file's reader asks about plugins, answered by the registry.
#pragma once

#include "registry/registry.h"
#include "study/schemas.h"

namespace temper::launch {

// A strategy that uses torch is not loaded to be asked, since the coordinator has no torch: it is taken to read every table and to use
// its seed.
class PluginSchemas final : public study::Schemas {
 public:
  explicit PluginSchemas(const registry::Registry& registry) : registry_(registry) {}

  std::vector<std::string> names(const std::string& kind) const override;
  OptionSchema schema(const std::string& kind, const std::string& name) const override;
  Needs needs(const std::string& strategy, const Value& options) const override;
  std::string cannot(const std::string& strategy, const Value& options, Task task) const override;
  bool dataset_reads_files(const std::string& dataset, const Value& table) const override;
  std::string model_plugin(const std::filesystem::path& checkpoint) const override;
  std::vector<std::string> default_metrics(Task task) const override;
  std::vector<MetricValue> metric_values(const std::string& metric, Task task) const override;

 private:
  const registry::Registry& registry_;
};

}  // namespace temper::launch
