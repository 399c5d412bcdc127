// Freezing by requires_grad: what needs no gradient runs without recording and without dropout.
#include "training/tune.h"

namespace temper::training {
namespace {

bool is_trained(const Parameter& parameter, const Tune& tune, std::int64_t layers) {
  switch (tune.mode) {
    case TuneMode::kFull: return true;
    case TuneMode::kHead: return parameter.is_head;
    case TuneMode::kLastLayers: return parameter.is_head || parameter.block >= layers - tune.last_layers;
    case TuneMode::kBias: return parameter.is_head || parameter.name.ends_with(".bias");
    case TuneMode::kLora: break;  // the adapters say
  }
  return false;
}

}  // namespace

void apply_tune(HeadedModel& model, const Tune& tune) {
  const std::int64_t layers = model.model().shape().layers;
  if (tune.mode == TuneMode::kLastLayers && (tune.last_layers < 1 || tune.last_layers > layers)) {
    throw Error("last_layers is " + std::to_string(tune.last_layers) + ", the model has " + std::to_string(layers) + " blocks",
                "give a number from 1 to " + std::to_string(layers));
  }
  for (Parameter& parameter : model.parameters().all()) {
    const bool trained = is_trained(parameter, tune, layers);
    parameter.tensor.requires_grad_(trained);
    if (!trained) parameter.tensor.mutable_grad().reset();
  }
  if (model.parameters().trainable_count() == 0) {
    throw Error("this choice of tune leaves no parameter to train: the model's head has none of its own", "take tune = \"full\" or \"last_layers\"");
  }
}

}  // namespace temper::training
