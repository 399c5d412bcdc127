// What the attention kernels are made of: small matrix products, rows in and out of scratch memory, softmax. For kernels only:
// everything is inlined, and so compiled for the instruction set of the kernel that uses it.
//
// Shapes: T keys, D head width. Rows in scratch are padded with zeros to whole vectors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "nn/attention_kernel.h"
#include "nn/vectors.h"

namespace temper::nn {

constexpr std::int64_t kQueryBlock = 32;  // queries whose scores are held at once

constexpr std::int64_t padded(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }

TEMPER_INLINE float sum_of(Floats x) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
}

TEMPER_INLINE Floats load_vector(const float* x) { return *reinterpret_cast<const Floats*>(x); }
TEMPER_INLINE Floats load_vector(const Bf16* x) {
  using Bits = std::uint16_t __attribute__((vector_size(32), aligned(2), may_alias));
  const Ints wide = __builtin_convertvector(*reinterpret_cast<const Bits*>(x), Ints) << 16;
  return reinterpret_cast<const Floats&>(wide);
}

// c[i, j] (+)= sum over k of a[i * a_row + k * a_column] * b[k, j], for 4 rows and `vectors` vectors of columns.
template <int vectors, bool add>
TEMPER_INLINE void tile(const float* a, std::int64_t a_row, std::int64_t a_column, const float* b, std::int64_t b_row, std::int64_t depth,
                        float* c, std::int64_t c_row) {
  Floats sum[4][vectors];
  for (int r = 0; r < 4; ++r) {
    for (int j = 0; j < vectors; ++j) sum[r][j] = add ? *reinterpret_cast<const Floats*>(c + r * c_row + j * kLanes) : Floats{};
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    Floats right[vectors];
    for (int j = 0; j < vectors; ++j) right[j] = *reinterpret_cast<const Floats*>(b + k * b_row + j * kLanes);
    for (int r = 0; r < 4; ++r) {
      const float left = a[r * a_row + k * a_column];
      for (int j = 0; j < vectors; ++j) sum[r][j] += left * right[j];
    }
  }
  for (int r = 0; r < 4; ++r) {
    for (int j = 0; j < vectors; ++j) *reinterpret_cast<Floats*>(c + r * c_row + j * kLanes) = sum[r][j];
  }
}

// c [rows, columns] (+)= a b; rows are taken 4 at a time and columns 16 at a time, all three matrices are padded accordingly.
template <bool add>
TEMPER_INLINE void product(std::int64_t rows, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t a_row,
                           std::int64_t a_column, const float* b, std::int64_t b_row, float* c, std::int64_t c_row) {
  for (std::int64_t i = 0; i < rows; i += 4) {
    std::int64_t j = 0;
    for (; j + kLanes < columns; j += 2 * kLanes) {
      tile<2, add>(a + i * a_row, a_row, a_column, b + j, b_row, depth, c + i * c_row + j, c_row);
    }
    if (j < columns) tile<1, add>(a + i * a_row, a_row, a_column, b + j, b_row, depth, c + i * c_row + j, c_row);
  }
}

// Rows [first, first + count) of one head to float32 rows of `stride` values, times `scale`; rows up to a multiple of 4 are zero.
template <class T>
TEMPER_INLINE void load_rows(HeadRows<const T> from, std::int64_t first, std::int64_t count, std::int64_t head, std::int64_t width,
                             float scale, float* out, std::int64_t stride) {
  for (std::int64_t t = 0; t < padded(count, 4); ++t) {
    std::fill(out + t * stride, out + (t + 1) * stride, 0.0f);
    if (t >= count) continue;
    const T* row = from.data + (first + t) * from.row_stride + head * from.head_stride;
    for (std::int64_t d = 0; d < width; ++d) out[t * stride + d] = to_float(row[d]) * scale;
  }
}

// The transpose of rows in scratch: [count, width] with row stride `stride` to [width, padded count].
TEMPER_INLINE void transpose(const float* rows, std::int64_t count, std::int64_t width, std::int64_t stride, float* out, std::int64_t out_stride) {
  for (std::int64_t d = 0; d < width; ++d) std::fill(out + d * out_stride + count, out + (d + 1) * out_stride, 0.0f);
  for (std::int64_t t = 0; t < count; ++t) {
    for (std::int64_t d = 0; d < width; ++d) out[d * out_stride + t] = rows[t * stride + d];
  }
}

template <class T>
TEMPER_INLINE void store_rows(const float* rows, std::int64_t stride, std::int64_t count, std::int64_t width, float scale, HeadRows<T> to,
                              std::int64_t first, std::int64_t head) {
  for (std::int64_t t = 0; t < count; ++t) {
    T* row = to.data + (first + t) * to.row_stride + head * to.head_stride;
    for (std::int64_t d = 0; d < width; ++d) store(rows[t * stride + d] * scale, row + d);
  }
}

// Keys [begin, end) that the query at `position` sees.
struct Seen {
  std::int64_t begin, end;
};
TEMPER_INLINE Seen seen_from(const AttentionShape& shape, std::int64_t position, std::int64_t keys) {
  const std::int64_t end = shape.causal ? std::min(keys, position + 1) : keys;
  return {shape.window > 0 ? std::max<std::int64_t>(0, position - shape.window + 1) : 0, end};
}

// What a row of scores came to: the largest score, and the sum of exp(score - largest).
struct RowSum {
  float largest, total;
};

// Scores to exp(score - largest) in place, one row; 0 outside `seen`, which holds one key at least.
TEMPER_INLINE RowSum exponentiate_row(float* row, Seen seen, std::int64_t stride) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  std::fill(row, row + seen.begin, kNever);
  std::fill(row + seen.end, row + stride, kNever);
  Floats most = all(kNever);
  for (std::int64_t j = 0; j < stride; j += kLanes) {
    const Floats s = *reinterpret_cast<const Floats*>(row + j);
    most = s > most ? s : most;
  }
  float largest = kNever;
  for (int i = 0; i < kLanes; ++i) largest = std::max(largest, most[i]);
  for (std::int64_t j = 0; j < stride; j += kLanes) {
    Floats& s = *reinterpret_cast<Floats*>(row + j);
    s = exp_of(s - largest);
  }
  std::fill(row, row + seen.begin, 0.0f);
  std::fill(row + seen.end, row + stride, 0.0f);
  Floats total{};
  for (std::int64_t j = 0; j < stride; j += kLanes) total += *reinterpret_cast<const Floats*>(row + j);
  return {largest, sum_of(total)};
}

// Scores to probabilities.
TEMPER_INLINE void softmax_row(float* row, Seen seen, std::int64_t stride) {
  const float inverse = 1 / exponentiate_row(row, seen, stride).total;
  for (std::int64_t j = 0; j < stride; j += kLanes) *reinterpret_cast<Floats*>(row + j) *= inverse;
}

// Hands out parts of the scratch memory, each aligned as the vectors like it.
struct Parts {
  float* next;
  TEMPER_INLINE float* take(std::int64_t count) {
    float* part = next;
    next += padded(count, kLanes);
    return part;
  }
};

TEMPER_INLINE Parts parts_of(Scratch& scratch, std::int64_t count) {
  if (static_cast<std::int64_t>(scratch.size()) < count + 2 * kLanes) scratch.resize(count + 2 * kLanes);
  const auto address = reinterpret_cast<std::uintptr_t>(scratch.data());
  return {scratch.data() + (64 - address % 64) % 64 / sizeof(float)};
}

}  // namespace temper::nn
