// See summary.h.
#include "record/summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <temper/error.h>

#include "record/layout.h"

namespace temper::record {

namespace {

// In the order in which they are first met.
void add_new(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

std::string as_text(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.as_string() : to_json(value);
}

// One trial's line of the table. Of its parameters those that are columns: a study may have thousands of trials with a hundred each.
struct Row {
  std::string status, strategy, verdict;
  std::int64_t seed = 0;
  double objective = kNaN;
  std::map<std::string, Value> parameters;
  std::vector<std::string> swept;
  std::map<std::string, double> metrics;  // values and standard errors

  // NaN of a trial of an earlier version of the file, which chose by something else.
  double objective_named(const std::string& name) const {
    const auto own = parameters.find("objective");
    return own == parameters.end() || own->second == Value(name) ? objective : kNaN;
  }
};

Row read_row(const Hdf5Group& trial) {
  Row row;
  row.status = trial.string_attribute("status");
  row.strategy = trial.string_attribute("strategy");
  row.seed = trial.integer_attribute("seed");
  row.objective = trial.float_attribute("objective");
  if (trial.has("diagnosis")) row.verdict = trial.group("diagnosis").string_attribute("verdict");
  if (trial.has("parameters")) {
    const std::optional<Hdf5Attribute> swept = trial.attribute(kSweptAttribute, "parameters");
    if (const auto* paths = swept ? std::get_if<std::vector<std::string>>(&*swept) : nullptr) row.swept = *paths;
    if (const auto objective = trial.attribute("objective", "parameters")) row.parameters.emplace("objective", to_value(*objective));
  }
  if (trial.has("test/metrics"))
    for (const auto& [name, value] : trial.group("test/metrics").attributes())
      if (const auto* number = std::get_if<double>(&value)) row.metrics.emplace(name, *number);
  return row;
}

// Writes each column under a name that is still free: an option may be called like a column of the table.
class TableWriter {
 public:
  explicit TableWriter(Hdf5Group& group) : group_(group) {}
  std::string write(const std::string& name, const Hdf5Data& column, const Label& label) {
    std::string member = member_name(name);
    while (group_.has(member)) member += '_';
    std::visit(
        [&](const auto& values) {
          using T = std::decay_t<decltype(values)>;
          if constexpr (std::is_same_v<T, std::string>) group_.write_text(member, values, label);
          else group_.write(member, values, label);
        },
        column);
    return member;
  }

 private:
  Hdf5Group& group_;
};

template <typename T, typename F>
std::vector<T> collect(const std::vector<Row>& rows, F&& get) {
  std::vector<T> column;
  for (const Row& row : rows) column.push_back(get(row));
  return column;
}

double or_nan(const std::map<std::string, double>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? kNaN : found->second;
}

}  // namespace

Hdf5Data column_of(const std::vector<Value>& values) {
  const auto all = [&](auto is) { return std::all_of(values.begin(), values.end(), is); };
  if (all([](const Value& v) { return v.is_integer(); })) {
    std::vector<std::int64_t> column;
    for (const Value& v : values) column.push_back(v.as_integer());
    return column;
  }
  if (all([](const Value& v) { return v.is_bool(); })) {
    Hdf5Bools column;
    for (const Value& v : values) column.values.push_back(v.as_bool() ? 1 : 0);
    return column;
  }
  if (all([](const Value& v) { return v.is_number() || v.is_null(); })) {
    std::vector<double> column;
    for (const Value& v : values) column.push_back(v.is_null() ? kNaN : v.as_number());
    return column;
  }
  std::vector<std::string> column;
  for (const Value& v : values) column.push_back(as_text(v));
  return column;
}

std::vector<Value> values_of(const Hdf5Data& column) {
  std::vector<Value> values;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column)) {
    for (const std::int64_t v : *integers) values.emplace_back(v);
  } else if (const auto* floats = std::get_if<std::vector<double>>(&column)) {
    for (const double v : *floats) values.push_back(std::isnan(v) ? Value() : Value(v));
  } else if (const auto* bools = std::get_if<Hdf5Bools>(&column)) {
    for (const std::int8_t v : bools->values) values.emplace_back(v != 0);
  } else if (const auto* strings = std::get_if<std::vector<std::string>>(&column)) {
    for (const std::string& v : *strings) values.push_back(v.empty() ? Value() : Value(v));
  }
  return values;
}

void write_summary(Hdf5Group& root, const StudyHeader& header, const std::vector<StudyTrial>& trials) {
  std::vector<Row> rows;
  std::vector<std::int64_t> numbers;
  for (const StudyTrial& trial : trials) {
    rows.push_back(read_row(root.group("trials/" + trial_name(trial.number))));
    numbers.push_back(trial.number);
  }
  std::vector<std::string> swept, metrics;
  for (const Row& row : rows)
    for (const std::string& path : row.swept) add_new(swept, path);
  for (std::size_t i = 0; i < rows.size() && !swept.empty(); ++i) {
    const Hdf5Group trial = root.group("trials/" + trial_name(numbers[i]));
    if (!trial.has("parameters")) continue;
    const Hdf5Group parameters = trial.group("parameters");
    for (const std::string& path : swept)
      if (const auto value = path == kSweptAttribute ? std::nullopt : parameters.attribute(path)) rows[i].parameters.insert_or_assign(path, to_value(*value));
  }
  for (const Row& row : rows) {
    for (const auto& [name, value] : row.metrics)
      if (row.metrics.contains(name + "_stderr")) add_new(metrics, name);
  }

  Hdf5Group group = root.create_group("summary", Hdf5Group::Order::kAsCreated);
  TableWriter table(group);
  table.write("trial", numbers, label_of_column("trial"));
  table.write("strategy", collect<std::string>(rows, [](const Row& r) { return r.strategy; }), label_of_column("strategy"));
  table.write("seed", collect<std::int64_t>(rows, [](const Row& r) { return r.seed; }), label_of_column("seed"));
  table.write("status", collect<std::string>(rows, [](const Row& r) { return r.status; }), label_of_column("status"));
  table.write("verdict", collect<std::string>(rows, [](const Row& r) { return r.verdict; }), label_of_column("verdict"));
  Hdf5Bools in_file;
  for (const StudyTrial& trial : trials) in_file.values.push_back(trial.in_file ? 1 : 0);
  table.write(kInFile, in_file, label_of_column(kInFile));
  std::vector<std::string> swept_columns, metric_columns;
  for (const std::string& path : swept) {
    const auto values = collect<Value>(rows, [&](const Row& r) {
      const auto found = r.parameters.find(path);
      return found == r.parameters.end() ? Value() : found->second;
    });
    swept_columns.push_back(table.write(path, column_of(values), {"option " + path, ""}));
  }
  if (!header.objective.empty()) {
    const std::string column = table.write(header.objective, collect<double>(rows, [&](const Row& r) { return r.objective_named(header.objective); }),
                                           label_of_column(header.objective));
    set_signal(group, column, "trial", {});
    group.set_attribute("objective", column);
    group.set_attribute("objective_better", std::string(header.objective_better == Better::kLower ? "lower" : "higher"));
  }
  for (const std::string& name : metrics) {
    metric_columns.push_back(
        table.write(name, collect<double>(rows, [&](const Row& r) { return or_nan(r.metrics, name); }), {name + " on the test split", ""}));
    const std::string error = name + "_stderr";
    table.write(error, collect<double>(rows, [&](const Row& r) { return or_nan(r.metrics, error); }),
                {"standard error of " + name + " on the test split", ""});
  }
  group.set_attribute("swept", swept_columns);
  group.set_attribute("metrics", metric_columns);
}

}  // namespace temper::record
