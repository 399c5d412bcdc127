// Turns pairs of channels by tabulated angles.
#include "nn/kernels.h"

namespace temper::nn {

namespace {

template <class T>
inline __attribute__((always_inline)) void turn(const RotaryShape& shape, const T* x, T* out, const std::int64_t* positions, const float* table,
                                                float sign, std::size_t rows) {
  const std::int64_t half = shape.turned / 2;
  for (std::size_t n = 0; n < rows; ++n) {
    const float* cosine = table + positions[n] * shape.turned;
    const float* sine = cosine + half;
    for (std::int64_t h = 0; h < shape.heads; ++h, out += shape.width) {
      const T* in = x + static_cast<std::int64_t>(n) * shape.row_stride + h * shape.head_stride;
      T* __restrict__ to = out;
      for (std::int64_t i = 0; i < half; ++i) {
        const float a = to_float(in[i]), b = to_float(in[i + half]), s = sign * sine[i];
        store(a * cosine[i] - b * s, to + i);
        store(b * cosine[i] + a * s, to + i + half);
      }
      for (std::int64_t i = shape.turned; i < shape.width; ++i) to[i] = in[i];
    }
  }
}

}  // namespace

TEMPER_CLONES void rotate(const RotaryShape& shape, const float* x, float* out, const std::int64_t* positions, const float* table, float sign,
                          std::size_t rows) {
  turn(shape, x, out, positions, table, sign, rows);
}

TEMPER_CLONES void rotate(const RotaryShape& shape, const Bf16* x, Bf16* out, const std::int64_t* positions, const float* table, float sign,
                          std::size_t rows) {
  turn(shape, x, out, positions, table, sign, rows);
}

}  // namespace temper::nn
