// [sweep]: which option of which table each axis varies.
#include "study/experiment_reader.h"

namespace temper::study {

namespace {

// "\"dataset.limit.train\" = [...]" means the same as without the quotes.
Value without_quoted_dots(const Value& table) {
  Value result = empty_table(table.place);
  for (const auto& [key, value] : table.as_table()) {
    if (key.find('.') == std::string::npos || key.front() == '.' || key.back() == '.') result.set(key, value);
    else result.set_path(key, value).place = value.place;
  }
  return result;
}

}  // namespace

Value ExperimentReader::sweep_table(const Value& document) {
  const Value* sweep = document.find("sweep");
  return sweep ? without_quoted_dots(table(document, "sweep")) : empty_table({});
}

void ExperimentReader::read_sweep(const Value& sweep) {
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

void ExperimentReader::sweep_of(const OptionSchema& schema, const std::string& name, const Value& entries, const Value& base) {
  if (!entries.is_table()) problems_.add(entries.place, "sweep." + name + " is " + entries.type_name() + ", a whole table cannot be an axis", "sweep its options by their path: " + name + ".OPTION = [...]");
  else if (!schema.empty()) reader_.read_sweep(schema, entries, base, name, false, experiment_.sweep);  // empty: its plugin is not known, which was reported
}

std::string ExperimentReader::remedy_in_sweep(const std::string& key) const {
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

}  // namespace temper::study
