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
void gelu_backward(Gelu kind, const Bf16* x, const Bf16* dy, Bf16* dx, std::size_t count);

}  // namespace temper::nn
