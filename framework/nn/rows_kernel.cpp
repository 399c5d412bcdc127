// Kernels that run over rows: dropout, and sums of bfloat16 in float32.
#include "nn/kernels.h"

namespace temper::nn {

namespace {

template <class T>
inline __attribute__((always_inline)) void drop(const T* x, T* out, const RowKey* keys, std::size_t rows, std::size_t channels,
                                                std::uint32_t threshold, float scale) {
  for (std::size_t r = 0; r < rows; ++r) {
    const RowKey key = keys[r];
    const T* in = x + r * channels;
    T* to = out + r * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const float kept = random_bits(key, static_cast<std::uint32_t>(c)) < threshold ? 0.0f : scale;
      store(to_float(in[c]) * kept, to + c);
    }
  }
}

}  // namespace

TEMPER_CLONES void drop_rows(const float* x, float* out, const RowKey* keys, std::size_t rows, std::size_t channels,
                             std::uint32_t threshold, float scale) {
  drop(x, out, keys, rows, channels, threshold, scale);
}

TEMPER_CLONES void drop_rows(const Bf16* x, Bf16* out, const RowKey* keys, std::size_t rows, std::size_t channels,
                             std::uint32_t threshold, float scale) {
  drop(x, out, keys, rows, channels, threshold, scale);
}

TEMPER_CLONES void accumulate(float* sum, const Bf16* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += to_float(x[i]);
}

TEMPER_CLONES void accumulate(float* sum, const float* x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += x[i];
}

}  // namespace temper::nn
