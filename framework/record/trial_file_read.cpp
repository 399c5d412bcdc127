// Reads a trial's record from a group of an HDF5 file.
#include <algorithm>
#include <set>

#include <temper/error.h>

#include "record/layout.h"
#include "record/trial_record.h"

namespace temper::record {

namespace {

std::vector<std::string> strings_attribute(const Hdf5Group& group, const std::string& name) {
  const std::optional<Hdf5Attribute> attribute = group.attribute(name);
  if (!attribute) return {};
  if (const auto* strings = std::get_if<std::vector<std::string>>(&*attribute)) return *strings;
  throw Error(group.where() + "@" + name + ": it should be a list of strings");
}

void check_rows(const Hdf5Group& group, const std::string& name, std::size_t rows, std::size_t wanted) {
  if (rows != wanted)
    throw Error(group.where(name) + ": " + std::to_string(rows) + " rows, the first column has " + std::to_string(wanted));
}

std::vector<double> floats(const Hdf5Group& group, const std::string& name, std::size_t rows) {
  std::vector<double> values = group.read_floats(name);
  check_rows(group, name, values.size(), rows);
  return values;
}

std::vector<std::int64_t> integers(const Hdf5Group& group, const std::string& name, std::size_t rows) {
  std::vector<std::int64_t> values = group.read_integers(name);
  check_rows(group, name, values.size(), rows);
  return values;
}

std::vector<std::string> strings(const Hdf5Group& group, const std::string& name, std::size_t rows) {
  std::vector<std::string> values = group.read_strings(name);
  check_rows(group, name, values.size(), rows);
  return values;
}

TrainingCurves read_training(const Hdf5Group& group) {
  TrainingCurves curves;
  curves.step = group.read_integers("step");
  const std::size_t rows = curves.step.size();
  curves.epoch = floats(group, "epoch", rows);
  curves.seconds = floats(group, "seconds", rows);
  curves.tokens = integers(group, "tokens", rows);
  curves.learning_rate = floats(group, "learning_rate", rows);
  curves.loss = floats(group, "loss", rows);
  curves.grad_norm = floats(group, "grad_norm", rows);
  curves.phase = integers(group, "phase", rows);
  curves.phases = strings_attribute(group, "phases");
  return curves;
}

// Columns beside those in `known`; the usual order first, for members of a group have none.
std::vector<Column> further_columns(const Hdf5Group& group, const std::set<std::string>& known, std::size_t rows) {
  std::vector<Column> columns;
  for (const std::string& name : group.names())
    if (!known.contains(name)) columns.push_back({name, floats(group, name, rows)});
  const auto rank = [](const Column& column) {
    if (column.name == "train_loss") return 0;
    if (column.name == "validation_loss") return 1;
    if (column.name == "forgetting_loss") return 4;
    return column.name.starts_with("train_") ? 2 : 3;
  };
  std::stable_sort(columns.begin(), columns.end(), [&](const Column& a, const Column& b) { return rank(a) < rank(b); });
  return columns;
}

EvaluationCurves read_evaluation(const Hdf5Group& group) {
  EvaluationCurves curves;
  curves.step = group.read_integers("step");
  const std::size_t rows = curves.step.size();
  curves.epoch = floats(group, "epoch", rows);
  curves.phase = integers(group, "phase", rows);
  curves.phases = strings_attribute(group, "phases");
  curves.columns = further_columns(group, {"step", "epoch", "phase"}, rows);
  return curves;
}

std::vector<std::vector<std::string>> from_json(const Hdf5Group& group, const std::string& name, std::size_t rows) {
  std::vector<std::vector<std::string>> lists;
  for (const std::string& text : strings(group, name, rows)) {
    const Value value = parse_json(text, group.where(name));
    std::vector<std::string> list;
    for (const Value& element : value.as_array()) list.push_back(element.as_string());
    lists.push_back(std::move(list));
  }
  return lists;
}

std::vector<MetricResult> read_metrics(const Hdf5Group& group) {
  const std::map<std::string, Hdf5Attribute> attributes = group.attributes();
  std::vector<MetricResult> metrics;
  for (const auto& [name, value] : attributes) {
    const auto found = attributes.find(name + "_stderr");
    if (found == attributes.end()) continue;  // a standard error itself
    const auto* number = std::get_if<double>(&value);
    const auto* error = std::get_if<double>(&found->second);
    if (!number || !error) throw Error(group.where() + "@" + name + ": it should be a float");
    metrics.push_back({name, *number, *error});
  }
  return metrics;
}

std::vector<StatisticsRecord> read_statistics(const Hdf5Group& test) {
  std::vector<StatisticsRecord> all;
  if (!test.has("statistics")) return all;
  const Hdf5Group group = test.group("statistics");
  for (const std::string& metric : group.names()) {
    const Hdf5Group one = group.group(metric);
    const std::vector<std::int64_t> shape = one.shape("rows");
    if (shape.size() != 2) throw Error(one.where("rows") + ": it should be a matrix");
    StatisticsRecord& record = all.emplace_back(StatisticsRecord{metric, shape[1], one.read_floats("rows"), one.read_integers("row_of_item"), true, {}});
    for (const auto& [name, attribute] : one.attributes()) {
      if (const auto* additive = std::get_if<bool>(&attribute); additive && name == "additive") record.additive = *additive;
      if (const auto* text = std::get_if<std::string>(&attribute); text && name.starts_with(kSignaturePrefix)) record.signatures.emplace_back(name.substr(std::string(kSignaturePrefix).size()), *text);
    }
  }
  return all;
}

TestResults read_test(const Hdf5Group& trial) {
  TestResults test;
  test.metrics = read_metrics(trial.group("test/metrics"));
  const Hdf5Group group = trial.group("test/predictions");
  Predictions& predictions = test.predictions;
  predictions.id = group.read_strings("id");
  const std::size_t rows = predictions.id.size();
  predictions.prediction = strings(group, "prediction", rows);
  predictions.reference = strings(group, "reference", rows);
  predictions.scores = further_columns(group, {"id", "prediction", "reference", "used_ids", "dropped_ids", "written", "finish", "prompt_tokens", "answer_tokens"}, rows);
  if (group.has("used_ids")) predictions.used_ids = from_json(group, "used_ids", rows);
  if (group.has("dropped_ids")) predictions.dropped_ids = from_json(group, "dropped_ids", rows);
  if (group.has("written")) {
    predictions.written = {strings(group, "written", rows), strings(group, "finish", rows), integers(group, "prompt_tokens", rows), integers(group, "answer_tokens", rows)};
  }
  test.labels = strings_attribute(trial.group("test"), "labels");
  test.statistics = read_statistics(trial.group("test"));
  return test;
}

DiagnosisRecord read_diagnosis(const Hdf5Group& group) {
  return {group.string_attribute("verdict"), group.string_attribute("reason"), group.integer_attribute("best_step"),
          group.float_attribute("gap")};
}

DataRecord read_data(const Hdf5Group& group) {
  DataRecord data;
  data.split = group.read_strings("split");
  const std::size_t rows = data.split.size();
  data.rows_read = integers(group, "rows_read", rows);
  data.rows_dropped = integers(group, "rows_dropped", rows);
  data.rows_used = integers(group, "rows_used", rows);
  data.rows_truncated = group.has("rows_truncated") ? integers(group, "rows_truncated", rows) : std::vector<std::int64_t>(rows, 0);
  data.notes = strings(group, "notes", rows);
  return data;
}

}  // namespace

CostRecord read_cost(const Hdf5Group& group) {
  CostRecord cost;
  cost.train_seconds = group.float_attribute("train_seconds");
  cost.prepare_seconds = group.float_attribute("prepare_seconds");
  cost.predict_seconds = group.float_attribute("predict_seconds");
  cost.seconds_per_prediction = group.float_attribute("seconds_per_prediction");
  cost.train_tokens = group.integer_attribute("train_tokens");
  cost.peak_memory_bytes = group.integer_attribute("peak_memory_bytes");
  cost.trainable_parameters = group.integer_attribute("trainable_parameters");
  cost.shared_with = strings_attribute(group, "shared_with");
  if (group.attribute("attempts")) cost.attempts = group.integer_attribute("attempts");
  return cost;
}

TrialRecord read_trial_head(const Hdf5Group& group) {
  TrialRecord record;
  record.status = group.string_attribute("status");
  record.strategy = group.string_attribute("strategy");
  record.seed = group.integer_attribute("seed");
  record.error = group.string_attribute("error");
  if (group.attribute("from_trial")) record.from_trial = group.integer_attribute("from_trial");
  record.identity = group.string_attribute("identity");
  record.objective = group.float_attribute("objective");
  const Hdf5Group parameters = group.group("parameters");
  for (const auto& [name, value] : parameters.attributes())
    if (name != kSweptAttribute) record.parameters.emplace_back(name, to_value(value));
  record.swept = strings_attribute(parameters, kSweptAttribute);
  return record;
}

TrialRecord read_trial(const Hdf5Group& group) {
  TrialRecord record = read_trial_head(group);
  if (group.has("training")) record.training = read_training(group.group("training"));
  if (group.has("evaluation")) record.evaluation = read_evaluation(group.group("evaluation"));
  if (group.has("test")) record.test = read_test(group);
  if (group.has("diagnosis")) record.diagnosis = read_diagnosis(group.group("diagnosis"));
  if (group.has("cost")) record.cost = read_cost(group.group("cost"));
  if (group.has("data")) record.data = read_data(group.group("data"));
  return record;
}

namespace {

Hdf5Group open_trial(const std::filesystem::path& file) {
  const Hdf5File root = Hdf5File::open(file);
  const std::optional<Hdf5Attribute> format = root.attribute("format");
  if (!format || *format != Hdf5Attribute(std::string(kTrialFormat))) throw Error(file.string() + ": it is not the file of a trial");
  if (const std::int64_t version = root.integer_attribute("format_version"); version > kFormatVersion)
    throw Error(file.string() + ": its format version is " + std::to_string(version) + ", this temper reads up to " +
                    std::to_string(kFormatVersion),
                "use the temper that wrote it, or a newer one");
  return root.group(kTrialGroup);
}

}  // namespace

TrialRecord read_trial(const std::filesystem::path& file) { return read_trial(open_trial(file)); }
TrialRecord read_trial_head(const std::filesystem::path& file) { return read_trial_head(open_trial(file)); }

}  // namespace temper::record
