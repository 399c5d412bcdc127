// Attention of a few queries, one after the other: what a decoding step does for each of its rows.
//
// Shapes: T keys of the part, D head width.
#include <algorithm>

#include "nn/attention_sums.h"

namespace temper::nn {

namespace {

static_assert(kFewWidth == kLanes);

// The sums of four vectors.
TEMPER_INLINE void four_sums(Floats a, Floats b, Floats c, Floats d, float* out) {
  // Pairs within each quarter of the vectors, so that narrow instruction sets shuffle nothing across their registers.
  const Floats ab = __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
                    __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  const Floats cd = __builtin_shufflevector(c, d, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
                    __builtin_shufflevector(c, d, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  const Floats all = __builtin_shufflevector(ab, cd, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
                     __builtin_shufflevector(ab, cd, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
  for (int i = 0; i < 4; ++i) out[i] = (all[i] + all[4 + i]) + (all[8 + i] + all[12 + i]);
}

// out[t] = q . k[t], for keys 4 at a time; `vectors` = D / 16. `out` is padded to a multiple of 4.
template <class T>
TEMPER_INLINE void scores(const float* q, const T* k, std::int64_t stride, std::int64_t keys, std::int64_t vectors, float* out) {
  for (std::int64_t t = 0; t < keys; t += 4) {
    Floats sum[4] = {};
    const T* rows[4];
    for (int i = 0; i < 4; ++i) rows[i] = k + std::min(t + i, keys - 1) * stride;
    for (std::int64_t j = 0; j < vectors; ++j) {
      const Floats left = load_vector(q + j * kLanes);
      for (int i = 0; i < 4; ++i) sum[i] += left * load_vector(rows[i] + j * kLanes);
    }
    four_sums(sum[0], sum[1], sum[2], sum[3], out + t);
  }
}

// out[d] = sum over t of p[t] v[t, d], for `vectors` vectors of channels.
template <int vectors, class T>
TEMPER_INLINE void mean_values(const float* p, const T* v, std::int64_t stride, std::int64_t keys, float* out) {
  Floats even[vectors] = {}, odd[vectors] = {};
  std::int64_t t = 0;
  for (; t + 1 < keys; t += 2) {
    for (int j = 0; j < vectors; ++j) even[j] += p[t] * load_vector(v + t * stride + j * kLanes);
    for (int j = 0; j < vectors; ++j) odd[j] += p[t + 1] * load_vector(v + (t + 1) * stride + j * kLanes);
  }
  if (t < keys) {
    for (int j = 0; j < vectors; ++j) even[j] += p[t] * load_vector(v + t * stride + j * kLanes);
  }
  for (int j = 0; j < vectors; ++j) *reinterpret_cast<Floats*>(out + j * kLanes) = even[j] + odd[j];
}

template <class T>
TEMPER_INLINE void add_few(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                           HeadRows<const T> q, HeadRows<const T> k, HeadRows<const T> v, const AttentionSums& sums, Scratch& scratch) {
  Parts parts = parts_of(scratch, padded(part.keys, kLanes) + 2 * shape.width);
  float* p = parts.take(part.keys);
  float* query = parts.take(shape.width);
  float* values = parts.take(shape.width);
  const std::int64_t share = shape.heads / shape.key_heads, vectors = shape.width / kLanes;
  for (std::int64_t row = part.first_query; row < part.first_query + part.queries; ++row) {
    const Seen seen = seen_of_part(shape, positions[row], part.key_position, part.keys);
    const std::int64_t count = seen.end - seen.begin;
    if (count <= 0) continue;
    const T* first_key = k.data + (part.first_key + seen.begin) * k.row_stride + key_head * k.head_stride;
    const T* first_value = v.data + (part.first_key + seen.begin) * v.row_stride + key_head * v.head_stride;
    for (std::int64_t head = key_head * share; head < (key_head + 1) * share; ++head) {
      const T* from = q.data + row * q.row_stride + head * q.head_stride;
      for (std::int64_t d = 0; d < shape.width; ++d) query[d] = to_float(from[d]) * shape.scale;
      scores(query, first_key, k.row_stride, count, vectors, p);
      const RowSum sum = exponentiate_row(p, {0, count}, padded(count, kLanes));
      std::int64_t j = 0;
      for (; j + 4 <= vectors; j += 4) mean_values<4>(p, first_value + j * kLanes, v.row_stride, count, values + j * kLanes);
      for (; j < vectors; ++j) mean_values<1>(p, first_value + j * kLanes, v.row_stride, count, values + j * kLanes);
      merge_row(sums.out.data + row * sums.out.row_stride + head * sums.out.head_stride, sums.log_sums[row * shape.heads + head], values, sum, shape.width);
    }
  }
}

TEMPER_CLONES void few_f32(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                           HeadRows<const float> q, HeadRows<const float> k, HeadRows<const float> v, const AttentionSums& sums, Scratch& scratch) {
  add_few<float>(shape, part, positions, key_head, q, k, v, sums, scratch);
}
TEMPER_CLONES void few_bf16(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                            HeadRows<const Bf16> q, HeadRows<const Bf16> k, HeadRows<const Bf16> v, const AttentionSums& sums, Scratch& scratch) {
  add_few<Bf16>(shape, part, positions, key_head, q, k, v, sums, scratch);
}

}  // namespace

template <>
void add_attention_of_few(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                          HeadRows<const float> q, HeadRows<const float> k, HeadRows<const float> v, const AttentionSums& sums, Scratch& scratch) {
  few_f32(shape, part, positions, key_head, q, k, v, sums, scratch);
}
template <>
void add_attention_of_few(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                          HeadRows<const Bf16> q, HeadRows<const Bf16> k, HeadRows<const Bf16> v, const AttentionSums& sums, Scratch& scratch) {
  few_bf16(shape, part, positions, key_head, q, k, v, sums, scratch);
}

}  // namespace temper::nn
