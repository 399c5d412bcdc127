// Forward and backward passes of an optimizer step.
#include "training/step.h"

#include <ATen/ATen.h>

#include "inference/frozen_states.h"
#include "training/data_order.h"

namespace temper::training {

StepLoss add_gradients(HeadedModel& model, const Objective& objective, std::span<const Example> examples,
                       const std::vector<std::vector<std::size_t>>& micro_batches, const StepOptions& options) {
  StepLoss result;
  double targets = 0;
  for (const auto& batch : micro_batches) {
    for (const std::size_t index : batch) {
      targets += objective.weight(examples[index]);
      result.tokens += static_cast<std::int64_t>(examples[index].ids.size());
    }
  }
  if (targets == 0) return result;

  ForwardContext context;
  context.training = true;
  context.bf16 = options.bf16;
  context.plain = options.plain;
  context.dropout = options.dropout;
  for (const auto& batch : micro_batches) {
    const PackedInput input(pack(examples, batch), options.device);
    std::vector<const Example*> chosen;
    for (const std::size_t index : batch) chosen.push_back(&examples[index]);
    context.input = &input;
    FrozenRows kept;
    if (options.frozen) {
      kept = options.frozen->rows(batch);
      context.frozen = &kept;
    }
    const Tensor loss = objective.forward(model, chosen, context).losses.sum() / targets;
    if (loss.requires_grad()) loss.backward();  // a micro-batch without targets has nothing to give
    result.loss += loss.item<double>();
  }
  return result;
}

}  // namespace temper::training
