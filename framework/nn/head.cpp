// The head of a model, built from what the family says of it.
#include "nn/head.h"

#include <ATen/ATen.h>

#include <temper/error.h>

namespace temper {

namespace {

// Places of dropout in a head lie above those that blocks use.
constexpr int kFirstSite = 64;

Parameter& tied_parameter(Model& model, const HeadLayer& layer) {
  Parameter* tied = model.parameters().find(layer.tied_to);
  if (!tied) throw Error("the head's layer \"" + layer.name + "\" is tied to \"" + layer.tied_to + "\", which the model does not have");
  return *tied;
}

Parameter& add_bias(Model& model, const std::string& name, std::int64_t width, std::int64_t block) {
  Parameter bias;
  bias.name = name;
  bias.tensor = at::zeros({width}, at::kFloat);
  bias.tensor.requires_grad_(true);
  bias.init = Init::kZeros;
  bias.decays = false;
  bias.block = block;
  bias.is_head = true;
  return model.parameters().add(std::move(bias));
}

}  // namespace

Head::Head(Model& model, const HeadSpec& spec, std::int64_t labels) : is_pooled_(spec.pooling != Pooling::kEach) {
  const ModelShape shape = model.shape();
  std::int64_t width = shape.width;
  for (const HeadLayer& layer : spec.layers) {
    Layer made{layer, nullptr, std::nullopt};
    const std::string bias_name = layer.bias_name.empty() ? layer.name + ".bias" : layer.bias_name;
    std::int64_t out = layer.out > 0 ? layer.out : labels;
    if (!layer.tied_to.empty()) {
      Parameter& tied = tied_parameter(model, layer);
      out = tied.tensor.size(tied.transposed ? 1 : 0);
      made.linear = std::make_unique<Linear>(tied, layer.bias ? &add_bias(model, bias_name, out, shape.layers) : nullptr);
    } else {
      if (out <= 0) throw Error("the head \"" + layer.name + "\" needs the number of labels");
      LinearOptions options;
      options.bias = layer.bias;
      options.bias_name = bias_name;
      options.init_std = layer.init_std;
      options.block = shape.layers;
      options.is_head = true;
      made.linear = std::make_unique<Linear>(model.parameters(), layer.name, width, out, options);
    }
    if (!layer.norm.empty()) made.norm.emplace(model.parameters(), layer.norm, out, layer.norm_epsilon, shape.layers, true);
    width = out;
    layers_.push_back(std::move(made));
  }
}

Tensor Head::forward(Tensor x, ForwardContext context) {
  // A row per sequence is little work: it is done in float32, whatever the products of the blocks are.
  if (is_pooled_) context.bf16 = false;
  int site = kFirstSite;
  for (Layer& layer : layers_) {
    x = dropout(x, layer.spec.dropout, site++, context);
    x = layer.linear->forward(x, context);
    if (!layer.spec.activation.empty()) x = activation(layer.spec.activation, x);
    if (layer.norm) x = layer.norm->forward(x);
  }
  return x.to(at::kFloat);
}

bool Head::has_dropout() const {
  for (const Layer& layer : layers_) {
    if (layer.spec.dropout > 0) return true;
  }
  return false;
}

}  // namespace temper
