// Writes a checked experiment as TOML that reads back to the same one: every default, absolute paths, one spelling for each thing.
#include "study/experiment.h"

#include <algorithm>

namespace temper::study {

namespace {

// "key = value", the key quoted where it must be: an inline table without its braces.
std::string assignment(const std::string& key, const Value& value) {
  const std::string table = to_toml(Value::Table{{key, value}});
  return table.substr(2, table.size() - 4);
}

std::string quoted_key(const std::string& key) {
  const std::string text = assignment(key, 0);
  return text.substr(0, text.size() - 4);
}

void add_line(std::string& text, const std::string& key, const Value& value) {
  if (!value.is_null()) text += assignment(key, value) + '\n';
}

void add_table(std::string& text, const std::string& name, const Value& table) {
  text += "\n[" + name + "]\n";
  for (const auto& [key, value] : table.as_table()) add_line(text, key, value);
}

Value list_of(const Axis& axis) { return Value::Array(axis.values.begin(), axis.values.end()); }

// [sweep]: bare names for [training], a dotted path for other tables.
std::string sweep_key(const std::string& path) {
  const std::string training = "training.";
  if (path.starts_with(training)) return sweep_key(path.substr(training.size()));
  std::string key;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    key += (key.empty() ? "" : ".") + quoted_key(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return key;
}

// How the first axis at or below `path` ranks among `axes`; their number when there is none.
std::size_t rank(const std::string& path, const std::vector<Axis>& axes) {
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i].path == path || axes[i].path.starts_with(path + '.')) return i;
  return axes.size();
}

// Members without axes first, then the others so that the axes are met in their order.
void order_by_axes(Value& table, const std::string& prefix, const std::vector<Axis>& axes) {
  const auto key_rank = [&](const auto& member) {
    const std::size_t found = rank(prefix + member.first, axes);
    return found == axes.size() ? std::size_t{0} : found + 1;
  };
  std::stable_sort(table.as_table().begin(), table.as_table().end(), [&](const auto& a, const auto& b) { return key_rank(a) < key_rank(b); });
  for (auto& [key, value] : table.as_table())
    if (value.is_table()) order_by_axes(value, prefix + key + '.', axes);
}

void add_strategy(std::string& text, const StrategyEntry& strategy) {
  Value table = strategy.options;
  for (const auto& [path, value] : strategy.training) table.set_path(path, value);
  for (const Axis& axis : strategy.axes) table.set_path(axis.path, list_of(axis));
  order_by_axes(table, "", strategy.axes);
  text += "\n[[strategy]]\n";
  add_line(text, "plugin", strategy.plugin);
  add_line(text, "name", strategy.name);
  if (strategy.base) add_line(text, strategy.base->is_best ? "from_best" : "from", strategy.base->strategy);
  for (const auto& [key, value] : table.as_table()) add_line(text, key, value);
}

void add_sweep(std::string& text, const std::vector<Axis>& sweep) {
  if (sweep.empty()) return;
  text += "\n[sweep]\n";
  for (const Axis& axis : sweep) text += sweep_key(axis.path) + " = " + to_toml(list_of(axis)) + '\n';
}

}  // namespace

std::string resolved_toml(const Experiment& experiment) {
  std::string text;
  add_line(text, "name", experiment.name);
  add_line(text, "task", std::string(to_string(experiment.task)));
  add_line(text, "seeds", to_value(experiment.seeds));
  if (experiment.objective) add_line(text, "objective", experiment.objective->name);
  add_line(text, "metrics", to_value(experiment.metrics));
  add_line(text, "device", experiment.device);
  if (experiment.threads) add_line(text, "threads", *experiment.threads);
  add_table(text, "limits", experiment.limits);
  add_table(text, "dataset", experiment.dataset);
  add_table(text, "prompt", experiment.prompt);
  add_table(text, "model", experiment.model);
  add_table(text, "training", experiment.training);
  if (experiment.sweep_is_first) add_sweep(text, experiment.sweep);
  for (const StrategyEntry& strategy : experiment.strategies) add_strategy(text, strategy);
  if (!experiment.sweep_is_first) add_sweep(text, experiment.sweep);
  return text;
}

}  // namespace temper::study
