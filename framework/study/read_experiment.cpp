// The experiment file, table by table: what it says is checked as a whole, and every problem is told at once.
#include "study/experiment.h"

#include "data/dataset_options.h"
#include "study/document.h"
#include "study/option_reader.h"

#include <temper/prompt.h>
#include <temper/training_options.h>

#include <algorithm>
#include <set>

namespace temper::study {

namespace {

const std::vector<std::string> kTables = {"dataset", "prompt", "model", "training", "sweep", "strategy"};
// Keys that a strategy plugin cannot declare: they are the framework's, or would be mistaken for its tables in a trial's parameters.
const std::vector<std::string> kReserved = {"plugin", "name", "training", "from", "from_best", "dataset", "prompt", "model", "sweep",
                                            "strategy", "task", "seeds", "seed", "metrics", "objective", "device", "threads"};

template <class T>
OptionSchema declared_by() {
  OptionsOf<T> options;
  return declared(options);
}

bool contains(const std::vector<std::string>& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

Value empty_table(const Place& place) {
  Value table = Value::Table();
  table.place = place;
  return table;
}

bool is_device(const std::string& text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:") || text.size() < 6 || text.size() > 8) return false;
  return std::all_of(text.begin() + 5, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "\"dataset.limit.train\" = [...]" means the same as without the quotes.
Value without_quoted_dots(const Value& table) {
  Value result = empty_table(table.place);
  for (const auto& [key, value] : table.as_table()) {
    if (key.find('.') == std::string::npos || key.front() == '.' || key.back() == '.') result.set(key, value);
    else result.set_path(key, value).place = value.place;
  }
  return result;
}

class ExperimentReader {
 public:
  ExperimentReader(const std::filesystem::path& file, const Surroundings& surroundings, Problems& problems)
      : schemas_(surroundings.schemas), problems_(problems), reader_(surroundings, folder_of(file), problems) {
    experiment_.file = file;
    experiment_.prompt_schema = declared_by<PromptOptions>();
    experiment_.training_schema = declared_by<TrainingOptions>();
  }

  Experiment read(const Value& document) {
    const Value sweep = sweep_table(document);
    report_unknown_keys(document);
    top_level(document);
    dataset(table(document, "dataset"), sweep);
    experiment_.prompt = reader_.read(experiment_.prompt_schema, table(document, "prompt"), "[prompt]", "prompt");
    model(table(document, "model"), sweep);
    experiment_.training = reader_.read(experiment_.training_schema, table(document, "training"), "[training]", "training", "all options: temper plugins training");
    strategies(document);
    read_sweep(sweep);
    templates();
    objective(document.find("objective"));
    for (const auto& [key, value] : document.as_table()) {
      if (key == "sweep") break;
      if (key == "strategy") experiment_.sweep_is_first = false;
    }
    if (experiment_.sweep.empty()) experiment_.sweep_is_first = true;
    return std::move(experiment_);
  }

 private:
  static std::filesystem::path folder_of(const std::filesystem::path& file) { return std::filesystem::absolute(file).parent_path(); }

  // A table of the document; an empty one where it is absent or no table (which is reported).
  Value table(const Value& document, const char* key) {
    const Value* value = document.find(key);
    if (!value) return empty_table(document.place);
    if (value->is_table()) return *value;
    problems_.add(value->place, std::string(key) + " is " + value->type_name() + ", it must be a table", std::string("write [") + key + "] on a line of its own, its options below");
    return empty_table(value->place);
  }

  Value sweep_table(const Value& document) {
    const Value* sweep = document.find("sweep");
    return sweep ? without_quoted_dots(table(document, "sweep")) : empty_table({});
  }

  void report_unknown_keys(const Value& document) {
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

  void top_level(const Value& document) {
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

  void name(const Value* given) {
    experiment_.name = given ? given->as_string() : experiment_.file.stem().string();
    const std::string& name = experiment_.name;
    const bool is_fine = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                         std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (!is_fine) problems_.add(given ? given->place : Place{}, "name is " + to_toml(Value(name)) + ", it must be usable as a folder's name");
  }

  void check_seeds(const Value& seeds) {
    if (!seeds.is_array()) return;  // reported already
    if (seeds.as_array().empty()) problems_.add(seeds.place, "seeds is an empty array, an axis needs at least one value");
    for (auto at = seeds.as_array().begin(); at != seeds.as_array().end(); ++at)
      if (at->is_integer() && std::find(seeds.as_array().begin(), at, *at) != at)
        problems_.add(at->place, "seeds has " + to_toml(*at) + " twice", "leave one of them out");
  }

  void metrics(const Value* given) {
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
        for (const Problem& problem : error.problems()) problems_.add(place, "metrics: " + problem.what, problem.remedy);
      }
    }
  }

  // The plugin that a table names; nothing, after a problem, when it is not known.
  std::optional<std::string> plugin_of(const Value& table, const std::string& kind, const std::string& where, bool is_required) {
    const Value* plugin = table.find("plugin");
    if (!plugin) {
      if (!is_required) return std::nullopt;
      std::string remedy;
      for (const std::string& name : schemas_.names(kind)) remedy += (remedy.empty() ? "add plugin = \"...\"; there are \"" : ", \"") + name + '"';
      problems_.add(table.place, where + " needs the option \"plugin\"", remedy);
      return std::nullopt;
    }
    if (!plugin->is_string()) {
      const std::string remedy = plugin->is_array() && kind == "strategy" ? "write a [[strategy]] for each" : "";
      problems_.add(plugin->place, where + ": plugin is " + plugin->type_name() + ", it must be a string", remedy);
      return std::nullopt;
    }
    try {
      nested_schema(schemas_, kind, plugin->as_string());
      return plugin_name(kind, plugin->as_string());
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) problems_.add(plugin->place, where + ": " + problem.what, problem.remedy);
      return std::nullopt;
    }
  }

  static void set_plugin(Value& table, const std::string& name) {
    const Place place = table.find("plugin")->place;
    table.set("plugin", name).place = place;
  }

  // An option that must be given may be given in [sweep] alone.
  static void add_required_from_sweep(const OptionSchema& schema, Value& table, const Value* entries) {
    if (!entries || !entries->is_table()) return;
    for (const OptionSpec& spec : schema) {
      const Value* entry = entries->find(spec.name);
      if (!entry) continue;
      if (spec.type == OptionType::kTable && entry->is_table()) {
        const bool is_new = !table.find(spec.name);
        if (is_new) table.set(spec.name, empty_table(entry->place));
        add_required_from_sweep(spec.children, *table.find(spec.name), entry);
        if (is_new && table.find(spec.name)->as_table().empty()) table.erase(spec.name);
      } else if (spec.is_required && !table.find(spec.name) && array_depth(*entry) > spec.array_depth && !entry->as_array().empty()) {
        table.set(spec.name, entry->as_array().front());
      }
    }
  }

  void dataset(Value table, const Value& sweep) {
    const std::optional<std::string> plugin = plugin_of(table, "dataset", "[dataset]", true);
    if (!plugin) return;
    set_plugin(table, *plugin);
    try {
      experiment_.dataset_schema = data::dataset_schema(schemas_.schema("dataset", *plugin), *plugin, schemas_.dataset_reads_files(*plugin, table));
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) problems_.add(table.find("plugin")->place, problem.what, problem.remedy);
      return;
    }
    add_required_from_sweep(experiment_.dataset_schema, table, sweep.find("dataset"));
    experiment_.dataset = reader_.read(experiment_.dataset_schema, table, "[dataset]", "dataset", "all options: temper plugins " + *plugin);
  }

  void model(Value table, const Value& sweep) {
    experiment_.model_schema = declared_by<ModelOptions>();
    const std::optional<std::string> plugin = plugin_of(table, "model", "[model]", false);
    if (plugin) set_plugin(table, *plugin);
    const Value* swept = sweep.find_path("model.config");
    const Value* config = table.find("config") ? table.find("config") : swept;
    if (config) {
      const Place place = config->place;
      const Value* checkpoint = table.find("checkpoint") ? table.find("checkpoint") : sweep.find_path("model.checkpoint");
      if (checkpoint)
        problems_.add(place, "[model] has a checkpoint and a config", "a checkpoint brings its own; config is for random weights");
      else if (!table.find("plugin"))
        problems_.add(place, "model.config needs model.plugin", "add plugin = \"...\", the model that it configures");
      if (!plugin || checkpoint) {
        table.erase("config");
      } else {
        OptionSpec spec;
        spec.name = "config";
        spec.help = "Options of the model plugin, for random weights.";
        spec.type = OptionType::kTable;
        spec.children = schemas_.schema("model", *plugin);
        experiment_.model_schema.push_back(std::move(spec));
        add_required_from_sweep(experiment_.model_schema, table, sweep.find("model"));
      }
    }
    experiment_.model = reader_.read(experiment_.model_schema, table, "[model]", "model");
  }

  void strategies(const Value& document) {
    const Value* list = document.find("strategy");
    if (!list) {
      problems_.add(document.place, "the experiment has no [[strategy]]", "add [[strategy]] with plugin = \"...\" below it");
      return;
    }
    if (!list->is_array()) {
      problems_.add(list->place, std::string("strategy is ") + list->type_name() + ", it must be an array of tables",
                    list->is_table() ? "write [[strategy]] with two brackets" : "");
      return;
    }
    if (list->as_array().empty()) problems_.add(list->place, "the experiment has no [[strategy]]", "add [[strategy]] with plugin = \"...\" below it");
    for (const Value& entry : list->as_array()) {
      if (entry.is_table()) strategy(entry);
      else problems_.add(entry.place, std::string("a strategy is ") + entry.type_name() + ", it must be a table");
    }
  }

  void strategy(Value table) {
    const std::string shown = strategy_name(table);
    const std::string where = shown.empty() ? "[[strategy]]" : "[[strategy]] \"" + shown + '"';
    check_name(table, shown);
    const std::optional<std::string> plugin = plugin_of(table, "strategy", where, true);
    if (!plugin) return;
    set_plugin(table, *plugin);
    OptionSchema own = schemas_.schema("strategy", *plugin);
    for (const OptionSpec& spec : own)
      if (contains(kReserved, spec.name))
        problems_.add(table.find("plugin")->place, "the plugin \"" + *plugin + "\" declares the option \"" + spec.name + "\", which is the framework's",
                      "rename it in the plugin");
    const OptionSchema schema = with_the_frameworks_keys(own);
    StrategyEntry entry{strategy_name(table), *plugin, std::move(own), {}, {}, {}, table.place};
    entry.axes = reader_.take_axes(schema, table);
    const Value given = table.find("training") && table.find("training")->is_table() ? *table.find("training") : empty_table({});
    entry.options = reader_.read(schema, table, where, "", "all options: temper plugins " + *plugin);
    const Value training = entry.options.find("training") ? *entry.options.find("training") : empty_table({});
    for (const char* key : {"plugin", "name", "training"}) entry.options.erase(key);
    for (const OptionSpec& spec : experiment_.training_schema) {
      const std::string path = "training." + spec.name;
      const bool is_axis = std::any_of(entry.axes.begin(), entry.axes.end(), [&](const Axis& axis) { return axis.path == path; });
      const bool is_given = std::any_of(given.as_table().begin(), given.as_table().end(), [&](const auto& m) {
        return !m.second.is_null() && (m.first == spec.name || contains(spec.aliases, m.first));
      });
      if (is_given && !is_axis && training.find(spec.name)) entry.training.emplace_back(path, *training.find(spec.name));
    }
    experiment_.strategies.push_back(std::move(entry));
  }

  void check_name(const Value& table, const std::string& name) {
    const Value* given = table.find("name");
    if (given && !given->is_string()) return;  // reported when the table is read
    if (given && name.empty()) problems_.add(given->place, "a strategy's name is empty");
    if (name.empty() || names_.insert(name).second) return;
    problems_.add(given ? given->place : table.place, "two strategies are named \"" + name + '"', "give one of them a name of its own: name = \"...\"");
  }

  OptionSchema with_the_frameworks_keys(const OptionSchema& own) const {
    OptionSpec plugin, name, training;
    plugin.name = "plugin";
    name.name = "name";
    name.is_optional = true;
    training.name = "training";
    training.type = OptionType::kTable;
    training.children = experiment_.training_schema;
    OptionSchema schema = {plugin, name, training};
    schema.insert(schema.end(), own.begin(), own.end());
    return schema;
  }

  void read_sweep(const Value& sweep) {
    for (const auto& [key, value] : sweep.as_table()) {
      Value entry = empty_table(value.place);
      entry.set(key, value).place = value.place;
      if (key == "dataset") sweep_of(experiment_.dataset_schema, key, value, experiment_.dataset);
      else if (key == "prompt") sweep_of(experiment_.prompt_schema, key, value, experiment_.prompt);
      else if (key == "model") sweep_of(experiment_.model_schema, key, value, experiment_.model);
      else if (key == "training") sweep_of(experiment_.training_schema, key, value, experiment_.training);
      else if (find_option(experiment_.training_schema, key)) reader_.read_sweep(experiment_.training_schema, entry, experiment_.training, "training", true, experiment_.sweep);
      else problems_.add(value.place, "sweep." + key + ": [training] has no option \"" + key + '"', remedy_in_sweep(key));
    }
  }

  void sweep_of(const OptionSchema& schema, const std::string& name, const Value& entries, const Value& base) {
    if (!entries.is_table()) problems_.add(entries.place, "sweep." + name + " is " + entries.type_name() + ", a whole table cannot be an axis", "sweep its options by their path: " + name + ".OPTION = [...]");
    else if (!schema.empty()) reader_.read_sweep(schema, entries, base, name, false, experiment_.sweep);  // empty: its plugin is not known, which was reported
  }

  std::string remedy_in_sweep(const std::string& key) const {
    if (key == "seeds" || key == "seed") return "seeds = [1, 2, 3] above the first table is an axis already";
    if (key == "strategy") return "a list in a [[strategy]] is an axis of that strategy";
    std::vector<std::string> names;
    for (const OptionSpec& spec : experiment_.training_schema) {
      names.push_back(spec.name);
      names.insert(names.end(), spec.aliases.begin(), spec.aliases.end());
    }
    const std::pair<const char*, const OptionSchema*> others[] = {
        {"dataset", &experiment_.dataset_schema}, {"prompt", &experiment_.prompt_schema}, {"model", &experiment_.model_schema}};
    for (const auto& [table, schema] : others)
      if (find_option(*schema, key)) return std::string("did you mean \"") + table + '.' + key + "\"?";
    for (const StrategyEntry& strategy : experiment_.strategies)
      if (find_option(strategy.schema, key)) return "it is an option of the strategy \"" + strategy.name + "\": write the list there";
    const std::string remedy = did_you_mean(key, names);
    return remedy.empty() ? "options of other tables are swept by their path: dataset.limit.train = [...]" : remedy;
  }

  void templates() {
    std::vector<Value> inputs;
    if (const Value* input = experiment_.prompt.find("input")) inputs.push_back(*input);
    for (const Axis& axis : experiment_.sweep)
      if (axis.path == "prompt.input") inputs = axis.values;
    for (const Value& input : inputs) {
      try {
        Template(input.as_string());
      } catch (const Error& error) {
        for (const Problem& problem : error.problems()) problems_.add(input.place, "prompt.input: " + problem.what, problem.remedy);
      }
    }
  }

  bool has_validation() const {
    if (experiment_.dataset.find("validation")) return true;
    return std::any_of(experiment_.sweep.begin(), experiment_.sweep.end(), [](const Axis& axis) { return axis.path == "dataset.validation"; });
  }

  void objective(const Value* given) {
    if (!experiment_.dataset.is_table()) return;  // whether there is a validation split is not known
    if (given && !given->is_string()) return;     // reported already
    if (!has_validation()) {
      if (given) problems_.add(given->place, "objective is " + to_toml(*given) + ", and there is no validation split", "add validation = 0.1 to [dataset]: the test split chooses nothing");
      return;
    }
    const std::string text = given ? given->as_string() : "validation_loss";
    if (text == "validation_loss") {
      experiment_.objective = Objective{text, "", Better::kLower};
      return;
    }
    if (!task_is_known_) return;
    if (text.starts_with("test_") || text.starts_with("train_")) {
      problems_.add(given->place, "objective is \"" + text + "\", it must be of the validation split", "did you mean \"validation_" + text.substr(text.find('_') + 1) + "\"?");
      return;
    }
    const std::string prefix = "validation_";
    const std::string metric = text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    for (const MetricValue& value : metric_values_) {
      if (value.name != metric) continue;
      experiment_.objective = Objective{prefix + metric, metric, value.better};
      return;
    }
    report_objective(*given, metric);
  }

  void report_objective(const Value& given, const std::string& metric) {
    const std::string what = "objective is " + to_toml(given);
    try {
      schemas_.metric_values(metric, experiment_.task);
      problems_.add(given.place, what + ", which is not measured", "add \"" + metric + "\" to metrics");
    } catch (const Error&) {
      std::vector<std::string> names = {"validation_loss"};
      for (const MetricValue& value : metric_values_) names.push_back("validation_" + value.name);
      std::string remedy = did_you_mean(given.as_string().starts_with("validation_") ? given.as_string() : "validation_" + given.as_string(), names);
      if (remedy.empty())
        for (const std::string& name : names) remedy += (remedy.empty() ? "there are \"" : ", \"") + name + '"';
      problems_.add(given.place, what + ", which is neither validation_loss nor a metric of the task", remedy);
    }
  }

  const Schemas& schemas_;
  Problems& problems_;
  OptionReader reader_;
  Experiment experiment_;
  bool task_is_known_ = false;
  std::vector<MetricValue> metric_values_;  // of all metrics
  std::set<std::string> names_;             // of strategies so far
};

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
  Experiment experiment = ExperimentReader(file, surroundings, problems).read(document);
  if (!problems.empty()) throw Error(in_order(problems.all()));
  return experiment;
}

}  // namespace temper::study
