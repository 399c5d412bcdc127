// A clean pass over a split: evaluation mode, no gradients, no dropout, every item once. Train curve, validation curve and
// test predictions all come from it, so that they mean the same.
#pragma once

#include <cstdint>
#include <functional>
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

struct EvaluateOptions {
  std::int64_t batch_size = 32;
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
  inference::FrozenSplit* frozen = nullptr;  // of the examples, or of more that begin with them: states that are kept
  std::function<void()> alive = {};          // called after each batch; may be empty
};

// Everything is in the order of the examples, whatever the batches were.
struct Evaluation {
  std::vector<double> losses;               // summed negative log-likelihood per item, in nats
  std::vector<std::int64_t> counts;         // targets per item
  std::vector<std::vector<float>> logits;   // the rows of each item one after another; empty where the objective gives none

  double loss() const;         // nats per target: sum of losses over sum of counts; NaN when nothing counts
  double loss_stderr() const;  // standard error of `loss` over items; NaN with fewer than two items
};

Evaluation evaluate(HeadedModel& model, const Objective& objective, std::span<const Example> examples, const EvaluateOptions& options);

}  // namespace temper::training
