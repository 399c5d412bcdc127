// Adapters become part of the weights.
#include <algorithm>
#include <sstream>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <temper/error.h>

#include "nn/lora.h"
#include "nn/random_bits.h"

namespace temper::nn {

namespace {

// Some sequences of made ids, the same for every model: what both sides of the check read.
Batch made_batch(const ModelShape& shape) {
  Batch batch;
  batch.starts.push_back(0);
  for (std::int64_t b = 0; b < 4; ++b) {
    const std::int64_t length = std::min<std::int64_t>(shape.max_positions, 5 + 4 * b);
    for (std::int64_t t = 0; t < length; ++t) {
      auto id = static_cast<std::int32_t>(mix64(static_cast<std::uint64_t>(100 * b + t)) % static_cast<std::uint64_t>(shape.vocabulary));
      if (id == shape.pad_id) id = id > 0 ? id - 1 : 0;
      batch.ids.push_back(id);
      batch.positions.push_back(static_cast<std::int32_t>(t));
      batch.segments.push_back(0);
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.ids.size()));
    batch.items.push_back(static_cast<std::uint64_t>(b));
  }
  return batch;
}

Tensor made_logits(HeadedModel& model) {
  const c10::NoGradGuard no_grad;
  const at::Device device = model.parameters().all().front().tensor.device();
  const PackedInput input(made_batch(model.model().shape()), device);
  ForwardContext context;
  context.input = &input;
  context.read = at::arange(input.tokens(), at::TensorOptions(at::kLong).device(device));
  const Tensor read = context.read;
  return model.logits(model.states(context, read), context);
}

std::string number(double value) {
  std::ostringstream text;
  text.precision(3);
  text << value;
  return text.str();
}

// W' = W + s (B A), in the weight's own layout; with DoRA its rows are then brought to their magnitude.
void merge(Parameter& weight) {
  const LoraAdapter& adapter = *weight.adapter;
  Tensor change = at::mm(adapter.b->tensor, adapter.a->tensor) * adapter.scaling;  // [out, in]
  Tensor scale;
  if (adapter.magnitude) scale = (adapter.magnitude->tensor / adapted_norm(weight)).unsqueeze(1);
  weight.adapter = nullptr;
  Tensor rows = weight.transposed ? weight.tensor.t() : weight.tensor;
  rows.add_(change);
  if (scale.defined()) rows.mul_(scale);
  mark_changed(weight);
}

}  // namespace

void check_merge(const Tensor& before, const Tensor& after) {
  const double largest = std::max(1.0, before.abs().max().item<double>());
  const double difference = (before - after).abs().max().item<double>();
  if (difference <= kMergeTolerance * largest) return;  // false for NaN
  throw Error("merging changed the model: logits of made token ids differ by " + number(difference) + ", at most " + number(kMergeTolerance * largest) + " was expected",
              "keep the adapter apart from its base model");
}

void merge_lora(HeadedModel& model) {
  if (!model.lora()) return;
  const Tensor before = made_logits(model);
  {
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : model.parameters().all()) {
      if (parameter.adapter) merge(parameter);
    }
  }
  model.parameters().keep_first(model.lora()->first_parameter);
  model.lora() = nullptr;
  check_merge(before, made_logits(model));
}

}  // namespace temper::nn
