// See trial.h.
#include "study/trial.h"

#include <temper/error.h>

namespace temper::study {

namespace {

constexpr std::int64_t kFormatVersion = 1;  // of a trial as JSON

bool changes_only_how_it_runs(const std::string& key) { return key == "device" || key == "threads"; }

void add_leaves(const std::string& path, const Value& value, std::vector<std::pair<std::string, Value>>& leaves) {
  if (!value.is_table()) {
    if (!value.is_null()) leaves.emplace_back(path, value);
    return;
  }
  for (const auto& [key, member] : value.as_table()) add_leaves(path + '.' + key, member, leaves);
}

const Value& member(const Value& table, const std::string& key) {
  if (const Value* value = table.find(key)) return *value;
  throw Error("a trial lacks \"" + key + '"');
}

}  // namespace

std::vector<std::pair<std::string, Value>> Trial::parameters() const {
  std::vector<std::pair<std::string, Value>> result;
  for (const auto& [key, value] : options.as_table()) {
    if (changes_only_how_it_runs(key)) continue;
    if (key != "strategy") {
      add_leaves(key, value, result);
      continue;
    }
    for (const auto& [own, setting] : value.as_table())
      if (own != "name") add_leaves(own, setting, result);
  }
  return result;
}

const Value& Trial::table(const std::string& name) const {
  if (const Value* table = options.find(name)) return *table;
  throw Error("the strategy \"" + strategy + "\" does not read [" + name + ']');
}

std::string shown(const Value& value) {
  if (value.is_string()) return value.as_string();
  const std::string text = to_toml(value);
  return value.is_float() && text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string describe(const Trial& trial) {
  std::string text = trial.strategy;
  const auto parameters = trial.parameters();
  for (const std::string& path : trial.swept) {
    for (const auto& [name, value] : parameters) {
      if (name != path) continue;
      const std::string short_name = path.starts_with("training.") ? path.substr(9) : path;
      text += ", " + short_name + ' ' + shown(value);
    }
  }
  if (trial.seed) text += ", seed " + std::to_string(*trial.seed);
  return text;
}

Value to_value(const Trial& trial) {
  Value::Array swept(trial.swept.begin(), trial.swept.end());
  Value result = Value::Table{{"format_version", kFormatVersion},
                              {"number", trial.number},
                              {"strategy", trial.strategy},
                              {"identity", trial.identity},
                              {"options", trial.options},
                              {"swept", std::move(swept)}};
  if (trial.seed) result.set("seed", *trial.seed);
  return result;
}

Trial trial_from_value(const Value& value) {
  if (!value.is_table()) throw Error(std::string("a trial is ") + value.type_name() + ", it must be a table");
  const std::int64_t version = member(value, "format_version").as_integer();
  if (version != kFormatVersion)
    throw Error("a trial has format version " + std::to_string(version) + ", this temper reads " + std::to_string(kFormatVersion), "temper and temper-worker are of different versions");
  Trial trial;
  trial.number = member(value, "number").as_integer();
  trial.strategy = member(value, "strategy").as_string();
  trial.identity = member(value, "identity").as_string();
  trial.options = member(value, "options");
  trial.options.as_table();  // throws when it is none
  member(trial.options, "strategy").as_table();
  for (const Value& path : member(value, "swept").as_array()) trial.swept.push_back(path.as_string());
  if (const Value* seed = value.find("seed")) trial.seed = seed->as_integer();
  return trial;
}

}  // namespace temper::study
