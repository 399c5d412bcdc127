// RMSNorm over rows, forward and backward.
//
// With x^ = x * inverse and g = dy * (weight + offset): dx = inverse * (g - x^ * mean(g * x^)), d_weight = sum over rows of dy * x^.
#include "nn/kernels.h"
#include "nn/vectors.h"

#include <cmath>

namespace temper::nn {

namespace {

TEMPER_INLINE Floats at(const float* x) { return *reinterpret_cast<const Floats*>(x); }
TEMPER_INLINE float total(Floats x) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

}  // namespace

TEMPER_CLONES void rms_norm_forward(const float* x, const float* weight, float offset, float epsilon, float* y, float* inverse,
                                    std::size_t rows, std::size_t width) {
  const std::size_t whole = width / kLanes * kLanes;
  for (std::size_t r = 0; r < rows; ++r, x += width, y += width) {
    Floats squares{};
    for (std::size_t c = 0; c < whole; c += kLanes) squares += at(x + c) * at(x + c);
    float sum = total(squares);
    for (std::size_t c = whole; c < width; ++c) sum += x[c] * x[c];
    inverse[r] = 1 / std::sqrt(sum / static_cast<float>(width) + epsilon);
    const float scale = inverse[r];
    for (std::size_t c = 0; c < width; ++c) y[c] = x[c] * scale * (weight[c] + offset);
  }
}

TEMPER_CLONES void rms_norm_backward(const float* x, const float* weight, float offset, const float* inverse, const float* dy, float* dx,
                                     float* d_weight, std::size_t rows, std::size_t width) {
  const std::size_t whole = width / kLanes * kLanes;
  for (std::size_t r = 0; r < rows; ++r, x += width, dy += width, dx += width) {
    const float scale = inverse[r];
    Floats products{};
    for (std::size_t c = 0; c < whole; c += kLanes) products += at(dy + c) * (at(weight + c) + offset) * at(x + c);
    float sum = total(products);
    for (std::size_t c = whole; c < width; ++c) sum += dy[c] * (weight[c] + offset) * x[c];
    const float along = sum * scale * scale / static_cast<float>(width);  // mean(g * x^) * inverse, times x
    for (std::size_t c = 0; c < width; ++c) {
      d_weight[c] += dy[c] * x[c] * scale;
      dx[c] = scale * (dy[c] * (weight[c] + offset) - x[c] * along);
    }
  }
}

}  // namespace temper::nn
