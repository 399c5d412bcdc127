// GELU of bfloat16 values and its derivative, in blocks that are turned into float32.
#include "nn/kernels.h"
#include "nn/vectors.h"

#include <algorithm>

namespace temper::nn {

namespace {

constexpr std::size_t kBlock = 256;  // values

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

template <bool tanh>
TEMPER_INLINE ValueAndSlope gelu(const float* x) {
  const Floats in = *reinterpret_cast<const Floats*>(x);
  return tanh ? by_tanh(in) : by_erf(in);
}

template <bool tanh>
TEMPER_INLINE void forward(const Bf16* x, Bf16* y, std::size_t count) {
  alignas(64) float block[kBlock] = {};
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    for (std::size_t i = 0; i < size; ++i) block[i] = to_float(x[first + i]);
    for (std::size_t i = 0; i < size; i += kLanes) *reinterpret_cast<Floats*>(block + i) = gelu<tanh>(block + i).value;
    for (std::size_t i = 0; i < size; ++i) store(block[i], y + first + i);
  }
}

template <bool tanh>
TEMPER_INLINE void backward(const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count) {
  alignas(64) float block[kBlock] = {};
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    for (std::size_t i = 0; i < size; ++i) block[i] = to_float(x[first + i]);
    for (std::size_t i = 0; i < size; i += kLanes) *reinterpret_cast<Floats*>(block + i) = gelu<tanh>(block + i).slope;
    for (std::size_t i = 0; i < size; ++i) store(block[i] * to_float(dy[first + i]), dx + first + i);
  }
}

TEMPER_CLONES void forward_tanh(const Bf16* x, Bf16* y, std::size_t count) { forward<true>(x, y, count); }
TEMPER_CLONES void forward_erf(const Bf16* x, Bf16* y, std::size_t count) { forward<false>(x, y, count); }
TEMPER_CLONES void backward_tanh(const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count) { backward<true>(x, dy, dx, count); }
TEMPER_CLONES void backward_erf(const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count) { backward<false>(x, dy, dx, count); }

}  // namespace

void gelu_forward(Gelu kind, const Bf16* x, Bf16* y, std::size_t count) { kind == Gelu::kTanh ? forward_tanh(x, y, count) : forward_erf(x, y, count); }

void gelu_backward(Gelu kind, const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count) {
  kind == Gelu::kTanh ? backward_tanh(x, dy, dx, count) : backward_erf(x, dy, dx, count);
}

}  // namespace temper::nn
