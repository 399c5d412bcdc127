// The head's answers to items without labels: what prediction reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <c10/core/Device.h>
#include <temper/example.h>
#include <temper/torch/headed_model.h>

namespace temper::inference {

class FrozenStates;

struct ClassifyOptions {
  std::int64_t batch_size = 32;
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
  FrozenStates* frozen = nullptr;  // of this model: what it keeps is used, and kept
};

// One row of logits per example, in their order; for heads that read one token per sequence. Labels are not looked at.
std::vector<std::vector<float>> classify(HeadedModel& model, std::span<const Example> examples, const ClassifyOptions& options);

// exp(x - log sum exp x), in float64.
std::vector<double> probabilities(std::span<const float> logits);
std::vector<double> probabilities(std::span<const double> logits);

}  // namespace temper::inference
