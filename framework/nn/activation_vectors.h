// Activations of vectors of float32 and their derivatives. For the kernels' sources only.
#pragma once

#include "nn/vectors.h"

namespace temper::nn {

struct ValueAndSlope {
  Floats value, slope;
};

// The approximation is x s(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3) and the logistic s, since (1 + tanh u) / 2 = s(2 u).
TEMPER_INLINE ValueAndSlope by_tanh(Floats x) {
  constexpr float kTwice = 1.59576912f;  // 2 sqrt(2 / pi)
  const Floats square = x * x;
  const Floats s = 1.0f / (1.0f + exp_of(-kTwice * x * (1.0f + 0.044715f * square)));
  return {x * s, s + x * s * (1.0f - s) * kTwice * (1.0f + 0.134145f * square)};
}

// Phi(x) = (1 + erf(x / sqrt 2)) / 2. erf: Abramowitz and Stegun 1964, 7.1.26, to 1.5e-7; its exponential is that of the density too.
TEMPER_INLINE ValueAndSlope by_erf(Floats x) {
  const Floats z = (x < 0.0f ? -x : x) * 0.707106781f;
  const Floats t = 1.0f / (1.0f + 0.3275911f * z);
  const Floats density = exp_of(-z * z);
  const Floats tail = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t * density;
  const Floats phi = x < 0.0f ? 0.5f * tail : 1.0f - 0.5f * tail;
  return {x * phi, phi + x * density * 0.398942280f};
}

// Elfwing et al. 2018: x s(x) with the logistic s.
TEMPER_INLINE ValueAndSlope silu(Floats x) {
  const Floats s = 1.0f / (1.0f + exp_of(-x));
  return {x * s, s + x * s * (1.0f - s)};
}

}  // namespace temper::nn
