// Plugins as the experiment file's reader sees them.
#include "launch/plugin_schemas.h"

#include <temper/dataset.h>
#include <temper/strategy.h>

#include "data/model_folder.h"
#include "evaluation/choose_metrics.h"
#include "study/strategy_needs.h"
#include "study/trial_inputs.h"

namespace temper::launch {

std::vector<std::string> PluginSchemas::names(const std::string& kind) const { return registry_.names(kind); }

OptionSchema PluginSchemas::schema(const std::string& kind, const std::string& name) const { return registry_.describe(kind, name); }

const Value& PluginSchemas::asked(const std::string& strategy, const Value& options) const {
  const auto [known, is_new] = answers_.try_emplace(strategy + '\n' + to_json(options));
  if (!is_new) return known->second;
  try {
    Value answer = ask_(Value::Table{{"command", "strategy"}, {"plugin", strategy}, {"options", options}}, "asking the strategy " + strategy + " what it reads");
    if (const Value* problem = answer.find("problem")) throw Error(problem->find("what")->as_string(), problem->find("remedy")->as_string());
    return known->second = std::move(answer);
  } catch (...) {
    answers_.erase(known);
    throw;
  }
}

Needs PluginSchemas::needs(const std::string& strategy, const Value& options) const {
  if (registry_.find("strategy", strategy).uses_torch()) return study::needs_from_value(*asked(strategy, options).find("needs"));
  return registry_.create<Strategy>(strategy, options)->needs();
}

std::string PluginSchemas::cannot(const std::string& strategy, const Value& options, Task task) const {
  if (registry_.find("strategy", strategy).uses_torch()) return asked(strategy, options).find("cannot")->find(to_string(task))->as_string();
  return registry_.create<Strategy>(strategy, options)->cannot(task);
}

bool PluginSchemas::dataset_reads_files(const std::string& dataset, const Value& table) const {
  try {
    return registry_.create<Dataset>(dataset, study::dataset_plugin_options(table))->reads_files();
  } catch (const Error&) {
    return true;  // what is wrong with the table is told when it is checked
  }
}

std::string PluginSchemas::model_plugin(const std::filesystem::path& checkpoint) const {
  const std::string type = data::open_model_folder(checkpoint).model_type;
  const registry::Plugin* plugin = type.empty() ? nullptr : registry_.find_claim("model", type);
  if (plugin) return plugin->name();
  std::string known;
  for (const std::string& claim : registry_.claims("model")) known += (known.empty() ? "known are \"" : ", \"") + claim + '"';
  const std::string file = (checkpoint / "config.json").string();
  throw Error(type.empty() ? file + " names no model_type" : "no model plugin reads the model_type \"" + type + "\" of " + file, known);
}

std::vector<std::string> PluginSchemas::default_metrics(Task task) const { return evaluation::usual_metrics(registry_, task); }

std::vector<MetricValue> PluginSchemas::metric_values(const std::string& metric, Task task) const {
  return evaluation::values_named(registry_, metric, task);
}

}  // namespace temper::launch
