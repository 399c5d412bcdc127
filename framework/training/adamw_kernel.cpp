// AdamW's update, element by element.
#include "training/adamw_kernel.h"

#include <cmath>

#include "nn/kernels.h"

namespace temper::training {
namespace {

inline __attribute__((always_inline)) float updated(float p, float gradient, float& m, float& v, const AdamWStep& step) {
  const float g = gradient * step.gradient_scale;
  m = step.beta1 * m + (1 - step.beta1) * g;
  v = step.beta2 * v + (1 - step.beta2) * g * g;
  return p * step.decay - step.step_size * m / (std::sqrt(v) * step.root_scale + step.epsilon);
}

TEMPER_CLONES void update(float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, std::size_t count, const AdamWStep& given) {
  const AdamWStep step = given;
  for (std::size_t i = 0; i < count; ++i) p[i] = updated(p[i], g[i], m[i], v[i], step);
}

TEMPER_CLONES void update_both(float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, nn::Bf16* __restrict half,
                               std::size_t count, const AdamWStep& given) {
  const AdamWStep step = given;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = updated(p[i], g[i], m[i], v[i], step);
    p[i] = value;
    nn::store(value, half + i);
  }
}

}  // namespace

void adamw_update(float* p, const float* g, float* m, float* v, nn::Bf16* half, std::size_t count, const AdamWStep& step) {
  if (half) {
    update_both(p, g, m, v, half, count, step);
  } else {
    update(p, g, m, v, count, step);
  }
}

}  // namespace temper::training
