// Adapters are made and hung on weights.
#include "nn/lora.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <temper/error.h>

namespace temper::nn {

namespace {

// A place of dropout of the layer's own, far above those of blocks and heads, whatever other layers have an adapter.
int dropout_site(const std::string& module) {
  std::uint32_t hash = 0x811c9dc5;  // FNV-1a
  for (const unsigned char c : module) hash = (hash ^ c) * 0x01000193;
  return static_cast<int>(0x40000000 | (hash & 0x3fffffff));
}

// A parameter of an adapter: PEFT's name, beside the weight that it changes.
Parameter& add_part(ParameterTable& table, const Parameter& weight, const std::string& name, at::IntArrayRef shape, Init init, double init_std) {
  Parameter part;
  part.name = name;
  part.tensor = at::empty(shape, weight.tensor.options().requires_grad(false));
  part.tensor.requires_grad_(true);
  part.init = init;
  part.init_std = init_std;
  part.block = weight.block;
  part.is_head = weight.is_head;
  part.is_new = true;
  return table.add(std::move(part));
}

}  // namespace

void add_adapter(HeadedModel& model, const std::string& module, const LoraOptions& options, std::int64_t r, double alpha, std::uint64_t seed) {
  ParameterTable& table = model.parameters();
  Parameter* weight = table.find(module + ".weight");
  if (!weight || !weight->is_linear) throw Error("\"" + module + "\" is no linear layer of the model, it cannot have an adapter");
  if (weight->adapter) throw Error("\"" + module + "\" has an adapter already");
  if (!model.lora()) {
    auto lora = std::make_shared<Lora>();
    lora->options = options;
    lora->first_parameter = table.all().size();
    model.lora() = lora;
  }
  auto lora = std::make_shared<Lora>(*model.lora());
  lora->modules.push_back(module);
  const std::int64_t in = weight->tensor.size(weight->transposed ? 0 : 1), out = weight->tensor.size(weight->transposed ? 1 : 0);
  const std::string prefix = std::string(kPeftPrefix) + module + ".";

  auto adapter = std::make_shared<LoraAdapter>();
  adapter->module = module;
  adapter->alpha = alpha;
  adapter->scaling = options.use_rslora ? alpha / std::sqrt(static_cast<double>(r)) : alpha / static_cast<double>(r);
  adapter->dropout = options.lora_dropout;
  adapter->site = dropout_site(module);
  // He et al. 2015 with a = sqrt(5), as torch's Linear: the bound is sqrt(6 / ((1 + 5) in)).
  adapter->a = &add_part(table, *weight, prefix + "lora_A.weight", {r, in}, Init::kUniform, 1 / std::sqrt(static_cast<double>(in)));
  adapter->b = &add_part(table, *weight, prefix + "lora_B.weight", {out, r}, Init::kZeros, 0);
  initialize(*adapter->a, seed);
  initialize(*adapter->b, seed);
  weight->adapter = adapter;
  if (options.use_dora) {
    Parameter& magnitude = add_part(table, *weight, prefix + "lora_magnitude_vector", {out}, Init::kOnes, 0);
    const Tensor norm = adapted_norm(*weight);
    const c10::NoGradGuard no_grad;
    magnitude.tensor.copy_(norm);
    adapter->magnitude = &magnitude;
  }
  model.lora() = lora;
}

void add_lora(HeadedModel& model, const LoraOptions& options, std::uint64_t seed) {
  if (model.lora()) throw Error("the model has adapters already");
  std::vector<std::string> modules = lora_modules(model, options);
  const std::vector<std::string> saved = saved_modules(model, options);
  const auto saved_around = [&](const std::string& module) {
    return std::find_if(saved.begin(), saved.end(), [&](const std::string& name) { return module == name || module.starts_with(name + '.'); });
  };
  // "all-linear" means all that are not trained whole: a head's inner layer that the checkpoint lacks is.
  if (takes_all_linear(options)) std::erase_if(modules, [&](const std::string& module) { return saved_around(module) != saved.end(); });
  for (const std::string& module : modules) {
    const auto inside = saved_around(module);
    if (inside != saved.end()) throw Error("\"" + module + "\" is both in lora.target_modules and, with \"" + *inside + "\", trained whole", "take it out of one of them");
  }
  for (const std::string& module : modules) add_adapter(model, module, options, options.r, options.lora_alpha, seed);
  auto lora = std::make_shared<Lora>(*model.lora());
  lora->saved = saved;
  model.lora() = lora;
}

bool is_trained_with_lora(const Lora& lora, const Parameter& parameter) {
  if (parameter.name.starts_with(kPeftPrefix)) return true;
  return std::any_of(lora.saved.begin(), lora.saved.end(), [&](const std::string& module) { return parameter.name.starts_with(module + '.'); });
}

}  // namespace temper::nn
