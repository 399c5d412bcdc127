// What greedy choice and likelihoods need of a row of logits, without a softmax of it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/kernels.h"
#include "nn/vectors.h"

namespace temper::nn {

TEMPER_CLONES RowSummary summary_of_row(const float* x, std::size_t count) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  constexpr std::size_t kWidth = kLanes, kBlock = 64 * kWidth;  // sums of a block are kept in double, so that long rows lose nothing
  const std::size_t whole = count / kWidth * kWidth;
  Floats most = all(kNever);
  for (std::size_t i = 0; i < whole; i += kWidth) {
    const Floats values = *reinterpret_cast<const Floats*>(x + i);
    most = values > most ? values : most;
  }
  float largest = kNever;
  for (int i = 0; i < kLanes; ++i) largest = std::max(largest, most[i]);
  for (std::size_t i = whole; i < count; ++i) largest = std::max(largest, x[i]);

  double total = 0;
  for (std::size_t begin = 0; begin < whole; begin += kBlock) {
    Floats sum{};
    for (std::size_t i = begin; i < std::min(whole, begin + kBlock); i += kWidth) sum += exp_of(*reinterpret_cast<const Floats*>(x + i) - largest);
    for (int i = 0; i < kLanes; ++i) total += sum[i];
  }
  for (std::size_t i = whole; i < count; ++i) total += std::exp(x[i] - largest);
  return {largest, std::find(x, x + count, largest) - x, static_cast<double>(largest) + std::log(total)};
}

}  // namespace temper::nn
