// The experiment file as a whole, and the keys above its first table.
#include "study/experiment_reader.h"

#include "study/document.h"
#include "study/expand.h"
#include "study/limits.h"

#include <temper/prompt.h>
#include <temper/training_options.h>

#include <algorithm>

namespace temper::study {

namespace {

const std::vector<std::string> kTables = {"limits", "dataset", "prompt", "model", "training", "sweep", "strategy"};
bool is_device(const std::string& text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:") || text.size() < 6 || text.size() > 8) return false;
  return std::all_of(text.begin() + 5, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

ExperimentReader::ExperimentReader(const std::filesystem::path& file, const Surroundings& surroundings, Problems& problems)
    : schemas_(surroundings.schemas), problems_(problems), reader_(surroundings, std::filesystem::absolute(file).parent_path(), problems) {
  experiment_.file = file;
  experiment_.prompt_schema = declared_by<PromptOptions>();
  experiment_.training_schema = declared_by<TrainingOptions>();
}

void ExperimentReader::read(const Value& document) {
  const Value sweep = sweep_table(document);
  const auto is_given = [&](const char* path) { return document.find_path(path) || sweep.find_path(path); };
  const Value* fold_is = document.find_path("dataset.fold_is");
  const bool tests_folds = fold_is && fold_is->is_string() && fold_is->as_string() == "test";
  experiment_.has_validation = is_given("dataset.validation") || (is_given("dataset.folds") && !tests_folds);
  experiment_.has_model = is_given("model.checkpoint") || is_given("model.config");
  report_unknown_keys(document);
  top_level(document);
  limits(document);
  dataset(table(document, "dataset"), sweep);
  experiment_.prompt = reader_.read(experiment_.prompt_schema, table(document, "prompt"), "[prompt]", "prompt");
  model(table(document, "model"), sweep);
  experiment_.training = reader_.read(experiment_.training_schema, table(document, "training"), "[training]", "training");
  strategies(document);
  check_bases();
  read_sweep(sweep);
  fold_axis();
  templates();
  objective(document.find("objective"));
  for (const auto& [key, value] : document.as_table()) {
    if (key == "sweep") break;
    if (key == "strategy") experiment_.sweep_is_first = false;
  }
  if (experiment_.sweep.empty()) experiment_.sweep_is_first = true;
}

// Each fold is left out once, unless one is named.
void ExperimentReader::fold_axis() {
  const Value* folds = experiment_.dataset.find("folds");
  const auto varies = [&](const char* path) { return std::any_of(experiment_.sweep.begin(), experiment_.sweep.end(), [&](const Axis& axis) { return axis.path == path; }); };
  const Value* fold_is = experiment_.dataset.find("fold_is");
  if (folds && fold_is && fold_is->is_string() && fold_is->as_string() == "validation" && !experiment_.dataset.find("test") && !varies("dataset.test") && !varies("dataset.fold_is"))
    experiment_.notes.push_back({folds->place, "each fold is validation and there is no test split, so strategies are not compared", "fold_is = \"test\" tests each row in its fold"});
  const bool is_swept = varies("dataset.fold") || varies("dataset.folds");
  if (!folds || !folds->is_integer() || experiment_.dataset.find("fold") || is_swept) return;
  Axis axis{"dataset.fold", {}};
  for (std::int64_t fold = 1; fold <= folds->as_integer(); ++fold) {
    axis.values.emplace_back(fold);
    axis.values.back().place = folds->place;
  }
  experiment_.sweep.push_back(std::move(axis));
}

Experiment ExperimentReader::take_sound_part() {
  std::vector<StrategyEntry> sound;
  for (std::size_t i = 0; i < experiment_.strategies.size(); ++i)
    if (is_sound_[i]) sound.push_back(std::move(experiment_.strategies[i]));
  experiment_.strategies = std::move(sound);
  return std::move(experiment_);
}

// A table of the document; an empty one where it is absent or no table (which is reported).
Value ExperimentReader::table(const Value& document, const char* key) {
  const Value* value = document.find(key);
  if (!value) return empty_table(document.place);
  if (value->is_table()) return *value;
  problems_.add(value->place, std::string(key) + " is " + value->type_name() + ", it must be a table", std::string("write [") + key + "] on a line of its own, its options below");
  return empty_table(value->place);
}

void ExperimentReader::report_unknown_keys(const Value& document) {
  const OptionSchema scalars = declared_by<ExperimentOptions>();
  std::vector<std::string> names = kTables;
  for (const OptionSpec& spec : scalars) names.push_back(spec.name);
  for (const auto& [key, value] : document.as_table()) {
    if (contains(names, key)) continue;
    std::string remedy;
    if (find_option(experiment_.training_schema, key)) remedy = "did you mean \"training." + key + "\"?";
    else if (key == "seed") remedy = "did you mean \"seeds\"?";
    else remedy = did_you_mean(key, names);
    problems_.add(value.place, "the experiment has no key \"" + key + '"', remedy);
  }
}

void ExperimentReader::top_level(const Value& document) {
  const OptionSchema schema = declared_by<ExperimentOptions>();
  Value given = empty_table(document.place);
  for (const auto& [key, value] : document.as_table())
    if (find_option(schema, key)) given.set(key, value).place = value.place;
  if (Value* seeds = given.find("seeds"); seeds && seeds->is_integer()) {
    const Place place = seeds->place;
    *seeds = Value::Array{*seeds};
    seeds->place = place;
  }
  const std::size_t before = problems_.all().size();
  const Value result = checked(schema, given, "the experiment", problems_);
  if (problems_.all().size() == before) {
    OptionsOf<ExperimentOptions> options;
    fill(options, result);
    experiment_.seeds = options.value.seeds;
    experiment_.device = options.value.device;
    experiment_.threads = options.value.threads;
    experiment_.metrics = options.value.metrics;
  }
  name(result.find("name"));
  if (const Value* seeds = given.find("seeds")) check_seeds(*seeds);
  if (const Value* device = result.find("device"); device && !is_device(device->as_string()))
    problems_.add(device->place, "device is " + to_toml(*device) + ", it must be \"auto\", \"cpu\", \"cuda\" or \"cuda:N\"");
  const Value* task = result.find("task");
  if (!task || !contains(find_option(schema, "task")->choices, task->as_string())) return;
  experiment_.task = task_from_string(task->as_string());
  task_is_known_ = true;
  metrics(result.find("metrics"));
}

void ExperimentReader::limits(const Value& document) {
  experiment_.limits = reader_.read(declared_by<LimitOptions>(), table(document, "limits"), "[limits]", "limits");
  try {
    limits_of(experiment_.limits);
  } catch (const Error& error) {
    problems_.add(error);
  }
}

void ExperimentReader::name(const Value* given) {
  experiment_.name = given ? given->as_string() : experiment_.file.stem().string();
  const std::string& name = experiment_.name;
  const bool is_fine = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                       std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!is_fine) problems_.add(given ? given->place : Place{}, "name is " + to_toml(Value(name)) + ", it must be usable as a folder's name");
}

void ExperimentReader::check_seeds(const Value& seeds) {
  if (!seeds.is_array()) return;  // reported already
  if (seeds.as_array().empty()) problems_.add(seeds.place, "seeds is an empty array, an axis needs at least one value");
  for (auto at = seeds.as_array().begin(); at != seeds.as_array().end(); ++at)
    if (at->is_integer() && std::find(seeds.as_array().begin(), at, *at) != at)
      problems_.add(at->place, "seeds has " + to_toml(*at) + " twice", "leave one of them out");
}

void ExperimentReader::metrics(const Value* given) {
  if (experiment_.metrics.empty()) experiment_.metrics = schemas_.default_metrics(experiment_.task);
  for (std::size_t i = 0; i < experiment_.metrics.size(); ++i) {
    const std::string& metric = experiment_.metrics[i];
    const bool is_given = given && given->is_array() && i < given->as_array().size();
    const Place place = is_given ? given->as_array()[i].place : Place{};
    if (std::find(experiment_.metrics.begin(), experiment_.metrics.begin() + i, metric) != experiment_.metrics.begin() + i)
      problems_.add(place, "metrics has \"" + metric + "\" twice", "leave one of them out");
    try {
      const std::vector<MetricValue> values = schemas_.metric_values(metric, experiment_.task);
      metric_values_.insert(metric_values_.end(), values.begin(), values.end());
    } catch (const Error& error) {
      add_error(problems_, place, "metrics: ", error);
    }
  }
}

namespace {

// In the order of the file, each once.
std::vector<Problem> in_order(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  const auto same = [](const Problem& a, const Problem& b) { return describe(a) == describe(b); };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
  return problems;
}

}  // namespace

Experiment read_experiment(const std::string& text, const std::filesystem::path& file, const std::vector<std::string>& sets,
                           const Surroundings& surroundings) {
  Problems problems;
  const Value document = read_document(text, file.string(), sets, problems);
  ExperimentReader reader(file, surroundings, problems);
  reader.read(document);
  if (problems.empty()) return reader.take();
  if (reader.task_is_known()) check_trials(reader.take_sound_part(), surroundings, problems);
  throw Error(in_order(problems.all()));
}

}  // namespace temper::study
