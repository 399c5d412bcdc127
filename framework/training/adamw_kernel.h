// One AdamW update on raw CPU memory, compiled for several instruction sets and chosen at run time. No torch.
#pragma once

#include <cstddef>

#include "nn/bf16_bits.h"

namespace temper::training {

// What a step does to every element; optimizer.h has the formula.
struct AdamWStep {
  float gradient_scale;  // of clipping
  float beta1, beta2, epsilon;
  float decay;           // 1 - learning rate * weight decay
  float step_size;       // learning rate / (1 - beta1^t)
  float root_scale;      // 1 / sqrt(1 - beta2^t)
};

// Updates p, m and v; writes p as bfloat16 to `half` too, unless that is null. Memory is read and written once: torch's fused
// kernel also stores the scaled gradient, and the bfloat16 copy then costs a pass of its own.
void adamw_update(float* p, const float* g, float* m, float* v, nn::Bf16* half, std::size_t count, const AdamWStep& step);

}  // namespace temper::training
