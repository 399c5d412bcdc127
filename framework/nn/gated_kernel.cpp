// An activation times a second input, in blocks that are turned into float32.
#include "nn/activation_vectors.h"
#include "nn/kernels.h"

#include <algorithm>

namespace temper::nn {

namespace {

constexpr std::size_t kBlock = 256;  // values

template <Gate kind>
TEMPER_INLINE ValueAndSlope activated(const float* x) {
  const Floats in = *reinterpret_cast<const Floats*>(x);
  if constexpr (kind == Gate::kSilu) return silu(in);
  return kind == Gate::kGeluTanh ? by_tanh(in) : by_erf(in);
}

template <class T>
TEMPER_INLINE void load(const T* from, float* block, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) block[i] = to_float(from[i]);
}

template <Gate kind, class T>
TEMPER_INLINE void forward(const T* gate, const T* up, T* y, std::size_t count) {
  alignas(64) float block[kBlock] = {};
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    load(gate + first, block, size);
    for (std::size_t i = 0; i < size; i += kLanes) *reinterpret_cast<Floats*>(block + i) = activated<kind>(block + i).value;
    for (std::size_t i = 0; i < size; ++i) store(block[i] * to_float(up[first + i]), y + first + i);
  }
}

template <Gate kind, class T>
TEMPER_INLINE void backward(const T* gate, const T* up, const T* dy, T* d_gate, T* d_up, std::size_t count) {
  alignas(64) float value[kBlock] = {}, slope[kBlock];
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    load(gate + first, value, size);
    for (std::size_t i = 0; i < size; i += kLanes) {
      const ValueAndSlope out = activated<kind>(value + i);
      *reinterpret_cast<Floats*>(value + i) = out.value;
      *reinterpret_cast<Floats*>(slope + i) = out.slope;
    }
    for (std::size_t i = 0; i < size; ++i) {
      const float dyi = to_float(dy[first + i]);
      store(dyi * to_float(up[first + i]) * slope[i], d_gate + first + i);
      store(dyi * value[i], d_up + first + i);
    }
  }
}

// One compiled copy per activation, element type and instruction set.
#define TEMPER_GATED(kind, T)                                                                                                     \
  TEMPER_CLONES void forward_##kind(const T* gate, const T* up, T* y, std::size_t count) { forward<Gate::kind>(gate, up, y, count); } \
  TEMPER_CLONES void backward_##kind(const T* gate, const T* up, const T* dy, T* d_gate, T* d_up, std::size_t count) {             \
    backward<Gate::kind>(gate, up, dy, d_gate, d_up, count);                                                                      \
  }
TEMPER_GATED(kSilu, float)
TEMPER_GATED(kSilu, Bf16)
TEMPER_GATED(kGeluErf, float)
TEMPER_GATED(kGeluErf, Bf16)
TEMPER_GATED(kGeluTanh, float)
TEMPER_GATED(kGeluTanh, Bf16)
#undef TEMPER_GATED

template <class T>
void run_forward(Gate kind, const T* gate, const T* up, T* y, std::size_t count) {
  switch (kind) {
    case Gate::kSilu: return forward_kSilu(gate, up, y, count);
    case Gate::kGeluErf: return forward_kGeluErf(gate, up, y, count);
    case Gate::kGeluTanh: return forward_kGeluTanh(gate, up, y, count);
  }
}

template <class T>
void run_backward(Gate kind, const T* gate, const T* up, const T* dy, T* d_gate, T* d_up, std::size_t count) {
  switch (kind) {
    case Gate::kSilu: return backward_kSilu(gate, up, dy, d_gate, d_up, count);
    case Gate::kGeluErf: return backward_kGeluErf(gate, up, dy, d_gate, d_up, count);
    case Gate::kGeluTanh: return backward_kGeluTanh(gate, up, dy, d_gate, d_up, count);
  }
}

}  // namespace

void gated_forward(Gate kind, const float* gate, const float* up, float* y, std::size_t count) { run_forward(kind, gate, up, y, count); }
void gated_forward(Gate kind, const Bf16* gate, const Bf16* up, Bf16* y, std::size_t count) { run_forward(kind, gate, up, y, count); }
void gated_backward(Gate kind, const float* gate, const float* up, const float* dy, float* d_gate, float* d_up, std::size_t count) {
  run_backward(kind, gate, up, dy, d_gate, d_up, count);
}
void gated_backward(Gate kind, const Bf16* gate, const Bf16* up, const Bf16* dy, Bf16* d_gate, Bf16* d_up, std::size_t count) {
  run_backward(kind, gate, up, dy, d_gate, d_up, count);
}

}  // namespace temper::nn
