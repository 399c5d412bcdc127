// The straight line of a trial: items, adaptation, predictions, metrics, verdict, record.
#include "study/run_trial.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>

#include <temper/error.h>

#include "analysis/diagnosis.h"
#include "analysis/split_losses.h"
#include "data/adapter_folder.h"
#include "data/model_folder.h"
#include "evaluation/choose_metrics.h"
#include "evaluation/score.h"
#include "nn/adapter_files.h"
#include "record/event_log.h"
#include "record/trial_record.h"
#include "registry/registry.h"
#include "study/model_place.h"
#include "study/peak_memory.h"
#include "study/predicted_objective.h"
#include "study/tasks/task_work.h"
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

evaluation::MetricSet make_metrics(const Trial& trial, const TaskInfo& task, const registry::Registry& registry) {
  std::vector<std::string> names;
  if (const Value* metrics = trial.options.find("metrics")) from_value(*metrics, names);
  return evaluation::choose_metrics(registry, names, task);
}

struct SplitItems {
  std::vector<Item> items;
  std::vector<Targets> targets;
};

// Of an absent split: none.
SplitItems read_items(const Split* split) {
  SplitItems all;
  for (std::size_t row = 0; split && row < split->size(); ++row) {
    all.items.push_back(split->item(row));
    all.targets.push_back(split->targets(row));
  }
  return all;
}

// Whether a question may have no answer is what the train split says.
bool has_no_answer(const Split& train, Task task) {
  for (std::size_t row = 0; task == Task::kQuestionAnswering && row < train.size(); ++row) {
    for (const Target& target : train.targets(row)) {
      const Spans* spans = std::get_if<Spans>(&target);
      if (spans && spans->spans.empty()) return true;
    }
  }
  return false;
}

// The references are shown to the framework alone, and only after the strategy has answered.
std::vector<Prediction> predict(Strategy& strategy, const Trial& trial, TrialContext& context, const SplitItems& split) {
  std::vector<Prediction> predictions = strategy.predict(context, split.items);
  if (predictions.size() != split.items.size()) {
    throw Error("strategy " + trial.strategy + " gave " + std::to_string(predictions.size()) + " predictions for " + std::to_string(split.items.size()) + " items");
  }
  context.answering().score_references(split.targets, predictions);
  return predictions;
}

std::string reference_text(const Targets& targets) {
  if (targets.size() == 1) return to_string(targets.front());
  Value::Array all;
  for (const Target& target : targets) all.emplace_back(to_string(target));
  return to_json(Value(std::move(all)));
}

// Empty unless the model wrote every answer.
record::WrittenAnswers written_answers(const std::vector<Prediction>& predictions) {
  record::WrittenAnswers written;
  for (const Prediction& prediction : predictions) {
    if (!prediction.generated) return {};
    written.text.push_back(prediction.generated->text);
    written.finish.push_back(prediction.generated->finish);
    written.prompt_tokens.push_back(prediction.generated->prompt_tokens);
    written.tokens.push_back(static_cast<std::int64_t>(prediction.generated->tokens.size()));
  }
  return written;
}

record::TestResults test_results(const SplitItems& test, const std::vector<Prediction>& predictions, const evaluation::Scores& scores) {
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
  results.predictions.written = written_answers(predictions);
  for (const auto& column : scores.items) results.predictions.scores.push_back({column.name, column.values});
  return results;
}

// Rows of each split that the model read a part of only.
using TruncatedRows = std::map<std::string, std::int64_t>;

record::DataRecord data_record(const data::Splits& splits, const TruncatedRows& truncated) {
  record::DataRecord data;
  for (const data::SplitReport& report : splits.reports) {
    data.split.push_back(report.split);
    data.rows_read.push_back(report.rows_read);
    data.rows_dropped.push_back(report.rows_dropped);
    data.rows_used.push_back(report.rows_used);
    const auto rows = truncated.find(report.split);
    data.rows_truncated.push_back(rows == truncated.end() ? 0 : rows->second);
    std::string& notes = data.notes.emplace_back();
    for (const std::string& note : report.notes) notes += (notes.empty() ? "" : "\n") + note;
    for (std::size_t i = 0; i < report.label_counts.size(); ++i)
      notes += (notes.empty() ? "" : "\n") + std::string("label ") + splits.labels[i] + ": " + std::to_string(report.label_counts[i]);
  }
  return data;
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

// Of a trial that trained nothing, by its answers to the validation split.
double objective_of_answers(const Trial& trial, Strategy& strategy, TrialContext& context, const evaluation::MetricSet& metrics, const data::Splits& splits) {
  const Value* objective = trial.options.find("objective");
  if (!objective || !splits.validation) return record::kNaN;
  const SplitItems validation = read_items(splits.validation.get());
  context.answering().write_answers(objective->as_string() != "validation_loss");
  const std::vector<Prediction> predictions = predict(strategy, trial, context, validation);
  context.answering().write_answers(true);
  return predicted_objective(objective->as_string(), context.task(), metrics, predictions, validation.targets);
}

// The objective of the weights that were tested.
double objective_of(const Trial& trial, const TrialContext& context) {
  const Value* objective = trial.options.find("objective");
  if (!objective || context.phases().empty()) return record::kNaN;
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

// The folder of the model that the trial's adapters hang on. Empty where none holds its weights: the trial has no adapters, began with
// random weights, with those that a trial or another adapter had changed, or with a config alone. The whole model is saved then, so that
// a checkpoint never needs more than the folder that the experiment names.
fs::path adapter_base(TrialModel& model, const TrialRun& run, const ModelPlace& place) {
  const Value* checkpoint = place.table.find("checkpoint");
  const bool is_changed = !run.base.empty() && !saved_model_folder(run.base).empty();
  if (!model.loaded.model.lora() || is_changed || !checkpoint || !checkpoint->is_string()) return {};
  const fs::path folder = fs::absolute(checkpoint->as_string());
  if (data::is_adapter_folder(folder) || data::open_model_folder(folder).tensor_files.empty()) return {};
  return folder;
}

// As transformers tells sequence classifiers apart. Where it says nothing the loss follows from the labels.
Value config_of_task(Value config, Task task) {
  if (task == Task::kMultiLabel || task == Task::kRegression) config.set("problem_type", problem_type(task));
  else config.erase("problem_type");
  return config;
}

// Beside its place first: a checkpoint is whole or absent.
void save_checkpoint(const TrialRun& run, const ModelPlace& place, const Strategy& strategy, TrialContext& context) {
  const fs::path part = run.folder / (std::string(kCheckpointFolder) + ".part"), checkpoint = run.folder / kCheckpointFolder;
  fs::remove_all(part);
  fs::create_directories(part / kStrategyFolder);
  if (TrialModel* model = context.trained_model()) {
    const fs::path base = adapter_base(*model, run, place);
    const Value config = config_of_task(model->loaded.config, context.task().task);
    const std::vector<std::string> labels = head_labels(context.task());
    if (base.empty()) {
      nn::save_model(model->loaded.model, config, labels, part / kModelFolder);
    } else {
      nn::save_config(model->loaded.model, config, labels, part / kModelFolder);
      nn::save_adapter(model->loaded.model, base.string(), part / kModelFolder);
    }
    nn::save_generation_config(model->loaded.generation_config, part / kModelFolder);
    copy_tokenizer(model->tokenizer, part / kModelFolder);
  }
  strategy.save(part / kStrategyFolder);
  if (!run.base.empty()) link_folder(run.base, part / kBaseFolder);
  write_trial_file({run.trial, context.task(), context.head_is_trained()}, part);
  fs::remove_all(checkpoint);
  fs::rename(part, checkpoint);
}

}  // namespace

TrialOutcome run_trial(const TrialRun& run, TrialInputs& inputs, const registry::Registry& registry) {
  const Trial& trial = run.trial;
  at::set_num_threads(run.threads);
  fs::create_directories(run.folder / "snapshot");
  const PeakMemory memory;
  const Stopwatch whole;
  TrialLog log(run.folder / "events.jsonl", trial, !fs::is_empty(run.folder / "snapshot"));

  const Task kind = task_from_string(trial.options.find("task")->as_string());
  const auto splits = inputs.splits(trial.table("dataset"), kind);
  if (trial.base && run.base.empty()) throw Error("the trial goes on from one of \"" + trial.base->strategy + "\", and was given no checkpoint");
  const ModelPlace place = run.base.empty() ? own_model_place(trial) : model_place_from(run.base, trial);
  const auto bases = run.base.empty() ? std::vector<std::unique_ptr<Strategy>>() : load_strategies(registry, run.base);
  const TaskInfo task{kind, trial.reads("model") ? task_labels(place.table, splits->labels) : splits->labels, has_no_answer(*splits->train, kind)};
  const evaluation::MetricSet metrics = make_metrics(trial, task, registry);

  const auto strategy = make_strategy(registry, trial);
  TrialContext context({.trial = trial, .registry = registry, .inputs = inputs, .log = log, .metrics = metrics, .splits = splits, .task = task, .place = place,
                        .leaves_first_layers = strategy->needs().frozen, .bases = pointers(bases), .snapshots = run.folder / "snapshot", .heir = run.heir,
                        .threads = run.threads, .live = run.live, .stop = run.stop, .alive = run.alive});
  try {
    strategy->adapt(context);
  } catch (const TrialInterrupted&) {
    return {kInterrupted};
  }

  // Training counts what it reads of train and validation; what is read besides, in adapt, before the test items, are rows of train.
  const auto answered = [&] { return context.answering().truncation().items; };
  TruncatedRows truncated = {{"train", std::max(context.truncated_rows("train"), answered())}, {"validation", context.truncated_rows("validation")}};
  std::int64_t counted = answered();

  record::TrialRecord record = begin_record(trial);
  record.objective = context.phases().empty() || !context.phases().back().is_of_task ? objective_of_answers(trial, *strategy, context, metrics, *splits) : objective_of(trial, context);
  truncated["validation"] = std::max(truncated["validation"], answered() - counted);
  counted = answered();
  record.cost.emplace();
  record.cost->shared_with = run.job;
  record.cost->attempts = run.attempt;
  for (const auto& phase : context.phases()) {
    record.cost->train_seconds += phase.result.seconds;
    record.cost->train_tokens += phase.result.tokens;
    record.cost->trainable_parameters = std::max(record.cost->trainable_parameters, phase.result.trainable_parameters);
    if (phase.result.status == training::Status::kDiverged) record.status = record::kDiverged;
  }
  // All that came before and is no training: tokens, indices, chosen shots, and answers that only measure the objective. The training of
  // an earlier run, which a snapshot counts, took no time of this one.
  record.cost->prepare_seconds = std::max(0.0, whole.seconds() - context.training_seconds());

  const SplitItems test = read_items(splits->test.get());
  log.append(record::Note{"predicting " + std::to_string(test.items.size()) + " test items"});
  const Stopwatch predicting;
  const std::vector<Prediction> predictions = predict(*strategy, trial, context, test);
  const double predict_seconds = predicting.seconds();
  truncated["test"] = answered() - counted;
  record.data = data_record(*splits, truncated);
  const evaluation::Scores scores = evaluation::score_predictions(metrics, predictions, test.targets);
  record.test = test_results(test, predictions, scores);
  record.test->labels = task.labels;
  for (std::size_t i = 0; i < metrics.plugins.size(); ++i) {
    record::StatisticsRecord& statistics = record.test->statistics.emplace_back(record::statistics_record(metrics.plugins[i].name, scores.statistics[i]));
    statistics.additive = metrics.plugins[i].metric->additive();
    for (std::size_t value = 0; value < metrics.choices.size(); ++value) {
      const evaluation::ScoredValue& scored = scores.values[value];
      if (metrics.choices[value].plugin == i && !scored.signature.empty()) statistics.signatures.emplace_back(scored.name, scored.signature);
    }
  }

  const record::Curves curves = record::curves_of(record::read_events(log.file()));
  record.training = curves.training;
  record.evaluation = curves.evaluation;
  record.diagnosis = diagnosis_of(context, curves, *splits, task);
  for (const std::string& other : context.shared_with()) {
    std::vector<std::string>& all = record.cost->shared_with;
    if (std::find(all.begin(), all.end(), other) == all.end()) all.push_back(other);
  }
  record.cost->predict_seconds = predict_seconds;
  record.cost->seconds_per_prediction = test.items.empty() ? 0 : predict_seconds / static_cast<double>(test.items.size());
  record.cost->peak_memory_bytes = memory.bytes();

  save_checkpoint(run, place, *strategy, context);
  log.append(record::TrialFinished{record.status, ""});
  record::write_trial(run.folder / "trial.h5", record);
  fs::remove_all(run.folder / "snapshot");
  return {record.status, context.phases().empty() ? 0 : context.phases().front().result.shared_steps};
}

}  // namespace temper::study
