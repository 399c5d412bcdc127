// Freezing by requires_grad: what needs no gradient runs without recording and without dropout.
#include "training/tune.h"

#include <temper/error.h>

#include "nn/lora.h"

namespace temper::training {
namespace {

// Ben Zaken, Ravfogel and Goldberg 2021: every bias, that of norms too, and the head.
bool is_bias(const Parameter& parameter) { return parameter.tensor.dim() == 1 && parameter.name.ends_with("bias"); }

bool is_trained(const Parameter& parameter, const Tune& tune, HeadedModel& model) {
  const std::int64_t layers = model.model().shape().layers;
  switch (tune.mode) {
    case TuneMode::kFull: return true;
    case TuneMode::kHead: return parameter.is_head;
    case TuneMode::kLastLayers: return parameter.is_head || parameter.block >= layers - tune.last_layers;
    case TuneMode::kBias: return parameter.is_head || is_bias(parameter);
    case TuneMode::kLora: return nn::is_trained_with_lora(*model.lora(), parameter);
  }
  return false;
}

// What an earlier phase learned as an adapter becomes part of the weights, unless this phase goes on with the same one.
void prepare_adapters(HeadedModel& model, const Tune& tune, std::uint64_t seed) {
  const bool goes_on = model.lora() && tune.mode == TuneMode::kLora && model.lora()->options == tune.lora;
  if (goes_on) return;
  nn::merge_lora(model);
  if (tune.mode == TuneMode::kLora) nn::add_lora(model, tune.lora, seed);
}

}  // namespace

void apply_tune(HeadedModel& model, const Tune& tune, std::uint64_t seed) {
  const std::int64_t layers = model.model().shape().layers;
  if (tune.mode == TuneMode::kLastLayers && (tune.last_layers < 1 || tune.last_layers > layers)) {
    throw Error("last_layers is " + std::to_string(tune.last_layers) + ", the model has " + std::to_string(layers) + " blocks",
                "give a number from 1 to " + std::to_string(layers));
  }
  prepare_adapters(model, tune, seed);
  bool has_biases = false;
  for (Parameter& parameter : model.parameters().all()) {
    const bool trained = is_trained(parameter, tune, model);
    has_biases = has_biases || (is_bias(parameter) && !parameter.is_head);
    parameter.tensor.requires_grad_(trained);
    if (!trained) parameter.tensor.mutable_grad().reset();
  }
  if (tune.mode == TuneMode::kBias && !has_biases) {
    throw Error("tune = \"bitfit\" trains biases, and the blocks of this model have none", "take tune = \"lora\" or \"head\"");
  }
  if (model.parameters().trainable_count() == 0) {
    throw Error("this choice of tune leaves no parameter to train: the model's head has none of its own", "take tune = \"full\" or \"last_layers\"");
  }
}

}  // namespace temper::training
