// Objectives: what a model is trained for. Counting comes before summing, so that accumulation and data parallel are exact.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <temper/example.h>
#include <temper/torch/forward.h>

namespace temper {

class HeadedModel;  // temper/torch/headed_model.h

struct ObjectiveOutput {
  Tensor losses;  // [B], summed loss per example in nats, float32, differentiable
  Tensor logits;  // [M, labels], float32: the rows of all examples in their order; undefined where nobody reads them (a vocabulary)
  std::vector<std::int64_t> rows = {};  // [B], how many of them each example has; empty: one each
};

class Objective {
 public:
  virtual ~Objective() = default;
  // How many targets the example has: the loss of an evaluation is the sum of its losses over the sum of its counts.
  virtual std::int64_t count(const Example& example) const = 0;
  // The same for the loss of a training step, where targets may weigh more or less (training.class_weights); forward then weighs the
  // losses where context.training is set.
  virtual double weight(const Example& example) const { return static_cast<double>(count(example)); }
  // `examples` are those packed into context.input, in its order.
  virtual ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const = 0;

  // Whether each pass learns from other inputs and labels than the example's own: tokens are masked anew in every epoch, say.
  virtual bool redraws() const { return false; }
  // The example as one pass sees it: a pure function of its arguments. Evaluations draw once, with a seed and an epoch of their own.
  virtual Example drawn(const Example& example, [[maybe_unused]] std::uint64_t seed, [[maybe_unused]] std::int64_t epoch) const { return example; }
};

}  // namespace temper
