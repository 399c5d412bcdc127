// The straight line of a trial: items, adaptation, predictions, metrics, verdict, record.
#include "study/run_trial.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <fstream>

#include <temper/error.h>

#include "analysis/diagnosis.h"
#include "analysis/split_losses.h"
#include "evaluation/choose_metrics.h"
#include "evaluation/score.h"
#include "record/event_log.h"
#include "record/trial_record.h"
#include "registry/registry.h"
#include "study/peak_memory.h"
#include "study/predicted_objective.h"
#include "study/trial_context.h"
#include "study/trial_failure.h"
#include "study/trial_files.h"
#include "study/trial_inputs.h"
#include "study/trial_log.h"

namespace temper::study {

namespace fs = std::filesystem;

namespace {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::unique_ptr<Strategy> make_strategy(const Trial& trial, const registry::Registry& registry) {
  Value options = trial.table("strategy");
  const std::string plugin = options.find("plugin")->as_string();
  options.erase("plugin");
  options.erase("name");
  return registry.create<Strategy>(plugin, options);
}

evaluation::MetricSet make_metrics(const Trial& trial, const TaskInfo& task, const registry::Registry& registry) {
  std::vector<std::string> names;
  if (const Value* metrics = trial.options.find("metrics")) from_value(*metrics, names);
  return evaluation::choose_metrics(registry, names, task);
}

struct ItemsAndTargets {
  std::vector<Item> items;
  std::vector<Targets> targets;
};

ItemsAndTargets read_all(const Split* split) {
  ItemsAndTargets read;
  for (std::size_t row = 0; split && row < split->size(); ++row) {
    read.items.push_back(split->item(row));
    read.targets.push_back(split->targets(row));
  }
  return read;
}

std::string reference_text(const Targets& targets) {
  if (targets.size() == 1) return to_string(targets.front());
  Value::Array all;
  for (const Target& target : targets) all.emplace_back(to_string(target));
  return to_json(Value(std::move(all)));
}

record::TestResults test_results(const ItemsAndTargets& test, const std::vector<Prediction>& predictions, const evaluation::Scores& scores) {
  record::TestResults results;
  for (const auto& value : scores.values) results.metrics.push_back({value.name, value.value, value.standard_error});
  bool used = false, dropped = false;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    results.predictions.id.push_back(test.items[i].id);
    results.predictions.prediction.push_back(to_string(predictions[i].value));
    results.predictions.reference.push_back(reference_text(test.targets[i]));
    results.predictions.used_ids.push_back(predictions[i].used_ids);
    results.predictions.dropped_ids.push_back(predictions[i].dropped_ids);
    used = used || !predictions[i].used_ids.empty();
    dropped = dropped || !predictions[i].dropped_ids.empty();
  }
  if (!used) results.predictions.used_ids.clear();
  if (!dropped) results.predictions.dropped_ids.clear();
  for (const auto& column : scores.items) results.predictions.scores.push_back({column.name, column.values});
  return results;
}

analysis::SplitLosses split_losses(const training::SplitScore& score) { return {score.losses, score.counts}; }

// What one who knows only how frequent each label is loses on validation; nothing where there are no labels.
std::optional<analysis::SplitLosses> prior_losses(const data::Splits& splits, const TaskInfo& task) {
  if (task.task != Task::kClassification || !splits.validation) return std::nullopt;
  const auto labels_in_order = [](const Split& split) {
    std::vector<std::string> labels;
    for (std::size_t row = 0; row < split.size(); ++row) {
      for (const Target& target : split.targets(row)) labels.push_back(to_string(target));
    }
    return labels;
  };
  return analysis::label_prior(labels_in_order(*splits.train), labels_in_order(*splits.validation));
}

record::DiagnosisRecord diagnosis_of(const TrialContext& context, const record::Curves& curves, const data::Splits& splits, const TaskInfo& task) {
  if (context.phases().empty()) return {.verdict = "undecided", .reason = "it did not train, so there are no curves to judge"};
  const training::TrainingResult& last = context.phases().back().result;
  analysis::TrialCurves judged;
  for (const training::EvaluationRow& row : last.evaluations) {
    auto& evaluation = judged.evaluations.emplace_back();
    evaluation.step = row.step;
    evaluation.epoch = row.epoch;
    evaluation.train = split_losses(row.train);
    if (row.validation) evaluation.validation = split_losses(*row.validation);
  }
  const std::int64_t phase = static_cast<std::int64_t>(context.phases().size()) - 1;
  if (curves.training) {
    for (std::size_t i = 0; i < curves.training->step.size(); ++i) {
      if (curves.training->phase[i] == phase) judged.logged.push_back({curves.training->step[i], curves.training->loss[i]});
    }
  }
  judged.stopped_not_finite = last.status == training::Status::kDiverged;
  judged.prior = prior_losses(splits, task);
  const analysis::Diagnosis diagnosis = analysis::diagnose(judged);
  return {std::string(to_string(diagnosis.verdict)), diagnosis.reason, diagnosis.best_step, diagnosis.gap};
}

// The objective of the weights that were tested; without training, that of the answers to the validation items.
double objective_of(const Trial& trial, TrialContext& context, Strategy& strategy, const evaluation::MetricSet& metrics, const data::Splits& splits) {
  const Value* objective = trial.options.find("objective");
  if (!objective || (context.phases().empty() && !splits.validation)) return record::kNaN;
  if (context.phases().empty()) {
    const ItemsAndTargets validation = read_all(splits.validation.get());
    return predicted_objective(objective->as_string(), context.task(), metrics, strategy.predict(context, validation.items), validation.targets);
  }
  const training::TrainingResult& last = context.phases().back().result;
  const bool keeps_best = trial.table("training").find("keep")->as_string() == "best";
  if (keeps_best && last.best_step) return last.best_value;
  if (last.evaluations.empty() || !last.evaluations.back().validation) return record::kNaN;
  const training::SplitScore& score = *last.evaluations.back().validation;
  if (objective->as_string() == "validation_loss") return score.loss;
  for (const auto& [name, value] : score.metrics) {
    if ("validation_" + name == objective->as_string()) return value;
  }
  return record::kNaN;
}

void save_checkpoint(const Trial& trial, const TaskInfo& task, const Strategy& strategy, TrialModel* model, const fs::path& folder) {
  const fs::path checkpoint = folder / kCheckpointFolder;
  fs::remove_all(checkpoint);
  fs::create_directories(checkpoint / "strategy");
  if (model) {
    nn::save_model(model->loaded.model, model->loaded.config, task.labels, checkpoint / "model");
    copy_tokenizer(model->tokenizer, checkpoint / "model");
  }
  strategy.save(checkpoint / "strategy");
  write_trial_file({trial, task, model != nullptr}, checkpoint);
}

}  // namespace

TrialOutcome run_trial(const TrialRun& run, TrialInputs& inputs, const registry::Registry& registry) {
  const Trial& trial = run.trial;
  at::set_num_threads(run.threads);
  fs::create_directories(run.folder / "snapshot");
  const PeakMemory memory;
  const Stopwatch whole;
  TrialLog log(run.folder / "events.jsonl", trial);

  const Task kind = task_from_string(trial.options.find("task")->as_string());
  const auto splits = inputs.splits(trial.table("dataset"), kind);
  const TaskInfo task{kind, trial.reads("model") ? task_labels(trial.table("model"), splits->labels) : splits->labels};
  const evaluation::MetricSet metrics = make_metrics(trial, task, registry);

  const auto strategy = make_strategy(trial, registry);
  TrialContext context({.trial = trial, .registry = registry, .inputs = inputs, .log = log, .metrics = metrics, .splits = splits, .task = task,
                        .snapshots = run.folder / "snapshot", .threads = run.threads, .stop = run.stop});
  const double prepare_seconds = whole.seconds();
  try {
    strategy->adapt(context);
  } catch (const TrialInterrupted&) {
    return {kInterrupted};
  }

  record::TrialRecord record = begin_record(trial);
  const ItemsAndTargets test = read_all(splits->test.get());
  log.append(record::Note{"predicting " + std::to_string(test.items.size()) + " test items"});
  const Stopwatch predicting;
  const std::vector<Prediction> predictions = strategy->predict(context, test.items);
  if (predictions.size() != test.items.size()) {
    throw Error("strategy " + trial.strategy + " gave " + std::to_string(predictions.size()) + " predictions for " + std::to_string(test.items.size()) + " items");
  }
  const double predict_seconds = predicting.seconds();
  const evaluation::Scores scores = evaluation::score_predictions(metrics, predictions, test.targets);
  record.test = test_results(test, predictions, scores);
  record.test->labels = task.labels;
  for (std::size_t i = 0; i < metrics.plugins.size(); ++i) {
    record.test->statistics.push_back(record::statistics_record(metrics.plugins[i].name, scores.statistics[i]));
  }

  const record::Curves curves = record::curves_of(record::read_events(log.file()));
  record.training = curves.training;
  record.evaluation = curves.evaluation;
  record.diagnosis = diagnosis_of(context, curves, *splits, task);
  record.objective = objective_of(trial, context, *strategy, metrics, *splits);
  record.cost.emplace();
  record.cost->prepare_seconds = prepare_seconds;
  record.cost->predict_seconds = predict_seconds;
  record.cost->seconds_per_prediction = test.items.empty() ? 0 : predict_seconds / static_cast<double>(test.items.size());
  for (const auto& phase : context.phases()) {
    record.cost->train_seconds += phase.result.seconds;
    record.cost->train_tokens += phase.result.tokens;
    record.cost->trainable_parameters = std::max(record.cost->trainable_parameters, phase.result.trainable_parameters);
    if (phase.result.status == training::Status::kDiverged) record.status = record::kDiverged;
  }
  record.cost->peak_memory_bytes = memory.bytes();

  save_checkpoint(trial, task, *strategy, context.opened_model(), run.folder);
  log.append(record::TrialFinished{record.status, ""});
  record::write_trial(run.folder / "trial.h5", record);
  fs::remove_all(run.folder / "snapshot");
  return {record.status};
}

}  // namespace temper::study
