// Objectives: what a model is trained for. Counting comes before summing, so that accumulation and data parallel are exact.
#pragma once

#include <cstdint>
#include <span>

#include <temper/example.h>
#include <temper/torch/forward.h>

namespace temper {

class HeadedModel;  // temper/torch/headed_model.h

struct ObjectiveOutput {
  Tensor losses;  // [B], summed loss per sequence in nats, float32, differentiable
  Tensor logits;  // [B, labels], float32, where the head answers per sequence; undefined where it answers per token
};

class Objective {
 public:
  virtual ~Objective() = default;
  // How many targets the example has: the loss of a step is the sum of its losses over the sum of its counts.
  virtual std::int64_t count(const Example& example) const = 0;
  // `examples` are the sequences of context.input, in its order.
  virtual ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const = 0;
};

}  // namespace temper
