// Writes a trial's record as a group of an HDF5 file.
#include <algorithm>

#include <temper/error.h>

#include "record/layout.h"
#include "record/trial_record.h"

namespace temper::record {

namespace {

void check_length(std::size_t found, std::size_t wanted, const std::string& group, const std::string& column) {
  if (found != wanted)
    throw Error(group + ": column \"" + column + "\" has " + std::to_string(found) + " rows, the first has " + std::to_string(wanted));
}

// Columns of one group, checked to be equally long.
class ColumnWriter {
 public:
  ColumnWriter(Hdf5Group& group, std::size_t rows) : group_(group), rows_(rows) {}
  template <typename T>
  void write(const std::string& name, const std::vector<T>& values) {
    check_length(values.size(), rows_, group_.where(), name);
    group_.write(member_name(name), values, label_of_column(name));
  }

 private:
  Hdf5Group& group_;
  std::size_t rows_;
};

void write_phases(Hdf5Group& group, const std::vector<std::string>& phases, const std::vector<std::int64_t>& column) {
  for (const std::int64_t phase : column)
    if (phase < 0 || static_cast<std::size_t>(phase) >= phases.size())
      throw Error(group.where("phase") + ": there is no phase " + std::to_string(phase) + ", only " + std::to_string(phases.size()));
  group.set_attribute("phases", phases);
  group.set_attribute("phases", phases, "phase");
}

void write_training(Hdf5Group& trial, const TrainingCurves& curves) {
  Hdf5Group group = trial.create_group("training");
  ColumnWriter columns(group, curves.step.size());
  columns.write("step", curves.step);
  columns.write("epoch", curves.epoch);
  columns.write("seconds", curves.seconds);
  columns.write("tokens", curves.tokens);
  columns.write("learning_rate", curves.learning_rate);
  columns.write("loss", curves.loss);
  columns.write("grad_norm", curves.grad_norm);
  columns.write("phase", curves.phase);
  write_phases(group, curves.phases, curves.phase);
  set_signal(group, "loss", "step", {});
}

void write_evaluation(Hdf5Group& trial, const EvaluationCurves& curves) {
  Hdf5Group group = trial.create_group("evaluation");
  ColumnWriter columns(group, curves.step.size());
  columns.write("step", curves.step);
  columns.write("epoch", curves.epoch);
  columns.write("phase", curves.phase);
  for (const Column& column : curves.columns) columns.write(column.name, column.values);
  write_phases(group, curves.phases, curves.phase);
  // Both losses in one plot; metrics have other units.
  std::vector<std::string> losses;
  for (const char* name : {"validation_loss", "train_loss"})
    if (curves.find(name)) losses.emplace_back(name);
  if (losses.empty() && !curves.columns.empty()) losses.push_back(member_name(curves.columns.front().name));
  if (!losses.empty()) set_signal(group, losses.front(), "step", {losses.begin() + 1, losses.end()});
}

std::vector<std::string> as_json(const std::vector<std::vector<std::string>>& lists) {
  std::vector<std::string> result;
  for (const std::vector<std::string>& list : lists) {
    Value::Array array(list.begin(), list.end());
    result.push_back(to_json(Value(std::move(array))));
  }
  return result;
}

void write_test(Hdf5Group& trial, const TestResults& test) {
  Hdf5Group metrics = trial.create_group("test/metrics");
  for (const MetricResult& metric : test.metrics) {
    metrics.set_attribute(metric.name, metric.value);
    metrics.set_attribute(metric.name + "_stderr", metric.standard_error);
  }
  const Predictions& predictions = test.predictions;
  Hdf5Group group = trial.create_group("test/predictions");
  ColumnWriter columns(group, predictions.id.size());
  columns.write("id", predictions.id);
  columns.write("prediction", predictions.prediction);
  columns.write("reference", predictions.reference);
  for (const Column& score : predictions.scores) columns.write(score.name, score.values);
  if (!predictions.used_ids.empty()) columns.write("used_ids", as_json(predictions.used_ids));
  if (!predictions.dropped_ids.empty()) columns.write("dropped_ids", as_json(predictions.dropped_ids));
  if (predictions.written.text.empty()) return;
  columns.write("written", predictions.written.text);
  columns.write("finish", predictions.written.finish);
  columns.write("prompt_tokens", predictions.written.prompt_tokens);
  columns.write("answer_tokens", predictions.written.tokens);
}

void write_statistics(Hdf5Group& trial, const TestResults& test) {
  if (!test.labels.empty()) trial.group("test").set_attribute("labels", test.labels);
  for (const StatisticsRecord& statistics : test.statistics) {
    Hdf5Group group = trial.create_group("test/statistics/" + member_name(statistics.metric));
    const std::int64_t rows = statistics.size > 0 ? static_cast<std::int64_t>(statistics.rows.size()) / statistics.size : 0;
    group.write_matrix("rows", statistics.rows, rows, statistics.size, {(statistics.additive ? "additive statistics of " : "statistics of ") + statistics.metric + ", each different row once", ""});
    group.set_attribute("additive", statistics.additive);
    for (const auto& [value, signature] : statistics.signatures) group.set_attribute(kSignaturePrefix + value, signature);
    check_length(statistics.row_of_item.size(), test.predictions.id.size(), group.where(), "row_of_item");
    group.write("row_of_item", statistics.row_of_item, {"index into rows, for each test item", ""});
  }
}

void write_diagnosis(Hdf5Group& trial, const DiagnosisRecord& diagnosis) {
  Hdf5Group group = trial.create_group("diagnosis");
  group.set_attribute("verdict", diagnosis.verdict);
  group.set_attribute("reason", diagnosis.reason);
  group.set_attribute("best_step", diagnosis.best_step);
  group.set_attribute("gap", diagnosis.gap);
}

void write_data(Hdf5Group& trial, const DataRecord& data) {
  Hdf5Group group = trial.create_group("data");
  ColumnWriter columns(group, data.split.size());
  columns.write("split", data.split);
  columns.write("rows_read", data.rows_read);
  columns.write("rows_dropped", data.rows_dropped);
  columns.write("rows_used", data.rows_used);
  columns.write("rows_truncated", data.rows_truncated);
  columns.write("notes", data.notes);
}

void write_cost(Hdf5Group& trial, const CostRecord& cost) {
  Hdf5Group group = trial.create_group("cost");
  group.set_attribute("train_seconds", cost.train_seconds);
  group.set_attribute("prepare_seconds", cost.prepare_seconds);
  group.set_attribute("predict_seconds", cost.predict_seconds);
  group.set_attribute("seconds_per_prediction", cost.seconds_per_prediction);
  group.set_attribute("train_tokens", cost.train_tokens);
  group.set_attribute("peak_memory_bytes", cost.peak_memory_bytes);
  group.set_attribute("trainable_parameters", cost.trainable_parameters);
  group.set_attribute("shared_with", cost.shared_with);
  group.set_attribute("attempts", cost.attempts);
}

}  // namespace

void write_trial(Hdf5Group& group, const TrialRecord& record) {
  group.set_attribute("NX_class", std::string("NXentry"));
  group.set_attribute("status", record.status);
  group.set_attribute("strategy", record.strategy);
  group.set_attribute("seed", record.seed);
  group.set_attribute("error", record.error);
  if (record.from_trial > 0) group.set_attribute("from_trial", record.from_trial);
  group.set_attribute("identity", record.identity);
  group.set_attribute("objective", record.objective);
  if (record.evaluation) group.set_attribute("default", std::string("evaluation"));
  else if (record.training) group.set_attribute("default", std::string("training"));
  write_parameters(group, record.parameters, record.swept);
  if (record.training) write_training(group, *record.training);
  if (record.evaluation) write_evaluation(group, *record.evaluation);
  if (record.test) {
    write_test(group, *record.test);
    write_statistics(group, *record.test);
  }
  if (record.diagnosis) write_diagnosis(group, *record.diagnosis);
  if (record.cost) write_cost(group, *record.cost);
  if (record.data) write_data(group, *record.data);
}

void write_trial(const std::filesystem::path& file, const TrialRecord& record) {
  write_hdf5(file, [&](Hdf5Group& root) {
    root.set_attribute("format", std::string(kTrialFormat));
    root.set_attribute("format_version", kFormatVersion);
    root.set_attribute("NX_class", std::string("NXroot"));
    root.set_attribute("default", std::string(kTrialGroup));
    Hdf5Group trial = root.create_group(kTrialGroup);
    write_trial(trial, record);
  });
}

}  // namespace temper::record
