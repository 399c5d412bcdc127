// The tables [dataset] and [model], whose options are partly a plugin's, and the templates of [prompt].
#include "study/experiment_reader.h"

#include "data/dataset_options.h"

#include <temper/prompt.h>

#include <algorithm>

namespace temper::study {

// The plugin that a table names; nothing, after a problem, when it is not known.
std::optional<std::string> ExperimentReader::plugin_of(const Value& table, const std::string& kind, const std::string& where, bool is_required) {
  const Value* plugin = table.find("plugin");
  if (!plugin) {
    if (!is_required) return std::nullopt;
    std::string remedy;
    for (const std::string& name : schemas_.names(kind)) remedy += (remedy.empty() ? "add plugin = \"...\"; there are \"" : ", \"") + name + '"';
    problems_.add(table.place, where + " needs the option \"plugin\"", remedy);
    return std::nullopt;
  }
  if (!plugin->is_string()) {
    const std::string remedy = plugin->is_array() && kind == "strategy" ? "write a [[strategy]] for each" : "";
    problems_.add(plugin->place, where + ": plugin is " + plugin->type_name() + ", it must be a string", remedy);
    return std::nullopt;
  }
  try {
    nested_schema(schemas_, kind, plugin->as_string());
    return plugin_name(kind, plugin->as_string());
  } catch (const Error& error) {
    add_error(problems_, plugin->place, where + ": ", error);
    return std::nullopt;
  }
}

void ExperimentReader::add_required_from_sweep(const OptionSchema& schema, Value& table, const Value* entries) {
  if (!entries || !entries->is_table()) return;
  for (const OptionSpec& spec : schema) {
    const Value* entry = entries->find(spec.name);
    if (!entry) continue;
    if (spec.type == OptionType::kTable && entry->is_table()) {
      const bool is_new = !table.find(spec.name);
      if (is_new) table.set(spec.name, empty_table(entry->place));
      add_required_from_sweep(spec.children, *table.find(spec.name), entry);
      if (is_new && table.find(spec.name)->as_table().empty()) table.erase(spec.name);
    } else if (spec.is_required && !table.find(spec.name) && array_depth(*entry) > spec.array_depth && !entry->as_array().empty()) {
      table.set(spec.name, entry->as_array().front());
    }
  }
}

void ExperimentReader::dataset(Value table, const Value& sweep) {
  const std::optional<std::string> plugin = plugin_of(table, "dataset", "[dataset]", true);
  if (!plugin) return;
  set_plugin(table, *plugin);
  try {
    experiment_.dataset_schema = data::dataset_schema(schemas_.schema("dataset", *plugin), *plugin, schemas_.dataset_reads_files(*plugin, table));
  } catch (const Error& error) {
    add_error(problems_, table.find("plugin")->place, "", error);
    return;
  }
  add_required_from_sweep(experiment_.dataset_schema, table, sweep.find("dataset"));
  experiment_.dataset = reader_.read(experiment_.dataset_schema, table, "[dataset]", "dataset", "all options: temper plugins " + *plugin);
}

void ExperimentReader::model(Value table, const Value& sweep) {
  experiment_.model_schema = declared_by<ModelOptions>();
  const std::optional<std::string> plugin = plugin_of(table, "model", "[model]", false);
  if (plugin) set_plugin(table, *plugin);
  const Value* swept = sweep.find_path("model.config");
  const Value* config = table.find("config") ? table.find("config") : swept;
  if (config) {
    const Place place = config->place;
    const Value* checkpoint = table.find("checkpoint") ? table.find("checkpoint") : sweep.find_path("model.checkpoint");
    if (checkpoint)
      problems_.add(place, "[model] has a checkpoint and a config", "a checkpoint brings its own; config is for random weights");
    else if (!table.find("plugin"))
      problems_.add(place, "model.config needs model.plugin", "add plugin = \"...\", the model that it configures");
    if (!plugin || checkpoint) {
      table.erase("config");
    } else {
      OptionSpec spec;
      spec.name = "config";
      spec.help = "Options of the model plugin, for random weights.";
      spec.type = OptionType::kTable;
      spec.children = schemas_.schema("model", *plugin);
      experiment_.model_schema.push_back(std::move(spec));
      add_required_from_sweep(experiment_.model_schema, table, sweep.find("model"));
    }
  }
  experiment_.model = reader_.read(experiment_.model_schema, table, "[model]", "model");
}

void ExperimentReader::templates() {
  std::vector<Value> inputs;
  if (const Value* input = experiment_.prompt.find("input")) inputs.push_back(*input);
  for (const Axis& axis : experiment_.sweep)
    if (axis.path == "prompt.input") inputs = axis.values;
  for (const Value& input : inputs) {
    try {
      Template(input.as_string());
    } catch (const Error& error) {
      add_error(problems_, input.place, "prompt.input: ", error);
    }
  }
}

}  // namespace temper::study
