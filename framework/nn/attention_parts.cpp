// One part of an attention: blocks of keys, small enough to stay in the cache, times blocks of queries.
//
// Shapes: T keys of a block, Q queries of a block, D head width.
#include "nn/attention_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/attention_sums.h"

namespace temper::nn {

namespace {

constexpr std::int64_t kKeyBlock = 256;  // keys and values of 64 values each then take 128 KB

TEMPER_INLINE bool is_any_seen(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_position,
                               std::int64_t keys) {
  for (std::int64_t i = part.first_query; i < part.first_query + part.queries; ++i) {
    const Seen seen = seen_of_part(shape, positions[i], key_position, keys);
    if (seen.begin < seen.end) return true;
  }
  return false;
}

template <class T>
TEMPER_INLINE void add_part(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                            HeadRows<const T> q, HeadRows<const T> k, HeadRows<const T> v, const AttentionSums& sums, Scratch& scratch) {
  const std::int64_t block = std::min(kKeyBlock, part.keys);
  const std::int64_t d_stride = padded(shape.width, kLanes), t_stride = padded(block, kLanes);
  const std::int64_t q_rows = std::min(kQueryBlock, padded(part.queries, 4));
  Parts parts = parts_of(scratch, padded(block, 4) * d_stride + shape.width * t_stride + q_rows * (2 * d_stride + t_stride));
  float* rows = parts.take(padded(block, 4) * d_stride);  // keys first, values once these are transposed
  float* keys_t = parts.take(shape.width * t_stride);
  float* queries = parts.take(q_rows * d_stride);
  float* values = parts.take(q_rows * d_stride);
  float* p = parts.take(q_rows * t_stride);
  const std::int64_t share = shape.heads / shape.key_heads;
  for (std::int64_t key = 0; key < part.keys; key += kKeyBlock) {
    const std::int64_t count = std::min(kKeyBlock, part.keys - key), position = part.key_position + key;
    if (!is_any_seen(shape, part, positions, position, count)) continue;
    load_rows(k, part.first_key + key, count, key_head, shape.width, 1, rows, d_stride);
    transpose(rows, count, shape.width, d_stride, keys_t, t_stride);
    load_rows(v, part.first_key + key, count, key_head, shape.width, 1, rows, d_stride);
    for (std::int64_t first = part.first_query; first < part.first_query + part.queries; first += kQueryBlock) {
      const std::int64_t queries_here = std::min(kQueryBlock, part.first_query + part.queries - first);
      Seen any{count, 0};  // keys that some query of the block sees
      for (std::int64_t i = 0; i < queries_here; ++i) {
        const Seen seen = seen_of_part(shape, positions[first + i], position, count);
        if (seen.begin < seen.end) any = {std::min(any.begin, seen.begin), std::max(any.end, seen.end)};
      }
      if (any.begin >= any.end) continue;
      const std::int64_t begin = any.begin / kLanes * kLanes, columns = padded(any.end - begin, kLanes);
      for (std::int64_t head = key_head * share; head < (key_head + 1) * share; ++head) {
        load_rows(q, first, queries_here, head, shape.width, shape.scale, queries, d_stride);
        product<false>(queries_here, columns, shape.width, queries, d_stride, 1, keys_t + begin, t_stride, p, t_stride);
        RowSum row_sums[kQueryBlock];
        for (std::int64_t i = 0; i < padded(queries_here, 4); ++i) {
          const Seen seen = i < queries_here ? seen_of_part(shape, positions[first + i], position, count) : Seen{0, 0};
          if (seen.begin < seen.end) row_sums[i] = exponentiate_row(p + i * t_stride, {seen.begin - begin, seen.end - begin}, columns);
          else std::fill(p + i * t_stride, p + i * t_stride + columns, 0.0f);
          if (seen.begin >= seen.end && i < queries_here) row_sums[i] = {0, 0};
        }
        product<false>(queries_here, d_stride, any.end - begin, p, t_stride, 1, rows + begin * d_stride, d_stride, values, d_stride);
        for (std::int64_t i = 0; i < queries_here; ++i) {
          if (row_sums[i].total == 0) continue;
          float* out = sums.out.data + (first + i) * sums.out.row_stride + head * sums.out.head_stride;
          merge_row(out, sums.log_sums[(first + i) * shape.heads + head], values + i * d_stride, row_sums[i], shape.width);
        }
      }
    }
  }
}

// One compiled copy per element type and instruction set.
TEMPER_CLONES void add_f32(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                           HeadRows<const float> q, HeadRows<const float> k, HeadRows<const float> v, const AttentionSums& sums, Scratch& scratch) {
  add_part<float>(shape, part, positions, key_head, q, k, v, sums, scratch);
}
TEMPER_CLONES void add_bf16(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                            HeadRows<const Bf16> q, HeadRows<const Bf16> k, HeadRows<const Bf16> v, const AttentionSums& sums, Scratch& scratch) {
  add_part<Bf16>(shape, part, positions, key_head, q, k, v, sums, scratch);
}

}  // namespace

template <>
void add_attention_part(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                        HeadRows<const float> q, HeadRows<const float> k, HeadRows<const float> v, const AttentionSums& sums, Scratch& scratch) {
  add_f32(shape, part, positions, key_head, q, k, v, sums, scratch);
}
template <>
void add_attention_part(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                        HeadRows<const Bf16> q, HeadRows<const Bf16> k, HeadRows<const Bf16> v, const AttentionSums& sums, Scratch& scratch) {
  add_bf16(shape, part, positions, key_head, q, k, v, sums, scratch);
}

}  // namespace temper::nn
