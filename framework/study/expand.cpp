// From a checked experiment to its trials: every combination of the axes that a strategy reads, its seeds, and the trials that it goes
// on from.
#include "study/study.h"

#include "data/adapter_folder.h"
#include "data/content_hash.h"
#include "study/expand.h"
#include "study/identity.h"
#include "study/option_reader.h"
#include "study/sharing_key.h"
#include "study/step_sharing.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace temper::study {

namespace {

constexpr std::size_t kMostCombinations = 1'000'000;  // of the axes of one strategy
constexpr std::size_t kMostChecked = 1'000;           // of them, where no trial is wanted

bool is_of_table(const std::string& path, const char* table) { return path.starts_with(std::string(table) + '.'); }

// The axes of a strategy, slowest first. What it sets itself replaces the axis of [sweep].
std::vector<const Axis*> axes_of(const Experiment& experiment, const StrategyEntry& strategy) {
  std::vector<const Axis*> own, swept;
  for (const Axis& axis : strategy.axes) own.push_back(&axis);
  for (const Axis& axis : experiment.sweep) {
    const auto sets = [&](const auto& setting) { return setting.first == axis.path; };
    const auto varies = [&](const Axis& other) { return other.path == axis.path; };
    if (std::none_of(strategy.training.begin(), strategy.training.end(), sets) && std::none_of(strategy.axes.begin(), strategy.axes.end(), varies))
      swept.push_back(&axis);
  }
  std::vector<const Axis*>& first = experiment.sweep_is_first ? swept : own;
  const std::vector<const Axis*>& second = experiment.sweep_is_first ? own : swept;
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Whether the axis varies a table of the experiment; otherwise it is one of the strategy's own options.
const char* table_of(const Experiment& experiment, const Axis& axis) {
  for (const char* table : {"dataset", "prompt", "model", "training"})
    if (is_of_table(axis.path, table)) return table;
  return nullptr;
}

// Tables that a trial has in common with its base: the same items, rendered alike, and the model that both adapt.
constexpr const char* kSharedTables[] = {"dataset", "prompt", "model"};

bool is_shared(const Experiment& experiment, const Axis& axis, const Trial& base) {
  const char* table = table_of(experiment, axis);
  return table && std::string_view(table) != "training" && base.reads(table);
}

bool is_shared_path(const std::string& path, const Trial& trial, const Trial& base) {
  return std::any_of(std::begin(kSharedTables), std::end(kSharedTables), [&](const char* table) { return is_of_table(path, table) && trial.reads(table) && base.reads(table); });
}

bool shares_tables(const Trial& trial, const Trial& base) {
  return std::all_of(std::begin(kSharedTables), std::end(kSharedTables), [&](const char* table) {
    return !trial.reads(table) || !base.reads(table) || trial.table(table) == base.table(table);
  });
}

void take_tables(Value& options, const Trial& base) {
  for (const char* table : kSharedTables)
    if (options.find(table) && base.reads(table)) options.set(table, base.table(table));
}

// "shots", "generation.temperature"
void erase_path(Value& table, std::string_view path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) table.erase(path);
  else if (Value* inner = table.find(path.substr(0, dot))) erase_path(*inner, path.substr(dot + 1));
}

class Expander {
 public:
  Expander(const Experiment& experiment, const Surroundings& surroundings)
      : experiment_(experiment), surroundings_{surroundings.schemas, [this](const std::filesystem::path& path) { return content(path); }, surroundings.variable},
        content_hash_(surroundings.content_hash ? surroundings.content_hash : data::content_hash) {}

  std::vector<Trial> expand() {
    for (const StrategyEntry& strategy : experiment_.strategies) trials_of(strategy);
    problems_.throw_if_any();
    std::vector<Trial> trials;
    for (const StrategyEntry& strategy : experiment_.strategies)
      for (Trial& trial : by_strategy_.at(strategy.name)) trials.push_back(std::move(trial));
    return trials;
  }

  void check(Problems& problems) {
    makes_trials_ = false;
    for (const StrategyEntry& strategy : experiment_.strategies) expand(strategy, nullptr);
    for (const Problem& problem : problems_.all()) problems.add(problem.place, problem.what, problem.remedy);
  }

 private:
  // Trials of the base that differ in their seeds alone; or all of them, where the best is chosen.
  using Bases = std::vector<const Trial*>;

  // Those of the base come first, wherever it stands in the file.
  const std::vector<Trial>& trials_of(const StrategyEntry& strategy) {
    const auto [known, is_new] = by_strategy_.try_emplace(strategy.name);
    if (!is_new) return known->second;
    std::vector<Bases> groups;
    if (strategy.base) groups = base_groups(strategy);
    trials_ = {};
    for (const Bases& bases : groups) expand(strategy, &bases);
    if (groups.empty()) {  // without a base, or it has no trials because of a problem: then what is wrong here is told beside that
      makes_trials_ = !strategy.base;
      expand(strategy, nullptr);
      makes_trials_ = true;
    }
    return known->second = std::move(trials_);
  }

  std::vector<Bases> base_groups(const StrategyEntry& strategy) {
    const auto& all = experiment_.strategies;
    const auto base = std::find_if(all.begin(), all.end(), [&](const StrategyEntry& other) { return other.name == strategy.base->strategy; });
    std::vector<Bases> groups;
    if (base == all.end()) return groups;
    std::map<std::string, std::size_t> by_options;
    for (const Trial& trial : trials_of(*base)) {
      if (!trial.reads("model")) {
        report(strategy.base->place, "the strategy \"" + base->name + "\" uses no model, so there is nothing to go on from", "name a strategy that adapts the model or its prompt");
        return {};
      }
      const std::string key = strategy.base->is_best ? "" : to_json(trial.options);
      const auto [group, is_new] = by_options.try_emplace(key, groups.size());
      if (is_new) groups.emplace_back();
      groups[group->second].push_back(&trial);
    }
    return groups;
  }

  void expand(const StrategyEntry& strategy, const Bases* bases) {
    std::vector<const Axis*> axes = axes_of(experiment_, strategy);
    if (bases && !strategy.base->is_best) std::erase_if(axes, [&](const Axis* axis) { return is_shared(experiment_, *axis, *bases->front()); });
    std::size_t combinations = 1;
    for (const Axis* axis : axes) {
      combinations *= axis->values.size();
      if (combinations <= kMostCombinations) continue;
      problems_.add(strategy.place, "the axes of strategy \"" + strategy.name + "\" make more than " + std::to_string(kMostCombinations) + " combinations");
      return;
    }
    if (!makes_trials_) combinations = std::min(combinations, kMostChecked);
    if (bases && combinations * bases->size() + trials_.size() > kMostCombinations) {
      report(strategy.base->place, "the strategy \"" + strategy.name + "\" makes more than " + std::to_string(kMostCombinations) + " trials of those that it goes on from");
      return;
    }
    const Value base = base_options(strategy);
    needs_.clear();
    std::vector<std::size_t> at(axes.size());
    for (std::size_t i = 0; i < combinations; ++i) {
      Value options = base;
      for (std::size_t a = 0; a < axes.size(); ++a) set(options, *axes[a], axes[a]->values[at[a]]);
      add(strategy, std::move(options), axes, bases);
      for (std::size_t a = axes.size(); a-- > 0;) {  // the last varies fastest
        if (++at[a] < axes[a]->values.size()) break;
        at[a] = 0;
      }
    }
  }

  Value base_options(const StrategyEntry& strategy) const {
    Value options = Value::Table();
    options.set("task", std::string(to_string(experiment_.task)));
    options.set("metrics", Value::Array(experiment_.metrics.begin(), experiment_.metrics.end()));
    if (experiment_.objective) options.set("objective", experiment_.objective->name);
    options.set("device", experiment_.device);
    if (experiment_.threads) options.set("threads", *experiment_.threads);
    options.set("dataset", experiment_.dataset);
    options.set("prompt", experiment_.prompt);
    options.set("model", experiment_.model);
    options.set("training", experiment_.training);
    for (const auto& [path, value] : strategy.training) options.set_path(path, value);
    Value own = Value::Table{{"plugin", strategy.plugin}, {"name", strategy.name}};
    for (const auto& [key, value] : strategy.options.as_table()) own.set(key, value);
    options.set("strategy", std::move(own));
    return options;
  }

  void set(Value& options, const Axis& axis, const Value& value) const {
    if (table_of(experiment_, axis)) options.set_path(axis.path, value).place = value.place;
    else options.find("strategy")->set_path(axis.path, value).place = value.place;
  }

  // One combination: a trial for each seed and base, if they are not there already.
  void add(const StrategyEntry& strategy, Value options, const std::vector<const Axis*>& axes, const Bases* bases) {
    const Needs& needs = needs_of(strategy, *options.find("strategy"));
    if (!needs.prompt) options.erase("prompt");
    if (!needs.model) options.erase("model");
    if (!needs.training) options.erase("training");
    for (const std::string& path : needs.unread) erase_path(*options.find("strategy"), path);
    const bool takes_tables = bases && !strategy.base->is_best;
    if (takes_tables) take_tables(options, *bases->front());
    if (strategy.base && !needs.model) report(strategy.base->place, "the strategy \"" + strategy.name + "\" uses no model, so it cannot go on from another one");
    if (needs.model && !takes_tables) check_model(strategy, *options.find("model"));
    if (needs.training) check_training(*options.find("training"));
    if (!makes_trials_ || !problems_.empty()) return;
    Trial trial;
    trial.strategy = strategy.name;
    trial.options = std::move(options);
    trial.swept = swept(trial, axes);
    if (bases) return add_from(strategy, std::move(trial), *bases, needs);
    for (const auto& seed : own_seeds(needs)) add(strategy, with_seed(trial, seed), needs);
  }

  std::vector<std::optional<std::int64_t>> own_seeds(const Needs& needs) const {
    if (!needs.seed) return {std::nullopt};
    return {experiment_.seeds.begin(), experiment_.seeds.end()};
  }
  static Trial with_seed(Trial trial, std::optional<std::int64_t> seed) {
    trial.seed = seed;
    return trial;
  }

  // The seed is the base's where that has one.
  void add_from(const StrategyEntry& strategy, Trial trial, const Bases& bases, const Needs& needs) {
    if (!strategy.base->is_best) {
      for (const Trial* base : bases) {
        trial.base = base_of(trial, *base);
        for (const auto& seed : base->seed ? std::vector{base->seed} : own_seeds(needs)) {
          Trial one = with_seed(trial, seed);
          for (const std::string& path : base->swept)
            if (is_shared_path(path, trial, *base) && std::find(one.swept.begin(), one.swept.end(), path) == one.swept.end()) one.swept.push_back(path);
          add(strategy, std::move(one), needs);
        }
      }
      return;
    }
    // The best among those of the same items, rendered alike, and of the same model: these tables multiply it as any strategy.
    trial.base = Base{strategy.base->strategy, true, {}, 0, {}, {}};
    std::vector<std::optional<std::int64_t>> seeds;
    for (const Trial* base : bases) {
      if (!shares_tables(trial, *base)) continue;
      trial.base->candidates.push_back(base->identity);
      if (std::find(seeds.begin(), seeds.end(), base->seed) == seeds.end()) seeds.push_back(base->seed);
    }
    if (seeds.empty()) return;
    if (seeds == std::vector<std::optional<std::int64_t>>{std::nullopt}) seeds = own_seeds(needs);
    for (const auto& seed : seeds) add(strategy, with_seed(trial, seed), needs);
  }

  static Base base_of(const Trial& trial, const Trial& base) {
    Base result{trial.base ? trial.base->strategy : base.strategy, false, {base.identity}, 0, {}, {}};
    const auto stands_apart = [&](const std::string& path) { return path != "task" && path != "metrics" && path != "objective" && !is_shared_path(path, trial, base); };
    for (const auto& parameter : base.parameters())
      if (stands_apart(parameter.first)) result.parameters.push_back(parameter);
    for (const std::string& path : base.swept_parameters())
      if (stands_apart(path)) result.swept.push_back(path);
    return result;
  }

  void add(const StrategyEntry& strategy, Trial trial, const Needs& needs) {
    trial.identity = identity(trial, experiment_, strategy, surroundings_);
    trial.sharing_key = sharing_key(trial, needs);
    trial.steps_key = steps_key(trial, needs);
    if (identities_.insert(trial.identity).second) trials_.push_back(std::move(trial));
  }

  std::vector<std::string> swept(const Trial& trial, const std::vector<const Axis*>& axes) const {
    std::vector<std::string> names;
    const auto parameters = trial.parameters();
    for (const Axis* axis : axes) {
      const char* table = table_of(experiment_, *axis);
      if (table && !trial.reads(table)) continue;
      for (const auto& [path, value] : parameters)  // several where the values are tables
        if (path == axis->path || path.starts_with(axis->path + '.')) names.push_back(path);
    }
    return names;
  }

  // What it reads may depend on its own options.
  const Needs& needs_of(const StrategyEntry& strategy, const Value& table) {
    Value own = table;
    own.erase("plugin");
    own.erase("name");
    const std::string key = to_json(own);
    const auto known = needs_.find(key);
    if (known != needs_.end()) return known->second;
    Needs needs;
    try {
      needs = surroundings_.schemas.needs(strategy.plugin, own);
      const std::string reason = surroundings_.schemas.cannot(strategy.plugin, own, experiment_.task);
      if (!reason.empty())
        report(strategy.place, "the strategy \"" + strategy.name + "\" cannot do " + std::string(to_string(experiment_.task)) + ": " + reason);
    } catch (const Error& error) {
      Problems found;
      add_error(found, strategy.place, "the strategy \"" + strategy.name + "\": ", error);
      for (const Problem& problem : found.all()) report(problem.place, problem.what, problem.remedy);
    }
    return needs_.emplace(key, needs).first->second;
  }

  void check_model(const StrategyEntry& strategy, Value& model) {
    if (!experiment_.has_model)
      report(strategy.place, "the strategy \"" + strategy.name + "\" needs a model, and [model] has neither checkpoint nor config",
             "add checkpoint = \"...\" to [model], or plugin = \"...\" and config = {...} for random weights");
    if (!model.find("checkpoint")) return;
    const Value checkpoint = *model.find("checkpoint");
    const std::string plugin = plugin_of(checkpoint);
    if (!model.find("tokenizer")) model.set("tokenizer", plugin.empty() ? checkpoint.as_string() : data::tokenizer_folder(checkpoint.as_string()).string());
    if (plugin.empty()) return;
    const Value* given = model.find("plugin");
    if (given && given->as_string() != plugin)
      report(given->place, "model.plugin is " + to_toml(*given) + ", and the checkpoint's model_type belongs to \"" + plugin + '"', "leave model.plugin out");
    model.set("plugin", plugin);
  }

  // The model plugin of a checkpoint; empty, after a problem, when there is none.
  std::string plugin_of(const Value& checkpoint) {
    const std::filesystem::path folder = checkpoint.as_string();
    const auto [known, is_new] = plugins_.try_emplace(folder.string());
    if (!is_new || (!makes_trials_ && !std::filesystem::exists(folder))) return known->second;
    try {
      known->second = surroundings_.schemas.model_plugin(folder);
    } catch (const Error& error) {
      add_error(problems_, checkpoint.place, "model.checkpoint: ", error);
    }
    return known->second;
  }

  void check_training(const Value& training) {
    const Value* weights = training.find("class_weights");
    if (weights && experiment_.task != Task::kClassification && !(weights->is_string() && weights->as_string() == "none"))
      report(weights->place, "training.class_weights weighs the labels of a classification, and the task is " + std::string(to_string(experiment_.task)), "leave it out");
    if (experiment_.has_validation) return;
    const char* remedy = "add validation = 0.1 to [dataset], or a file";
    if (const Value* patience = training.find("early_stopping_patience"))
      report(patience->place, "early_stopping_patience needs a validation split, and the experiment has none", remedy);
    const Value* keep = training.find("keep");
    if (keep && keep->as_string() == "best") report(keep->place, "keep = \"best\" needs a validation split, and the experiment has none", remedy);
  }

  // Once, though many trials may have it.
  void report(const Place& place, const std::string& what, const std::string& remedy = {}) {
    if (reported_.insert(describe(Problem{place, what, remedy})).second) problems_.add(place, what, remedy);
  }

  std::string content(const std::filesystem::path& path) {
    const auto [known, is_new] = contents_.try_emplace(path.string());
    if (is_new) known->second = content_hash_(path);
    return known->second;
  }

  const Experiment& experiment_;
  const Surroundings surroundings_;  // with contents remembered
  std::function<std::string(const std::filesystem::path&)> content_hash_;
  std::map<std::string, std::string> contents_;
  std::map<std::string, std::string> plugins_;  // of checkpoints
  std::map<std::string, Needs> needs_;  // of the present strategy, by its options
  std::set<std::string> reported_;
  std::unordered_set<std::string> identities_;
  std::map<std::string, std::vector<Trial>> by_strategy_;
  std::vector<Trial> trials_;  // of the present strategy
  bool makes_trials_ = true;
  Problems problems_;
};

}  // namespace

std::vector<Trial> expand(const Experiment& experiment, const Surroundings& surroundings) {
  return Expander(experiment, surroundings).expand();
}

void check_trials(const Experiment& experiment, const Surroundings& surroundings, Problems& problems) {
  Expander(experiment, surroundings).check(problems);
}

}  // namespace temper::study
