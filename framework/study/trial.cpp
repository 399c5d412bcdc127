// See trial.h.
#include "study/trial.h"

#include <algorithm>

#include <temper/error.h>

namespace temper::study {

namespace {

constexpr std::int64_t kFormatVersion = 1;  // of a trial as JSON

const std::string kBasePrefix = "from.";

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
  if (base) {
    result.emplace_back(base->is_best ? "from_best" : "from", base->strategy);
    for (const auto& [path, value] : base->parameters) result.emplace_back(kBasePrefix + path, value);
  }
  return result;
}

std::vector<std::string> Trial::swept_parameters() const {
  std::vector<std::string> paths = swept;
  if (base)
    for (const std::string& path : base->swept) paths.push_back(kBasePrefix + path);
  return paths;
}

std::vector<std::pair<std::string, Value>> Trial::swept_values() const {
  std::vector<std::pair<std::string, Value>> values;
  const std::vector<std::string> paths = swept_parameters();
  if (paths.empty()) return values;
  for (auto& parameter : parameters())
    if (std::find(paths.begin(), paths.end(), parameter.first) != paths.end()) values.push_back(std::move(parameter));
  return values;
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

std::string short_path(const std::string& path) {
  if (path.starts_with(kBasePrefix)) return kBasePrefix + short_path(path.substr(kBasePrefix.size()));
  return path.starts_with("training.") ? path.substr(9) : path;
}

std::string describe(const Trial& trial) {
  std::string text = trial.strategy;
  if (trial.base) text += (trial.base->is_best ? " from the best " : " from ") + trial.base->strategy;
  const auto parameters = trial.parameters();
  for (const std::string& path : trial.swept_parameters()) {
    for (const auto& [name, value] : parameters) {
      if (name == path) text += ", " + short_path(path) + ' ' + shown(value);
    }
  }
  if (trial.seed) text += ", seed " + std::to_string(*trial.seed);
  return text;
}

namespace {

Value to_value(const Base& base) {
  return Value::Table{{"strategy", base.strategy},
                      {"is_best", base.is_best},
                      {"candidates", Value::Array(base.candidates.begin(), base.candidates.end())},
                      {"number", base.number},
                      {"parameters", Value::Table(base.parameters.begin(), base.parameters.end())},
                      {"swept", Value::Array(base.swept.begin(), base.swept.end())}};
}

std::vector<std::string> strings(const Value& array) {
  std::vector<std::string> texts;
  for (const Value& text : array.as_array()) texts.push_back(text.as_string());
  return texts;
}

Base base_from_value(const Value& value) {
  Base base;
  base.strategy = member(value, "strategy").as_string();
  base.is_best = member(value, "is_best").as_bool();
  base.candidates = strings(member(value, "candidates"));
  base.number = member(value, "number").as_integer();
  const Value::Table& parameters = member(value, "parameters").as_table();
  base.parameters.assign(parameters.begin(), parameters.end());
  base.swept = strings(member(value, "swept"));
  return base;
}

}  // namespace

Value to_value(const Trial& trial) {
  Value::Array swept(trial.swept.begin(), trial.swept.end());
  Value result = Value::Table{{"format_version", kFormatVersion},
                              {"number", trial.number},
                              {"strategy", trial.strategy},
                              {"identity", trial.identity},
                              {"options", trial.options},
                              {"swept", std::move(swept)}};
  if (trial.seed) result.set("seed", *trial.seed);
  if (trial.base) result.set("base", to_value(*trial.base));
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
  trial.swept = strings(member(value, "swept"));
  if (const Value* seed = value.find("seed")) trial.seed = seed->as_integer();
  if (const Value* base = value.find("base")) trial.base = base_from_value(*base);
  return trial;
}

}  // namespace temper::study
