// Kernels on raw CPU memory, compiled for several instruction sets and chosen at run time. No torch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nn/bf16_bits.h"
#include "nn/random_bits.h"

// ifunc resolvers run before a sanitizer's runtime is ready, so sanitized builds take the plain version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TEMPER_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TEMPER_CLONES
#endif

namespace temper::nn {

// out[r, c] = x[r, c] * scale, or 0 where the row's bits for channel c are below `threshold`. Rows of `channels` values.
void drop_rows(const float* x, float* out, const RowKey* keys, std::size_t rows, std::size_t channels, std::uint32_t threshold, float scale);
void drop_rows(const Bf16* x, Bf16* out, const RowKey* keys, std::size_t rows, std::size_t channels, std::uint32_t threshold, float scale);

// sum[i] += x[i].
void accumulate(float* sum, const Bf16* x, std::size_t count);
void accumulate(float* sum, const float* x, std::size_t count);

// x Phi(x) (Hendrycks and Gimpel 2016), or its approximation by tanh, computed in float32. For bfloat16, where libtorch's takes four
// times as long.
enum class Gelu { kErf, kTanh };
void gelu_forward(Gelu kind, const Bf16* x, Bf16* y, std::size_t count);
void gelu_tanh_forward(const float* x, float* y, std::size_t count);  // to 3e-7 of x
void gelu_backward(Gelu kind, const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count);

// activation(gate) * up, computed in float32, and its derivatives.
enum class Gate { kSilu, kGeluErf, kGeluTanh };
void gated_forward(Gate kind, const float* gate, const float* up, float* y, std::size_t count);
void gated_forward(Gate kind, const Bf16* gate, const Bf16* up, Bf16* y, std::size_t count);
void gated_backward(Gate kind, const float* gate, const float* up, const float* dy, float* d_gate, float* d_up, std::size_t count);
void gated_backward(Gate kind, const Bf16* gate, const Bf16* up, const Bf16* dy, Bf16* d_gate, Bf16* d_up, std::size_t count);

// A row of logits: the largest, its place (the first of several), and log of the sum of exp of all. A log_sum that is NaN says that some
// are NaN or infinite; the others may then be anything.
struct RowSummary {
  float largest = 0;
  std::int64_t place = 0;
  double log_sum = 0;
};
RowSummary summary_of_row(const float* x, std::size_t count);

// Rows of `width` values: y = x * inverse[r] * (weight + offset) with inverse[r] = 1 / sqrt(mean(x^2) + epsilon), which is kept.
void rms_norm_forward(const float* x, const float* weight, float offset, float epsilon, float* y, float* inverse, std::size_t rows, std::size_t width);
// dx is written, the weight's gradient is added to d_weight.
void rms_norm_backward(const float* x, const float* weight, float offset, const float* inverse, const float* dy, float* dx, float* d_weight,
                       std::size_t rows, std::size_t width);

// Turns the first `turned` channels of each head, channel i with channel i + turned / 2; the others are copied. `out` is contiguous.
// table: per position `turned / 2` cosines, then as many sines. `sign` is 1, or -1 for the gradient, which is turned back.
struct RotaryShape {
  std::int64_t heads = 0, width = 0, turned = 0;
  std::int64_t row_stride = 0, head_stride = 0;  // of x, in elements
};
void rotate(const RotaryShape& shape, const float* x, float* out, const std::int64_t* positions, const float* table, float sign, std::size_t rows);
void rotate(const RotaryShape& shape, const Bf16* x, Bf16* out, const std::int64_t* positions, const float* table, float sign, std::size_t rows);

}  // namespace temper::nn
