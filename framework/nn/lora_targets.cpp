// Which modules get an adapter, and which are trained whole beside it.
#include <algorithm>
#include <set>

#include <temper/error.h>

#include "nn/lora.h"

namespace temper::nn {

namespace {

constexpr std::string_view kAllLinear = "all-linear";

std::string without_last(const std::string& name) { return name.substr(0, name.rfind('.')); }
std::string last_of(const std::string& name) { return name.substr(name.rfind('.') + 1); }  // npos + 1 is 0

bool is_named(const std::string& module, const std::string& name) {
  return module == name || (module.size() > name.size() && module.ends_with(name) && module[module.size() - name.size() - 1] == '.');
}

bool is_named_by_any(const std::string& module, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return is_named(module, name); });
}

std::vector<std::string> linear_modules(HeadedModel& model) {
  std::vector<std::string> modules;
  for (const Parameter& parameter : model.parameters().all()) {
    if (parameter.is_linear) modules.push_back(without_last(parameter.name));
  }
  return modules;
}

// The layer that has a row per class, or per token of the vocabulary.
std::string output_layer(const HeadedModel& model) { return model.head().layers.empty() ? std::string() : model.head().layers.back().name; }

// By the names that families share; the order decides where a model has several.
std::vector<std::string> usual_targets(const std::vector<std::string>& modules, const std::string& output) {
  static const std::vector<std::vector<std::string>> usual = {{"c_attn"}, {"query_key_value"}, {"query", "value"}, {"q_proj", "v_proj"}};
  for (const std::vector<std::string>& names : usual) {
    const bool has_all = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::any_of(modules.begin(), modules.end(), [&](const std::string& module) { return module != output && is_named(module, name); });
    });
    if (has_all) return names;
  }
  return {};
}

// "c_attn, c_fc, c_proj": what a name could have been.
std::vector<std::string> candidates(const std::vector<std::string>& modules) {
  std::set<std::string> names;
  for (const std::string& module : modules) names.insert(last_of(module));
  return {names.begin(), names.end()};
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string remedy_for(const std::string& name, const std::vector<std::string>& known) {
  const std::string guess = did_you_mean(last_of(name), known);
  return (guess.empty() ? "" : guess + " ") + "it has: " + listed(known);
}

// The modules above a parameter, from the inmost to the outermost: "a.b.weight" is in "a.b" and "a".
std::vector<std::string> modules_of(const std::string& parameter) {
  std::vector<std::string> modules;
  for (std::size_t dot = parameter.rfind('.'); dot != std::string::npos && dot > 0; dot = parameter.rfind('.', dot - 1)) modules.push_back(parameter.substr(0, dot));
  return modules;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool is_task_layer(const HeadedModel& model, const std::string& module) {
  const auto& layers = model.head().layers;
  return std::any_of(layers.begin(), layers.end(), [&](const HeadLayer& layer) { return layer.out == 0 && layer.tied_to.empty() && layer.name == module; });
}

}  // namespace

bool takes_all_linear(const LoraOptions& options) { return options.target_modules.size() == 1 && options.target_modules.front() == kAllLinear; }

std::vector<std::string> lora_modules(HeadedModel& model, const LoraOptions& options) {
  const std::vector<std::string> modules = linear_modules(model);
  const std::string output = output_layer(model);
  std::vector<std::string> names = options.target_modules;
  if (names.empty()) names = model.model().lora_targets();
  if (names.empty()) names = usual_targets(modules, output);
  if (names.empty()) throw Error("lora.target_modules must be given for this family: none of the usual names is there", "it has: " + listed(candidates(modules)));
  const bool takes_all = takes_all_linear(options);

  Problems problems;
  for (const std::string& name : names) {
    if (takes_all || std::any_of(modules.begin(), modules.end(), [&](const std::string& module) { return is_named(module, name); })) continue;
    if (name == kAllLinear) {
      problems.add({}, "lora.target_modules has \"all-linear\" beside other names", "it stands alone");
      continue;
    }
    const auto& all = model.parameters().all();
    const bool is_other = std::any_of(all.begin(), all.end(), [&](const Parameter& parameter) { return is_named(without_last(parameter.name), name); });
    problems.add({}, "lora.target_modules names \"" + name + "\", " + (is_other ? "which is no linear layer" : "no linear layer of the model is called that"),
                 remedy_for(name, candidates(modules)));
  }
  std::vector<std::string> chosen;
  for (const std::string& module : modules) {
    if (takes_all ? module == output : !is_named_by_any(module, names)) continue;
    if (is_task_layer(model, module)) problems.add({}, "lora.target_modules names \"" + module + "\", the task's own layer, which is trained whole", "leave it out");
    chosen.push_back(module);
  }
  problems.throw_if_any();
  return chosen;
}

std::vector<std::string> saved_modules(HeadedModel& model, const LoraOptions& options) {
  std::vector<std::string> saved, known;
  std::set<std::string> used;
  for (const Parameter& parameter : model.parameters().all()) {
    const std::string module = without_last(parameter.name);
    const std::vector<std::string> around = modules_of(parameter.name);
    for (const std::string& name : around) add_once(known, last_of(name));
    if (parameter.is_head && (parameter.is_new || is_task_layer(model, module))) add_once(saved, module);
    for (const std::string& wanted : options.modules_to_save) {
      // PEFT compares ends of names, not of words: "norm" is "input_layernorm" too.
      const auto found = std::find_if(around.begin(), around.end(), [&](const std::string& name) { return name.ends_with(wanted); });
      if (found == around.end()) continue;
      used.insert(wanted);
      add_once(saved, *found);
    }
  }
  Problems problems;
  for (const std::string& wanted : options.modules_to_save) {
    // PEFT's own defaults for classifiers; each family has one of them.
    if (used.count(wanted) || wanted == "classifier" || wanted == "score") continue;
    std::erase_if(known, [](const std::string& name) { return name.find_first_not_of("0123456789") == std::string::npos; });
    problems.add({}, "lora.modules_to_save names \"" + wanted + "\", no module of the model is called that", remedy_for(wanted, known));
  }
  for (const HeadLayer& layer : model.head().layers) {
    for (const std::string& module : saved) {
      if (!layer.tied_to.starts_with(module + '.')) continue;
      problems.add({}, "lora.modules_to_save names \"" + module + "\", whose matrix the head \"" + layer.name + "\" uses too: PEFT trains a copy that the head does not see, which is not supported",
                   "leave it out, or start from a checkpoint with tie_word_embeddings = false");
    }
  }
  problems.throw_if_any();
  return saved;
}

}  // namespace temper::nn
