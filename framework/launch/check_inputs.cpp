// Data and checkpoints, read before anything is written.
#include "launch/check_inputs.h"

#include <cstdlib>
#include <map>
#include <set>

#include <temper/error.h>
#include <temper/training_options.h>
#include <temper/utf8.h>

#include "data/class_weights.h"
#include "data/content_hash.h"
#include "launch/run_study.h"
#include "launch/worker_pool.h"
#include "study/trial_inputs.h"

namespace temper::launch {

study::Surroundings surroundings(const study::Schemas& schemas) {
  return {schemas, [](const std::filesystem::path& path) { return data::content_hash(path); },
          [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value ? std::optional<std::string>(value) : std::nullopt;
          }};
}

namespace {

study::SplitSizes sizes_of(const data::Splits& splits) {
  const auto rows = [](const Split* split) { return split ? static_cast<std::int64_t>(split->size()) : 0; };
  return {rows(splits.train.get()), rows(splits.validation.get()), rows(splits.test.get())};
}

// The labels of a train split, and how many items each has.
struct LabelCounts {
  std::vector<std::string> labels;
  std::vector<std::int64_t> counts;
};

void check_class_weights(const study::Trial& trial, const LabelCounts& train, Problems& problems) {
  const Value& training = trial.table("training");
  OptionsOf<TrainingOptions> options;
  fill(options, training);
  try {
    data::class_weights(options.value.class_weights, train.labels, train.counts);
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) problems.add(training.find("class_weights")->place, problem.what, problem.remedy);
  }
}

}  // namespace

study::SizesByDataset check_inputs(const study::Study& study, const registry::Registry& registry, WorkerPool& workers, RunListener& listener) {
  Problems problems;
  study::SizesByDataset sizes;
  std::set<std::string> opened_models, told, weighed;
  std::map<std::string, LabelCounts> read_datasets;
  const auto tell = [&](const std::string& note) {
    if (told.insert(note).second) listener.note(note);  // once, though folds read a file several times
  };
  for (const study::Trial& trial : study.trials) {
    const Value& dataset = trial.table("dataset");
    std::string key = to_json(dataset);
    const auto [labels, is_new] = read_datasets.try_emplace(key);
    if (is_new) {
      try {
        const data::Splits splits = study::load_trial_splits(registry, dataset, study.experiment.task);
        sizes[key] = sizes_of(splits);
        for (const data::SplitReport& report : splits.reports) {
          if (report.rows_dropped > 0) tell(report.file.string() + ": " + std::to_string(report.rows_dropped) + " bad rows were dropped, the first: " + describe(report.dropped.front()));
          for (const std::string& note : report.notes) tell(report.file.string() + ": " + note);
        }
        labels->second = {splits.labels, splits.reports.front().label_counts};
      } catch (const Error& error) {
        problems.add(error);
      }
    }
    const Value* weights = trial.reads("training") ? trial.table("training").find("class_weights") : nullptr;
    if (weights && !labels->second.labels.empty() && weighed.insert(key + to_json(*weights)).second) check_class_weights(trial, labels->second, problems);
    if (!trial.reads("model")) continue;
    if (!opened_models.insert(key + to_json(trial.table("model"))).second || !problems.empty()) continue;
    Value question{Value::Table{}};
    question.set("command", "check");
    question.set("trial", study::to_value(trial));
    const Value answer = workers.ask(question, "opening the model of trial \"" + study::describe(trial) + "\"");
    if (const Value* found = answer.find("problems")) {
      for (const Value& problem : found->as_array()) problems.add({}, problem.find("what")->as_string(), problem.find("remedy")->as_string());
    }
  }
  problems.throw_if_any();
  return sizes;
}

namespace {

// A label of the wrong column may be a whole text.
std::string shown(const std::string& label) {
  constexpr std::size_t kLongest = 60;  // bytes
  return label.size() <= kLongest ? label : label.substr(0, valid_utf8_prefix(std::string_view(label).substr(0, kLongest))) + "...";
}

// "negative 273, neutral 423"; empty where the task has no labels, or too many for a line.
std::string label_counts(const data::SplitReport& report, const std::vector<std::string>& labels) {
  constexpr std::size_t kMostLabels = 12;
  std::string text;
  for (std::size_t i = 0; labels.size() <= kMostLabels && i < report.label_counts.size(); ++i)
    text += (text.empty() ? "" : ", ") + shown(labels[i]) + ' ' + std::to_string(report.label_counts[i]);
  return text;
}

}  // namespace

InputSummary summarize_inputs(const study::Study& study, const registry::Registry& registry) {
  InputSummary summary;
  std::set<std::vector<std::string>> told;
  const auto tell = [&](const std::string& option, const std::string& path, const std::string& text) {
    if (told.insert({option, path, text}).second) summary.facts.push_back({option, path, text});
  };
  for (const study::Trial& trial : study.trials) {
    const auto [items, is_new] = summary.sizes.try_emplace(to_json(trial.table("dataset")));
    if (!is_new) continue;
    const data::Splits splits = study::load_trial_splits(registry, trial.table("dataset"), study.experiment.task);
    items->second = sizes_of(splits);
    for (const data::SplitReport& report : splits.reports) {
      std::string text = std::to_string(report.rows_used) + " of " + std::to_string(report.rows_read) + " rows";
      if (report.rows_dropped > 0) text += ", " + std::to_string(report.rows_dropped) + " bad rows dropped";
      if (report.split == "train" && !splits.labels.empty()) text += ", " + std::to_string(splits.labels.size()) + " labels";
      if (const std::string counts = label_counts(report, splits.labels); !counts.empty()) text += ": " + counts;
      tell("dataset." + report.split, report.file.string(), text);
    }
  }
  for (const study::Trial& trial : study.trials) {
    if (!trial.reads("model")) continue;
    const study::ModelOptions model = study::model_options(trial.table("model"));
    const std::string plugin = model.plugin.value_or("");
    if (model.checkpoint) tell("model.checkpoint", model.checkpoint->string(), plugin);
    else tell("model.config", plugin, "random weights");
    if (model.tokenizer && model.tokenizer != model.checkpoint) tell("model.tokenizer", model.tokenizer->string(), "");
  }
  return summary;
}

}  // namespace temper::launch
