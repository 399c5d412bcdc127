// What reads the experiment file, table by table; problems are collected, so that all are told at once.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <temper/error.h>

#include "study/experiment.h"
#include "study/option_reader.h"

namespace temper::study {

class ExperimentReader {
 public:
  ExperimentReader(const std::filesystem::path& file, const Surroundings& surroundings, Problems& problems);
  void read(const Value& document);
  Experiment take() { return std::move(experiment_); }
  bool task_is_known() const { return task_is_known_; }
  // What was read, with the strategies that have no problem of their own.
  Experiment take_sound_part();

 private:
  // read_experiment.cpp
  // A table of the document; an empty one where it is absent or no table (which is reported).
  Value table(const Value& document, const char* key);
  void report_unknown_keys(const Value& document);
  void top_level(const Value& document);
  void limits(const Value& document);
  void name(const Value* given);
  void fold_axis();
  void check_seeds(const Value& seeds);
  void metrics(const Value* given);

  // read_tables.cpp
  // The plugin that a table names; nothing, after a problem, when it is not known.
  std::optional<std::string> plugin_of(const Value& table, const std::string& kind, const std::string& where, bool is_required);
  // An option that must be given may be given in [sweep] alone.
  static void add_required_from_sweep(const OptionSchema& schema, Value& table, const Value* entries);
  void dataset(Value table, const Value& sweep);
  void model(Value table, const Value& sweep);
  void templates();

  // read_strategies.cpp
  void strategies(const Value& document);
  void strategy(Value table);
  void check_name(const Value& table, const std::string& name);
  OptionSchema with_the_frameworks_keys(const OptionSchema& own) const;

  // read_bases.cpp
  // Takes `from` and `from_best` out of a strategy's table.
  std::optional<BaseEntry> take_base(Value& table, const std::string& where);
  // Whether the strategies that others go on from are there, and end somewhere.
  void check_bases();

  // read_sweep.cpp
  Value sweep_table(const Value& document);
  void read_sweep(const Value& sweep);
  void sweep_of(const OptionSchema& schema, const std::string& name, const Value& entries, const Value& base);
  std::string remedy_in_sweep(const std::string& key) const;

  // read_objective.cpp
  void objective(const Value* given);
  void report_objective(const Value& given, const std::string& metric);

  const Schemas& schemas_;
  Problems& problems_;
  OptionReader reader_;
  Experiment experiment_;
  bool task_is_known_ = false;
  std::vector<MetricValue> metric_values_;  // of all metrics
  std::set<std::string> names_;             // of strategies so far
  std::vector<bool> is_sound_;              // of experiment_.strategies: read without problems
};

// For its sources.
template <class T>
OptionSchema declared_by() {
  OptionsOf<T> options;
  return declared(options);
}
inline bool contains(const std::vector<std::string>& words, const std::string& word) {
  for (const std::string& known : words)
    if (known == word) return true;
  return false;
}
inline Value empty_table(const Place& place) {
  Value table = Value::Table();
  table.place = place;
  return table;
}
// Writes the plugin's plain name in place of KIND/NAME.
inline void set_plugin(Value& table, const std::string& name) {
  const Place place = table.find("plugin")->place;
  table.set("plugin", name).place = place;
}

}  // namespace temper::study
