// Reads back what a table of a study needs.
#include <cmath>

#include <temper/error.h>

#include "record/layout.h"
#include "record/study_file.h"
#include "record/summary.h"

namespace temper::record {

namespace {

void check_format(const Hdf5File& file) {
  const std::optional<Hdf5Attribute> format = file.attribute("format");
  if (!format || *format != Hdf5Attribute(std::string(kStudyFormat)))
    throw Error(file.where() + ": it is not the file of a study", "give a study's folder, or the study.h5 in it");
  if (const std::int64_t version = file.integer_attribute("format_version"); version > kFormatVersion)
    throw Error(file.where() + ": its format version is " + std::to_string(version) + ", this temper reads up to " +
                    std::to_string(kFormatVersion),
                "use the temper that wrote it, or a newer one");
}

std::vector<std::string> names_attribute(const Hdf5Group& group, const char* name) {
  const std::optional<Hdf5Attribute> attribute = group.attribute(name);
  if (const auto* names = attribute ? std::get_if<std::vector<std::string>>(&*attribute) : nullptr) return *names;
  throw Error(group.where() + "@" + name + ": it should be a list of strings");
}

// A column of /summary, as long as the others.
template <typename T>
std::vector<T> of_length(std::vector<T> column, std::size_t rows, const std::string& where) {
  if (column.size() != rows)
    throw Error(where + ": " + std::to_string(column.size()) + " rows, the first column has " + std::to_string(rows));
  return column;
}

void read_details(const Hdf5File& file, TrialSummary& trial) {
  const std::string path = "trials/" + trial_name(trial.number);
  if (!file.has(path)) return;
  const Hdf5Group group = file.group(path);
  trial.error = group.string_attribute("error");
  if (group.attribute("from_trial")) trial.from_trial = group.integer_attribute("from_trial");
  if (group.has("diagnosis")) trial.reason = group.group("diagnosis").string_attribute("reason");
}

}  // namespace

StudySummary read_summary(const std::filesystem::path& study) {
  const Hdf5File file = Hdf5File::open(study_file(study));
  check_format(file);
  StudySummary summary;
  summary.name = file.string_attribute("name");
  summary.created = file.string_attribute("created");
  summary.finished = file.string_attribute("finished");
  const Hdf5Group table = file.group("summary");
  if (table.attribute("objective")) {
    summary.objective = table.string_attribute("objective");
    summary.objective_better = table.string_attribute("objective_better") == "higher" ? Better::kHigher : Better::kLower;
  }
  summary.swept = names_attribute(table, "swept");
  summary.metrics = names_attribute(table, "metrics");

  const std::vector<std::int64_t> numbers = table.read_integers("trial");
  const std::size_t rows = numbers.size();
  const auto strings = [&](const char* name) { return of_length(table.read_strings(name), rows, table.where(name)); };
  const auto floats = [&](const std::string& name) { return of_length(table.read_floats(name), rows, table.where(name)); };
  const std::vector<std::string> strategy = strings("strategy"), status = strings("status"), verdict = strings("verdict");
  std::vector<std::int8_t> in_file(rows, 1);
  if (table.has(kInFile)) {  // files of earlier versions held trials of the experiment file alone
    const Hdf5Data column = table.read(kInFile);
    if (const auto* truths = std::get_if<Hdf5Bools>(&column)) in_file = of_length(truths->values, rows, table.where(kInFile));
  }
  const std::vector<std::int64_t> seed = of_length(table.read_integers("seed"), rows, table.where("seed"));
  summary.trials.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    TrialSummary& trial = summary.trials[i];
    trial.number = numbers[i];
    trial.strategy = strategy[i];
    trial.status = status[i];
    trial.verdict = verdict[i];
    trial.seed = seed[i];
    trial.in_file = in_file[i] != 0;
    read_details(file, trial);
  }
  if (!summary.objective.empty()) {
    const std::vector<double> objective = floats(summary.objective);
    for (std::size_t i = 0; i < rows; ++i) summary.trials[i].objective = objective[i];
  }
  for (const std::string& path : summary.swept) {
    const std::vector<Value> values = of_length(values_of(table.read(path)), rows, table.where(path));
    for (std::size_t i = 0; i < rows; ++i)
      if (!values[i].is_null()) summary.trials[i].swept.emplace_back(path, values[i]);
  }
  for (const std::string& name : summary.metrics) {
    const std::vector<double> values = floats(name), errors = floats(name + "_stderr");
    for (std::size_t i = 0; i < rows; ++i) summary.trials[i].metrics.push_back({name, values[i], errors[i]});
  }
  summary.comparison = read_comparison(file);
  return summary;
}

const TrialSummary* StudySummary::best() const {
  const TrialSummary* best = nullptr;
  for (const TrialSummary& trial : trials) {
    if (!trial.in_file || trial.status != kComplete || std::isnan(trial.objective)) continue;
    const bool better = best && (objective_better == Better::kLower ? trial.objective < best->objective : trial.objective > best->objective);
    if (!best || better) best = &trial;
  }
  return best;
}

std::filesystem::path study_file(const std::filesystem::path& study) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::is_directory(study, error) ? study / "study.h5" : study;
  if (!std::filesystem::exists(study, error)) throw Error(study.string() + ": there is no such study", "a study is a folder that \"temper run\" has written");
  if (!std::filesystem::exists(file, error))
    throw Error(study.string() + ": there is no study.h5 in this folder", "a study is a folder that \"temper run\" has written");
  return file;
}

}  // namespace temper::record
