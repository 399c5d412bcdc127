// The gradients of one optimizer step, over all its micro-batches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <c10/core/Device.h>
#include <temper/example.h>
#include <temper/torch/headed_model.h>
#include <temper/torch/objective.h>

namespace temper::inference {
class FrozenSplit;
}

namespace temper::training {

struct StepOptions {
  DropoutSource dropout;
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
  inference::FrozenSplit* frozen = nullptr;  // of the examples: states that are kept
};

struct StepLoss {
  double loss = 0;          // nats per target, over all micro-batches at once; 0 when nothing counts
  std::int64_t tokens = 0;  // of all sequences
};

// Adds to the gradients of the model's trainable parameters those of: sum of losses / sum of counts. Targets are counted over the
// whole step first, so that a step in micro-batches is the step of the larger batch.
StepLoss add_gradients(HeadedModel& model, const Objective& objective, std::span<const Example> examples,
                       const std::vector<std::vector<std::size_t>>& micro_batches, const StepOptions& options);

}  // namespace temper::training
