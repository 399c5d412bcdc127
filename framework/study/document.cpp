// See document.h.
#include "study/document.h"

#include "study/option_reader.h"

#include <temper/training_options.h>

namespace temper::study {

namespace {

// Keys of a dotted path, quoted ones too, by TOML's own rules. Throws Error.
std::vector<std::string> keys_of(const std::string& path) {
  const Value parsed = parse_toml(path + " = 0");
  std::vector<std::string> keys;
  for (const Value* at = &parsed; at->is_table(); at = &at->as_table().front().second) {
    if (at->as_table().size() != 1) throw Error("is no path");
    keys.push_back(at->as_table().front().first);
  }
  return keys;
}

std::string one_line(const Error& error) {
  const std::string what = error.problems().front().what;
  return what.substr(0, what.find('\n'));
}

void set_place(Value& value, const Place& place) {
  value.place = place;
  if (value.is_array())
    for (Value& element : value.as_array()) set_place(element, place);
  if (value.is_table())
    for (auto& [key, member] : value.as_table()) set_place(member, place);
}

// An option is set under one spelling: [training] batch_size replaces per_device_train_batch_size.
void erase_other_spellings(Value& table, const std::string& key) {
  static const OptionSchema schema = [] {
    OptionsOf<TrainingOptions> training;
    return declared(training);
  }();
  const OptionSpec* spec = find_option(schema, key);
  if (!spec || table.find(key)) return;
  for (const std::string& alias : spec->aliases) table.erase(alias);
  table.erase(spec->name);
}

// Whether the table at `keys` holds options of [training].
bool holds_training(const std::vector<std::string>& keys) {
  if (keys.size() == 1) return keys[0] == "training" || keys[0] == "sweep";
  return keys.size() == 2 && keys[0] == "strategy" && keys[1] == "training";
}

// Sets `value` below `table`; `walked` are the keys that lead to it, a strategy's name left out.
void set_member(Value& table, std::vector<std::string> walked, const std::vector<std::string>& keys, std::size_t first, Value value) {
  Value* at = &table;
  for (std::size_t i = first; i + 1 < keys.size(); ++i) {
    Value* next = at->find(keys[i]);
    if (!next) {
      next = &at->set(keys[i], Value::Table());
      next->place = value.place;
    }
    if (!next->is_table()) throw Error(keys[i] + " is " + next->type_name() + ", it has no options inside", "the path goes on after it");
    walked.push_back(keys[i]);
    at = next;
  }
  if (holds_training(walked)) erase_other_spellings(*at, keys.back());
  at->set(keys.back(), std::move(value));
}

void set_in_strategy(Value& document, const std::vector<std::string>& keys, Value value) {
  Value* strategies = document.find("strategy");
  std::vector<std::string> names;
  if (strategies && strategies->is_array()) {
    for (Value& strategy : strategies->as_array()) {
      if (!strategy.is_table()) continue;
      names.push_back(strategy_name(strategy));
      if (names.back() == keys[1]) return set_member(strategy, {"strategy"}, keys, 2, std::move(value));
    }
  }
  std::string remedy = did_you_mean(keys[1], names);
  if (remedy.empty())
    for (const std::string& name : names) remedy += (remedy.empty() ? "there are \"" : ", \"") + name + '"';
  throw Error("no strategy is named \"" + keys[1] + '"', remedy);
}

void apply(Value& document, const std::string& change) {
  const std::size_t equals = change.find('=');
  if (equals == std::string::npos || equals == 0) throw Error("is no change", "write --set path=value, for example --set training.epochs=1");
  const std::string path = change.substr(0, equals), text = change.substr(equals + 1);
  std::vector<std::string> keys;
  try {
    keys = keys_of(path);
  } catch (const Error&) {
    throw Error('"' + path + "\" is no path of keys joined by dots");
  }
  Value value;
  try {
    // A value that spans what follows, as in "1\nname = 2", would be a second key.
    const Value parsed = parse_toml("value = " + text);
    if (parsed.as_table().size() != 1) throw Error("more than one value");
    value = *parsed.find("value");
  } catch (const Error& error) {
    throw Error('"' + text + "\" is no TOML value (" + one_line(error) + ')', "strings need quotes: --set '" + path + "=\"" + text + "\"'");
  }
  set_place(value, {"--set " + change, 0, 0});
  if (keys[0] == "strategy" && keys.size() == 2) throw Error("\"" + path + "\" is a strategy, not an option of it", "write --set " + path + ".OPTION=VALUE");
  if (keys[0] == "strategy" && keys.size() > 2) return set_in_strategy(document, keys, std::move(value));
  set_member(document, {}, keys, 0, std::move(value));
}

}  // namespace

std::string strategy_name(const Value& strategy) {
  const Value* name = strategy.find("name");
  if (name && name->is_string()) return name->as_string();
  const Value* plugin = strategy.find("plugin");
  return plugin && plugin->is_string() ? plugin_name("strategy", plugin->as_string()) : std::string();
}

Value read_document(const std::string& text, const std::string& file, const std::vector<std::string>& sets, Problems& problems) {
  Value document = parse_toml(text, file);
  for (const std::string& change : sets) {
    try {
      apply(document, change);
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) problems.add({"--set " + change, 0, 0}, problem.what, problem.remedy);
    }
  }
  return document;
}

}  // namespace temper::study
