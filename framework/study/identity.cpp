// See identity.h.
#include "study/identity.h"

#include "study/option_reader.h"

#include <xxhash.h>

#include <algorithm>

namespace temper::study {

namespace {

class IdentityForm {
 public:
  explicit IdentityForm(const Surroundings& surroundings) : surroundings_(surroundings) {}

  // Options sorted by name, paths replaced by what they hold.
  Value table(const OptionSchema& schema, const Value& table) const {
    Value::Table members;
    for (const OptionSpec& spec : schema) {
      const Value* value = table.find(spec.name);
      if (value && spec.counts_for_identity) members.emplace_back(spec.name, option(spec, spec.array_depth, *value));
    }
    return sorted(std::move(members));
  }

 private:
  static Value sorted(Value::Table members) {
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return members;
  }

  Value option(const OptionSpec& spec, int depth, const Value& value) const {
    if (depth > 0) {
      Value::Array elements;
      for (const Value& element : value.as_array()) elements.push_back(option(spec, depth - 1, element));
      return elements;
    }
    switch (spec.type) {
      case OptionType::kTable: return table(spec.children, value);
      case OptionType::kPlugin: return table(nested_schema(surroundings_.schemas, spec.plugin_kind, value.find("plugin")->as_string()), value);
      case OptionType::kStringMap: return value.is_table() ? sorted(value.as_table()) : value;
      case OptionType::kPath:
        if (value.is_string()) return Value::Table{{"contents", surroundings_.content_hash(value.as_string())}};
        return value;
      default: return value;
    }
  }

  const Surroundings& surroundings_;
};

std::string hash(const std::string& text) {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(text.data(), text.size()));
  std::string result;
  for (const unsigned char byte : digest.digest) {
    result += "0123456789abcdef"[byte >> 4];
    result += "0123456789abcdef"[byte & 15];
  }
  return result;
}

}  // namespace

std::string identity(const Trial& trial, const Experiment& experiment, const StrategyEntry& strategy, const Surroundings& surroundings) {
  const IdentityForm form(surroundings);
  std::vector<std::string> metrics = experiment.metrics;
  std::sort(metrics.begin(), metrics.end());
  Value whole = Value::Table{{"format", "temper-trial-1"},
                             {"task", std::string(to_string(experiment.task))},
                             {"metrics", Value::Array(metrics.begin(), metrics.end())},
                             {"strategy", strategy.name},
                             {"plugin", strategy.plugin},
                             {"own", form.table(strategy.schema, trial.table("strategy"))}};
  if (experiment.objective) whole.set("objective", experiment.objective->name);
  if (trial.seed) whole.set("seed", *trial.seed);
  if (trial.base) {
    std::vector<std::string> bases = trial.base->candidates;
    std::sort(bases.begin(), bases.end());
    whole.set(trial.base->is_best ? "from_best" : "from", Value::Array(bases.begin(), bases.end()));
  }
  const std::pair<const char*, const OptionSchema*> tables[] = {{"dataset", &experiment.dataset_schema},
                                                                {"prompt", &experiment.prompt_schema},
                                                                {"model", &experiment.model_schema},
                                                                {"training", &experiment.training_schema}};
  for (const auto& [name, schema] : tables)
    if (trial.reads(name)) whole.set(name, form.table(*schema, trial.table(name)));
  return hash(to_json(whole));
}

}  // namespace temper::study
