// [[strategy]]: the plugin's options, the strategy's own training options, and the lists among them, which are axes.
#include "study/experiment_reader.h"

#include "study/document.h"

#include <algorithm>

namespace temper::study {

namespace {

// Keys that a strategy plugin cannot declare: they are the framework's, or would be mistaken for its tables in a trial's parameters.
const std::vector<std::string> kReservedKeys = {"plugin", "name", "training", "from", "from_best", "dataset", "prompt", "model", "sweep",
                                                "strategy", "task", "seeds", "seed", "metrics", "objective", "device", "threads"};

}  // namespace

void ExperimentReader::strategies(const Value& document) {
  const Value* list = document.find("strategy");
  if (!list) {
    problems_.add(document.place, "the experiment has no [[strategy]]", "add [[strategy]] with plugin = \"...\" below it");
    return;
  }
  if (!list->is_array()) {
    problems_.add(list->place, std::string("strategy is ") + list->type_name() + ", it must be an array of tables",
                  list->is_table() ? "write [[strategy]] with two brackets" : "");
    return;
  }
  if (list->as_array().empty()) problems_.add(list->place, "the experiment has no [[strategy]]", "add [[strategy]] with plugin = \"...\" below it");
  for (const Value& entry : list->as_array()) {
    if (entry.is_table()) strategy(entry);
    else problems_.add(entry.place, std::string("a strategy is ") + entry.type_name() + ", it must be a table");
  }
}

void ExperimentReader::strategy(Value table) {
  const std::size_t problems_before = problems_.all().size();
  const std::string shown = strategy_name(table);
  const std::string where = shown.empty() ? "[[strategy]]" : "[[strategy]] \"" + shown + '"';
  check_name(table, shown);
  const std::optional<std::string> plugin = plugin_of(table, "strategy", where, true);
  if (!plugin) return;
  set_plugin(table, *plugin);
  OptionSchema own = schemas_.schema("strategy", *plugin);
  for (const OptionSpec& spec : own)
    if (contains(kReservedKeys, spec.name))
      problems_.add(table.find("plugin")->place, "the plugin \"" + *plugin + "\" declares the option \"" + spec.name + "\", which is the framework's",
                    "rename it in the plugin");
  const OptionSchema schema = with_the_frameworks_keys(own);
  StrategyEntry entry{strategy_name(table), *plugin, std::move(own), {}, {}, {}, table.place};
  entry.base = take_base(table, where);
  entry.axes = reader_.take_axes(schema, table);
  const Value given = table.find("training") && table.find("training")->is_table() ? *table.find("training") : empty_table({});
  entry.options = reader_.read(schema, table, where, "", "all options: temper plugins " + *plugin);
  const Value training = entry.options.find("training") ? *entry.options.find("training") : empty_table({});
  for (const char* key : {"plugin", "name", "training"}) entry.options.erase(key);
  for (const OptionSpec& spec : experiment_.training_schema) {
    const std::string path = "training." + spec.name;
    const bool is_axis = std::any_of(entry.axes.begin(), entry.axes.end(), [&](const Axis& axis) { return axis.path == path; });
    const bool is_given = std::any_of(given.as_table().begin(), given.as_table().end(), [&](const auto& m) {
      return !m.second.is_null() && (m.first == spec.name || contains(spec.aliases, m.first));
    });
    if (is_given && !is_axis && training.find(spec.name)) entry.training.emplace_back(path, *training.find(spec.name));
  }
  experiment_.strategies.push_back(std::move(entry));
  is_sound_.push_back(problems_.all().size() == problems_before);
}

void ExperimentReader::check_name(const Value& table, const std::string& name) {
  const Value* given = table.find("name");
  if (given && !given->is_string()) return;  // reported when the table is read
  if (given && name.empty()) problems_.add(given->place, "a strategy's name is empty");
  if (name.empty() || names_.insert(name).second) return;
  problems_.add(given ? given->place : table.place, "two strategies are named \"" + name + '"', "give one of them a name of its own: name = \"...\"");
}

OptionSchema ExperimentReader::with_the_frameworks_keys(const OptionSchema& own) const {
  OptionSpec plugin, name, training;
  plugin.name = "plugin";
  name.name = "name";
  name.is_optional = true;
  training.name = "training";
  training.type = OptionType::kTable;
  training.children = experiment_.training_schema;
  OptionSchema schema = {plugin, name, training};
  schema.insert(schema.end(), own.begin(), own.end());
  return schema;
}

}  // namespace temper::study
