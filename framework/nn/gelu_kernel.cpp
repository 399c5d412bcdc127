// GELU of bfloat16 values and its derivative, in blocks that are turned into float32; its value of float32 values.
#include "nn/activation_vectors.h"
#include "nn/kernels.h"

#include <algorithm>

namespace temper::nn {

namespace {

constexpr std::size_t kBlock = 256;  // values

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

TEMPER_CLONES void gelu_tanh_forward(const float* x, float* y, std::size_t count) {
  const std::size_t whole = count / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) *reinterpret_cast<Floats*>(y + i) = by_tanh(*reinterpret_cast<const Floats*>(x + i)).value;
  if (whole == count) return;
  float rest[kLanes] = {};
  std::copy(x + whole, x + count, rest);
  *reinterpret_cast<Floats*>(rest) = by_tanh(*reinterpret_cast<const Floats*>(rest)).value;
  std::copy(rest, rest + (count - whole), y + whole);
}

void gelu_forward(Gelu kind, const Bf16* x, Bf16* y, std::size_t count) { kind == Gelu::kTanh ? forward_tanh(x, y, count) : forward_erf(x, y, count); }

void gelu_backward(Gelu kind, const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count) {
  kind == Gelu::kTanh ? backward_tanh(x, dy, dx, count) : backward_erf(x, dy, dx, count);
}

}  // namespace temper::nn
