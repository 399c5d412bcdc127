// Finding the plugin behind a metric's name, and the values that the name stands for.
#include "evaluation/choose_metrics.h"

#include <algorithm>
#include <charconv>

#include <temper/error.h>
#include <temper/value.h>

#include "registry/registry.h"

namespace temper::evaluation {
namespace {

constexpr const char* kKind = "metric";
const std::string kUsual = "usual:";

// How much of `name` a claim covers: all of it for an equal one, the part before the star for a pattern, nothing if it does not fit.
std::size_t covered(const std::string& claim, const std::string& name) {
  if (claim == name) return name.size() + 1;
  if (!claim.ends_with('*')) return 0;
  const std::string prefix = claim.substr(0, claim.size() - 1);
  return name.starts_with(prefix) && name.size() > prefix.size() ? prefix.size() : 0;
}

std::size_t covered(const registry::Plugin& plugin, const std::string& name) {
  std::size_t most = 0;
  for (const std::string& claim : plugin.manifest.claims) {
    if (!claim.starts_with(kUsual)) most = std::max(most, covered(claim, name));
  }
  return most;
}

bool is_usable_metric(const registry::Plugin& plugin) { return plugin.kind() == kKind && !plugin.problem; }

// Every name that could have been meant. Loads all metrics, so it is for messages only.
std::vector<std::string> known_names(const registry::Registry& registry) {
  std::vector<std::string> names = registry.names(kKind);
  std::vector<const registry::Plugin*> plugins;
  for (const std::string& name : names) plugins.push_back(&registry.find(kKind, name));
  registry.describe_all(plugins);  // one child for all of them
  for (const std::string& plugin : registry.names(kKind)) {
    try {
      const auto metric = registry.create<Metric>(plugin);
      for (int task = 0; task <= static_cast<int>(Task::kLanguageModeling); ++task) {
        if (!metric->applies_to(static_cast<Task>(task))) continue;
        for (const MetricValue& value : metric->values({static_cast<Task>(task), {}})) names.push_back(value.name);
      }
    } catch (const Error&) {  // a broken plugin must not hide the message about the name
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

[[noreturn]] void throw_unknown(const registry::Registry& registry, const std::string& name, const std::vector<std::string>& known) {
  const std::string guess = did_you_mean(name, known);
  throw Error("there is no metric \"" + name + "\"", (guess.empty() ? "" : guess + " ") + "metrics: " + joined(registry.names(kKind)));
}

// What was asked for: the name of a plugin or of a value, and options of the plugin.
struct Asked {
  std::string name;
  Value options{Value::Table()};
};

Value option_value(const std::string& text) {
  if (text == "true" || text == "false") return Value(text == "true");
  std::int64_t whole = 0;
  double number = 0;
  const char* end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, whole); error == std::errc() && at == end) return Value(whole);
  if (const auto [at, error] = std::from_chars(text.data(), end, number); error == std::errc() && at == end) return Value(number);
  return Value(text);
}

// "bleu:tokenize=char,lowercase=true". A value's name may hold a colon itself (that of a label): where such a value is claimed, it is meant.
Asked parse(const registry::Registry& registry, const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto is_claimed = [&](const registry::Plugin& plugin) { return is_usable_metric(plugin) && covered(plugin, text) > 0; };
  if (colon == std::string::npos || std::ranges::any_of(registry.plugins(), is_claimed)) return {text};
  Asked asked{text.substr(0, colon)};
  for (std::size_t begin = colon + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string option = text.substr(begin, end - begin);
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0) throw Error("the metric \"" + text + "\" has an option \"" + option + "\", it must be one like lowercase=true");
    asked.options.set(option.substr(0, equals), option_value(option.substr(equals + 1)));
    begin = end + 1;
  }
  return asked;
}

// The name of the plugin that a name means.
std::string plugin_of(const registry::Registry& registry, const std::string& name) {
  const std::string prefix = std::string(kKind) + "/";
  const std::string bare = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  const std::vector<std::string> plugins = registry.names(kKind);
  if (std::find(plugins.begin(), plugins.end(), bare) != plugins.end()) return bare;
  const registry::Plugin* best = nullptr;
  for (const registry::Plugin& plugin : registry.plugins()) {
    if (!is_usable_metric(plugin) || covered(plugin, name) == 0) continue;
    if (best && covered(plugin, name) == covered(*best, name)) {
      throw Error("the metric \"" + name + "\" is claimed by " + best->library.string() + " and by " + plugin.library.string(), "name the plugin: " + best->name() + " or " + plugin.name());
    }
    if (!best || covered(plugin, name) > covered(*best, name)) best = &plugin;
  }
  if (best) return best->name();
  registry.throw_if_broken(kKind, bare);
  throw_unknown(registry, name, known_names(registry));
}

void require_task(const registry::Registry& registry, const Metric& metric, const std::string& name, Task task) {
  if (metric.applies_to(task)) return;
  std::vector<std::string> others;
  for (const std::string& other : registry.names(kKind)) {
    try {
      if (registry.create<Metric>(other)->applies_to(task)) others.push_back(other);
    } catch (const Error&) {
    }
  }
  throw Error("the metric \"" + name + "\" does not score the task " + std::string(to_string(task)), others.empty() ? "" : "metrics of this task: " + joined(others));
}

// Indices of the values that `name` stands for.
std::vector<std::size_t> matching(const registry::Registry& registry, const std::string& name, const std::string& plugin, const std::vector<MetricValue>& values) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].name == name) return {i};
    if (values[i].is_default) found.push_back(i);
  }
  if (name == plugin || name == std::string(kKind) + "/" + plugin) return found;
  std::vector<std::string> names;
  for (const MetricValue& value : values) names.push_back(value.name);
  throw_unknown(registry, name, names);
}

}  // namespace

std::vector<std::string> usual_metrics(const registry::Registry& registry, Task task) {
  const std::string claim = kUsual + std::string(to_string(task));
  std::vector<std::string> names;
  for (const registry::Plugin& plugin : registry.plugins()) {
    const auto& claims = plugin.manifest.claims;
    if (is_usable_metric(plugin) && std::find(claims.begin(), claims.end(), claim) != claims.end()) names.push_back(plugin.name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<MetricValue> values_named(const registry::Registry& registry, const std::string& text, Task task) {
  const auto [name, options] = parse(registry, text);
  const std::string plugin = plugin_of(registry, name);
  const auto metric = registry.create<Metric>(plugin, options);
  require_task(registry, *metric, name, task);
  TaskInfo info{task, {}};
  // A value of one label: the part of the name behind the star is the label.
  for (const std::string& claim : registry.find(kKind, plugin).manifest.claims) {
    if (!claim.ends_with('*') || covered(claim, name) == 0) continue;
    info.labels.push_back((task == Task::kTokenClassification ? "B-" : "") + name.substr(claim.size() - 1));  // a tag of that type
  }
  const std::vector<MetricValue> without_labels = metric->values({task, {}});
  for (const MetricValue& value : without_labels) {
    if (value.name == name) return {value};
  }
  const std::vector<MetricValue> values = metric->values(info);
  std::vector<MetricValue> result;
  for (const std::size_t index : matching(registry, name, plugin, values)) result.push_back(values[index]);
  return result;
}

MetricSet choose_metrics(const registry::Registry& registry, const std::vector<std::string>& names, const TaskInfo& task) {
  MetricSet set;
  set.task = task;
  Problems problems;
  std::vector<Value> options;  // of each plugin
  for (const std::string& text : names.empty() ? usual_metrics(registry, task.task) : names) {
    try {
      const Asked asked = parse(registry, text);
      const std::string& name = asked.name;
      const std::string plugin = plugin_of(registry, name);
      auto entry = std::find_if(set.plugins.begin(), set.plugins.end(), [&](const auto& made) { return made.name == plugin; });
      if (entry == set.plugins.end()) {
        auto metric = registry.create<Metric>(plugin, asked.options);
        require_task(registry, *metric, name, task.task);
        options.push_back(asked.options);
        auto values = metric->values(task);
        entry = set.plugins.insert(set.plugins.end(), {plugin, std::move(metric), std::move(values)});
      }
      const std::size_t at = entry - set.plugins.begin();
      if (to_json(options[at]) != to_json(asked.options)) {
        throw Error("the metric \"" + text + "\" has other options than the " + plugin + " that was named before, which would give two values of one name", "measure them in two runs");
      }
      for (const std::size_t value : matching(registry, name, plugin, entry->values)) {
        const bool is_there = std::any_of(set.choices.begin(), set.choices.end(), [&](const auto& choice) { return choice.plugin == at && choice.value == value; });
        if (!is_there) set.choices.push_back({at, value});
      }
    } catch (const Error& error) {
      problems.add(error);
    }
  }
  problems.throw_if_any();
  return set;
}

bool scores_task(const registry::Registry& registry, const std::string& name, Task task) {
  const Asked asked = parse(registry, name);
  return registry.create<Metric>(plugin_of(registry, asked.name), asked.options)->applies_to(task);
}

}  // namespace temper::evaluation
