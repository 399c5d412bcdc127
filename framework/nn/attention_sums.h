// Combining what parts of an attention give. For kernels only: everything is inlined.
//
// Milakov and Gimelshein 2018, "Online normalizer calculation for softmax", with L the log-sum and o the mean of values of two disjoint
// sets of keys:
//   L = log(exp L1 + exp L2)    o = exp(L1 - L) o1 + exp(L2 - L) o2
#pragma once

#include <algorithm>
#include <cmath>

#include "nn/attention_parts.h"
#include "nn/attention_tiles.h"

namespace temper::nn {

// Of keys [key_position, key_position + keys), those that a query at `position` sees; none: end is at most begin.
TEMPER_INLINE Seen seen_of_part(const AttentionShape& shape, std::int64_t position, std::int64_t key_position, std::int64_t keys) {
  const Seen seen = seen_from(shape, position, key_position + keys);
  return {std::max<std::int64_t>(0, seen.begin - key_position), seen.end - key_position};
}

TEMPER_INLINE void merge_row(float* out, float& log_sum, const float* values, RowSum row, std::int64_t width) {
  const float part = row.largest + std::log(row.total);
  const float most = std::max(log_sum, part);
  const float sum = most + std::log(std::exp(log_sum - most) + std::exp(part - most));
  const float keep = std::exp(log_sum - sum), add = std::exp(part - sum) / row.total;
  for (std::int64_t d = 0; d < width; ++d) out[d] = out[d] * keep + values[d] * add;
  log_sum = sum;
}

}  // namespace temper::nn
