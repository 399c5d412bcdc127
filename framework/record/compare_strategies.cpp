// Chooses each strategy's configuration and compares the chosen ones on the test split.
#include "record/compare_strategies.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include <temper/error.h>

#include "record/best_configuration.h"
#include "record/layout.h"
#include "record/trial_record.h"

namespace temper::record {

namespace {

using evaluation::ItemStatistics;
using evaluation::MetricSet;

// A trial as far as the comparison needs it.
struct Run {
  std::int64_t number = 0;
  std::int64_t seed = 0;
  std::int64_t fold = 0;  // 0: the study has none, or the run is all folds of a seed together
  bool tests_fold = false;  // its test items are its fold's alone
  double objective = kNaN;
  // Of chosen ones only.
  std::vector<std::string> labels, items;
  std::map<std::string, ItemStatistics> statistics;  // by plugin
};

// Trials that differ in their seed and fold alone.
struct Configuration {
  std::vector<Run> runs;  // by seed, then fold
  bool has_one_seed() const {
    return std::all_of(runs.begin(), runs.end(), [&](const Run& run) { return run.seed == runs.front().seed; });
  }
};

constexpr const char* kFold = "dataset.fold";
constexpr const char* kFoldIs = "dataset.fold_is";

struct Costs {
  double train_seconds = 0, prepare_seconds = 0, predict_seconds = 0;
  std::map<std::int64_t, double> seconds_per_prediction;  // by trial
};

struct StrategyRuns {
  std::string name;
  std::map<std::string, Configuration> configurations;  // by their options
  std::vector<std::string> order;                       // of their first trials
  Costs costs;
  Configuration* chosen = nullptr;
  // Of the chosen one, over all its trials.
  std::int64_t best_trial = -1, seeds = 0, folds = 0;
};

std::string options_key(const Hdf5Group& trial) {
  std::string key;
  for (const auto& [name, value] : trial.group("parameters").attributes())
    if (name != kSweptAttribute && name != kFold) key += name + "=" + to_json(to_value(value)) + "\n";
  return key;
}

void add_costs(Costs& costs, const Hdf5Group& trial, std::int64_t number) {
  if (!trial.has("cost")) return;
  const Hdf5Group cost = trial.group("cost");
  costs.train_seconds += cost.float_attribute("train_seconds");
  costs.prepare_seconds += cost.float_attribute("prepare_seconds");
  costs.predict_seconds += cost.float_attribute("predict_seconds");
  costs.seconds_per_prediction[number] = cost.float_attribute("seconds_per_prediction");
}

void read_results(Run& run, const Hdf5Group& trial) {
  const TrialRecord record = read_trial(trial);
  run.labels = record.test->labels;
  run.items = record.test->predictions.id;
  for (const StatisticsRecord& statistics : record.test->statistics) run.statistics.emplace(statistics.metric, item_statistics(statistics));
}

// Where each fold is tested by the trial that left it out, the folds of a seed together answer every item once: one run.
void pool_folds(Configuration& configuration) {
  std::vector<Run> pooled;
  for (Run& run : configuration.runs) {
    if (!run.tests_fold || pooled.empty() || pooled.back().seed != run.seed || pooled.back().labels != run.labels) {
      pooled.push_back(std::move(run));
      if (pooled.back().tests_fold) pooled.back().fold = 0;
      continue;
    }
    Run& whole = pooled.back();
    whole.items.insert(whole.items.end(), run.items.begin(), run.items.end());
    for (auto statistics = whole.statistics.begin(); statistics != whole.statistics.end();) {
      const auto more = run.statistics.find(statistics->first);
      if (more == run.statistics.end() || more->second.size() != statistics->second.size()) {  // a metric that not all folds have
        statistics = whole.statistics.erase(statistics);
        continue;
      }
      for (std::size_t item = 0; item < more->second.items(); ++item) statistics->second.add(more->second.item(item));
      ++statistics;
    }
  }
  configuration.runs = std::move(pooled);
}

Configuration* choose(StrategyRuns& strategy, Better better) {
  std::vector<std::vector<double>> objectives;
  for (const std::string& key : strategy.order) {
    objectives.emplace_back();
    for (const Run& run : strategy.configurations.at(key).runs) objectives.back().push_back(run.objective);
  }
  const std::optional<std::size_t> best = best_configuration(objectives, better);
  return best ? &strategy.configurations.at(strategy.order[*best]) : nullptr;
}

std::int64_t best_trial(const Configuration& configuration, Better better) {
  const Run* best = &configuration.runs.front();
  for (const Run& run : configuration.runs)
    if (better == Better::kLower ? run.objective < best->objective : run.objective > best->objective) best = &run;
  return best->number;
}

// In the order of their first trials. Strategies none of whose trials is complete have no configuration.
std::deque<StrategyRuns> read_strategies(const Hdf5Group& study, Better better) {
  std::deque<StrategyRuns> strategies;
  for (const std::int64_t number : study.read_integers("summary/trial")) {
    const Hdf5Group trial = study.group("trials/" + trial_name(number));
    if (trial.attribute(kInFile)) continue;  // no longer in the experiment file: it may have answered another question
    const std::string name = trial.string_attribute("strategy");
    auto strategy = std::find_if(strategies.begin(), strategies.end(), [&](const StrategyRuns& s) { return s.name == name; });
    if (strategy == strategies.end()) strategy = strategies.insert(strategies.end(), StrategyRuns{name, {}, {}, {}, nullptr});
    add_costs(strategy->costs, trial, number);
    if (trial.string_attribute("status") != kComplete || !trial.has("test")) continue;
    const std::string key = options_key(trial);
    const auto [configuration, is_new] = strategy->configurations.try_emplace(key);
    if (is_new) strategy->order.push_back(key);
    const Hdf5Group parameters = trial.group("parameters");
    const std::int64_t fold = parameters.attribute(kFold) ? parameters.integer_attribute(kFold) : 0;
    const bool tests_fold = fold > 0 && parameters.attribute(kFoldIs) == Hdf5Attribute(std::string("test"));
    configuration->second.runs.push_back({number, trial.integer_attribute("seed"), fold, tests_fold, trial.float_attribute("objective"), {}, {}, {}});
  }
  for (StrategyRuns& strategy : strategies) {
    for (auto& [key, configuration] : strategy.configurations)
      std::stable_sort(configuration.runs.begin(), configuration.runs.end(), [](const Run& a, const Run& b) { return std::pair(a.seed, a.fold) < std::pair(b.seed, b.fold); });
    strategy.chosen = choose(strategy, better);
    if (!strategy.chosen) continue;
    std::set<std::int64_t> seeds, folds;
    for (Run& run : strategy.chosen->runs) {
      seeds.insert(run.seed);
      if (run.fold > 0) folds.insert(run.fold);
      read_results(run, study.group("trials/" + trial_name(run.number)));
    }
    strategy.best_trial = best_trial(*strategy.chosen, better);
    strategy.seeds = static_cast<std::int64_t>(seeds.size());
    strategy.folds = static_cast<std::int64_t>(folds.size());
    pool_folds(*strategy.chosen);
  }
  return strategies;
}

// The statistics of one metric over the runs; empty when one lacks them.
std::vector<const ItemStatistics*> statistics_of(const std::vector<const Run*>& runs, const std::string& plugin) {
  std::vector<const ItemStatistics*> all;
  for (const Run* run : runs) {
    const auto found = run->statistics.find(plugin);
    if (found == run->statistics.end()) return {};
    all.push_back(&found->second);
  }
  return all;
}

std::vector<const Run*> all_runs(const Configuration& configuration) {
  std::vector<const Run*> runs;
  for (const Run& run : configuration.runs) runs.push_back(&run);
  return runs;
}

// Runs of both, seed by seed and fold by fold. A strategy that uses no seed answers the same under each: its run stands beside every one.
std::pair<std::vector<const Run*>, std::vector<const Run*>> paired_runs(const Configuration& a, const Configuration& b) {
  std::pair<std::vector<const Run*>, std::vector<const Run*>> pairs;
  const bool repeat_a = a.has_one_seed(), repeat_b = b.has_one_seed();
  for (const Run& run_a : a.runs) {
    for (const Run& run_b : b.runs) {
      if (run_a.fold != run_b.fold || (run_a.seed != run_b.seed && !repeat_a && !repeat_b)) continue;
      pairs.first.push_back(&run_a);
      pairs.second.push_back(&run_b);
    }
  }
  return pairs;
}

// Where a value stands among those of a metric for labels in a given order; npos when it is not there.
std::size_t position_of(const Metric& metric, const TaskInfo& task, const std::string& value) {
  const std::vector<MetricValue> values = metric.values(task);
  const auto found = std::find_if(values.begin(), values.end(), [&](const MetricValue& v) { return v.name == value; });
  return found == values.end() ? std::string::npos : static_cast<std::size_t>(found - values.begin());
}

class Comparing {
 public:
  Comparing(const std::deque<StrategyRuns>& strategies, const MetricSet& metrics, const analysis::ResamplingOptions& options)
      : strategies_(strategies), metrics_(metrics), options_(options) {
    const std::size_t size = strategies.size();
    for (const MetricSet::Choice& choice : metrics.choices) {
      result_.push_back({metrics.chosen(choice).name, metrics.chosen(choice).better, std::vector(size, kNaN), std::vector(size, kNaN), std::vector(size, kNaN),
                         std::vector(size * size, kNaN), std::vector(size * size, kNaN)});
    }
  }

  std::vector<ComparedMetric> run() && {
    for (std::size_t plugin = 0; plugin < metrics_.plugins.size(); ++plugin) {
      for (std::size_t i = 0; i < strategies_.size(); ++i) {
        if (!strategies_[i].chosen) continue;
        intervals(plugin, i);
        for (std::size_t j = 0; j < i; ++j)
          if (strategies_[j].chosen) pair(plugin, i, j);
      }
    }
    return std::move(result_);
  }

 private:
  TaskInfo task_of(const Run& run) const { return {metrics_.task.task, run.labels}; }
  bool fits(const ItemStatistics& statistics, const Metric& metric, const TaskInfo& task) const {
    return statistics.size() == metric.statistics_size(task) && statistics.items() > 0;
  }
  // Calls `use(metric of the result, index of its value)` for the reported values of a plugin.
  template <typename F>
  void for_each_value(std::size_t plugin, const TaskInfo& task, F&& use) {
    for (std::size_t k = 0; k < result_.size(); ++k) {
      if (metrics_.choices[k].plugin != plugin) continue;
      const std::size_t position = position_of(*metrics_.plugins[plugin].metric, task, result_[k].name);
      if (position != std::string::npos) use(result_[k], position);
    }
  }

  void intervals(std::size_t plugin, std::size_t i) {
    const Metric& metric = *metrics_.plugins[plugin].metric;
    const std::vector<const Run*> runs = all_runs(*strategies_[i].chosen);
    const TaskInfo task = task_of(*runs.front());
    const auto statistics = statistics_of(runs, metrics_.plugins[plugin].name);
    if (statistics.empty()) return;
    for (std::size_t run = 0; run < runs.size(); ++run)
      if (runs[run]->labels != task.labels || runs[run]->items != runs[0]->items || !fits(*statistics[run], metric, task)) return;
    const std::vector<double> values = analysis::mean_values(metric, task, statistics);
    const std::vector<analysis::Interval> bounds = analysis::bootstrap_intervals(metric, task, statistics, options_);
    for_each_value(plugin, task, [&](ComparedMetric& compared, std::size_t position) {
      compared.value[i] = values.at(position);
      compared.low[i] = bounds.at(position).low;
      compared.high[i] = bounds.at(position).high;
      compared.difference[i * strategies_.size() + i] = 0;
      compared.p_value[i * strategies_.size() + i] = 1;
    });
  }

  void pair(std::size_t plugin, std::size_t i, std::size_t j) {
    const Metric& metric = *metrics_.plugins[plugin].metric;
    const auto [first, second] = paired_runs(*strategies_[i].chosen, *strategies_[j].chosen);
    if (first.empty()) return;
    const TaskInfo task = task_of(*first.front());
    const std::string& name = metrics_.plugins[plugin].name;
    const auto a = statistics_of(first, name), b = statistics_of(second, name);
    if (a.empty() || b.empty()) return;
    for (std::size_t run = 0; run < first.size(); ++run) {
      for (const Run* one : {first[run], second[run]})
        if (one->labels != task.labels || one->items != first[0]->items) return;
      if (!fits(*a[run], metric, task) || !fits(*b[run], metric, task)) return;
    }
    const std::vector<analysis::PairedTest> tests = analysis::paired_tests(metric, task, a, b, options_);
    const std::size_t size = strategies_.size();
    for_each_value(plugin, task, [&](ComparedMetric& compared, std::size_t position) {
      compared.difference[i * size + j] = tests.at(position).difference;
      compared.difference[j * size + i] = -tests.at(position).difference;
      compared.p_value[i * size + j] = compared.p_value[j * size + i] = tests.at(position).p_value;
    });
  }

  const std::deque<StrategyRuns>& strategies_;
  const MetricSet& metrics_;
  const analysis::ResamplingOptions& options_;
  std::vector<ComparedMetric> result_;
};

}  // namespace

std::vector<std::string> compared_labels(const Hdf5Group& study) {
  const Hdf5Group trials = study.group("trials");
  for (const std::string& name : trials.names()) {
    if (!trials.has(name + "/test") || trials.attribute(kInFile, name)) continue;
    const std::optional<Hdf5Attribute> labels = trials.attribute("labels", name + "/test");
    if (const auto* list = labels ? std::get_if<std::vector<std::string>>(&*labels) : nullptr) return *list;
  }
  return {};
}

Comparison compare_strategies(const Hdf5Group& study, Better better, const evaluation::MetricSet& metrics,
                              const analysis::ResamplingOptions& options) {
  const std::deque<StrategyRuns> strategies = read_strategies(study, better);
  Comparison comparison;
  comparison.level = options.level;
  for (const StrategyRuns& strategy : strategies) {
    comparison.strategy.push_back(strategy.name);
    comparison.best_trial.push_back(strategy.best_trial);
    comparison.n_seeds.push_back(strategy.seeds);
    comparison.n_folds.push_back(strategy.folds);
    comparison.train_seconds.push_back(strategy.costs.train_seconds);
    comparison.prepare_seconds.push_back(strategy.costs.prepare_seconds);
    comparison.predict_seconds.push_back(strategy.costs.predict_seconds);
    const auto found = strategy.costs.seconds_per_prediction.find(strategy.best_trial);
    comparison.seconds_per_prediction.push_back(found == strategy.costs.seconds_per_prediction.end() ? kNaN : found->second);
  }
  comparison.metrics = Comparing(strategies, metrics, options).run();
  return comparison;
}

}  // namespace temper::record
