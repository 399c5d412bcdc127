// /comparison of a study's file.
#include "record/comparison.h"

#include <temper/error.h>

#include "record/layout.h"

namespace temper::record {

namespace {

constexpr const char* kStrategyLabel = "the strategy's name in the experiment";

std::string percent(double level) { return std::to_string(static_cast<int>(level * 100 + 0.5)) + " %"; }

}  // namespace

void write_comparison(Hdf5Group& study, const Comparison& comparison) {
  Hdf5Group group = study.create_group("comparison", Hdf5Group::Order::kAsCreated);
  group.set_attribute("level", comparison.level);
  group.write("strategy", comparison.strategy, {kStrategyLabel, ""});
  group.write("best_trial", comparison.best_trial, {"number of its best trial by the objective; -1: none can be chosen", ""});
  group.write("n_seeds", comparison.n_seeds, {"seeds of the complete trials of the chosen configuration", ""});
  std::vector<std::int64_t> folds = comparison.n_folds;
  folds.resize(comparison.strategy.size());
  group.write("n_folds", folds, {"folds of these trials; 0: there are none", ""});
  const auto size = static_cast<std::int64_t>(comparison.strategy.size());
  std::vector<std::string> names;
  for (const ComparedMetric& metric : comparison.metrics) {
    const std::string name = member_name(metric.name);
    names.push_back(name);
    group.write(name, metric.value, {metric.name + " on the test split (or on all folds together, where each is tested), mean over seeds", ""});
    group.set_attribute("better", std::string(metric.better == Better::kLower ? "lower" : "higher"), name);
    group.write(name + "_low", metric.low, {"lower end of the " + percent(comparison.level) + " interval of " + metric.name, ""});
    group.write(name + "_high", metric.high, {"upper end of the " + percent(comparison.level) + " interval of " + metric.name, ""});
    Hdf5Group paired = group.create_group("paired/" + name);
    paired.write_matrix("difference", metric.difference, size, size, {metric.name + " of the row's strategy minus that of the column's", ""});
    paired.write_matrix("p_value", metric.p_value, size, size, {"two-sided p-value of the difference, items paired", ""});
  }
  group.set_attribute("metrics", names);
  Hdf5Group cost = group.create_group("cost");
  cost.write("train_seconds", comparison.train_seconds, {"training, all trials of the strategy", "s"});
  cost.write("prepare_seconds", comparison.prepare_seconds, {"preparing, all trials of the strategy", "s"});
  cost.write("predict_seconds", comparison.predict_seconds, {"predicting the test split, all trials of the strategy", "s"});
  cost.write("seconds_per_prediction", comparison.seconds_per_prediction, {"one prediction of the best trial", "s"});
}

namespace {

template <typename T>
std::vector<T> of_length(std::vector<T> values, std::size_t length, const Hdf5Group& group, const std::string& name) {
  if (values.size() != length)
    throw Error(group.where(name) + ": " + std::to_string(values.size()) + " values, it should hold " + std::to_string(length));
  return values;
}

}  // namespace

std::optional<Comparison> read_comparison(const Hdf5Group& study) {
  if (!study.has("comparison")) return std::nullopt;
  const Hdf5Group group = study.group("comparison");
  Comparison comparison;
  comparison.level = group.float_attribute("level");
  comparison.strategy = group.read_strings("strategy");
  const std::size_t size = comparison.strategy.size();
  const auto floats = [&](const std::string& name, std::size_t length) { return of_length(group.read_floats(name), length, group, name); };
  const auto integers = [&](const std::string& name) { return of_length(group.read_integers(name), size, group, name); };
  comparison.best_trial = integers("best_trial");
  comparison.n_seeds = integers("n_seeds");
  comparison.n_folds = group.has("n_folds") ? integers("n_folds") : std::vector<std::int64_t>(size, 0);
  const std::optional<Hdf5Attribute> names = group.attribute("metrics");
  const auto* list = names ? std::get_if<std::vector<std::string>>(&*names) : nullptr;
  if (!list) throw Error(group.where() + "@metrics: it should be a list of strings");
  for (const std::string& name : *list) {
    const bool is_lower = group.attribute("better", name) == Hdf5Attribute(std::string("lower"));
    comparison.metrics.push_back({name, is_lower ? Better::kLower : Better::kHigher, floats(name, size), floats(name + "_low", size), floats(name + "_high", size),
                                  floats("paired/" + name + "/difference", size * size), floats("paired/" + name + "/p_value", size * size)});
  }
  comparison.train_seconds = floats("cost/train_seconds", size);
  comparison.prepare_seconds = floats("cost/prepare_seconds", size);
  comparison.predict_seconds = floats("cost/predict_seconds", size);
  comparison.seconds_per_prediction = floats("cost/seconds_per_prediction", size);
  return comparison;
}

}  // namespace temper::record
