// Softmax attention of packed sequences, forward and backward, a block of queries at a time.
//
// Shapes: T keys of a sequence, Q queries in a block, D head width. Rows in scratch are padded with zeros to whole vectors.
// Formulas, with S = scale Q K^T, P = softmax(S), M the dropout mask (0 or 1 / (1 - p)), P' = P * M, O = P' V:
//   dV = P'^T dO    dP = (dO V^T) * M    dS = P * (dP - rowsum(P * dP))    dQ = scale dS K    dK = scale dS^T Q
#include "nn/attention_kernel.h"

#include <algorithm>

#include "nn/attention_tiles.h"

namespace temper::nn {

namespace {

// 0 or keep_scale for each key of one row.
TEMPER_INLINE void mask_row(float* mask, std::int64_t first_key, std::int64_t keys, const AttentionShape& shape, RowKey key, std::int64_t head) {
  for (std::int64_t j = 0; j < keys; ++j) {
    mask[j] = random_bits(key, probability_channel(head, first_key + j)) < shape.drop_threshold ? 0.0f : shape.keep_scale;
  }
}

// One block of queries: `rows` of them from `first` on. Sizes in scratch: D' = padded D, T' = padded T.
// Keys [begin, begin + keys), both multiples of 16, are those that any query of the block may see; the last ones may be padding.
struct Block {
  std::int64_t first, rows, begin, keys;
  std::int64_t depth(const AttentionSequence& sequence) const { return std::min(keys, sequence.keys - begin); }
};
TEMPER_INLINE Block block_at(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t first) {
  const std::int64_t rows = std::min(kQueryBlock, sequence.queries - first);
  const Seen last = seen_from(shape, sequence.query_position + first + rows - 1, sequence.keys);
  const std::int64_t begin = seen_from(shape, sequence.query_position + first, sequence.keys).begin / kLanes * kLanes;
  return {first, rows, begin, padded(last.end - begin, kLanes)};
}

// Probabilities of a block, and its masks where there is dropout. q [rows, D'] is scaled; keys_t [D, T'].
TEMPER_INLINE void probabilities(const AttentionShape& shape, const AttentionSequence& sequence, const Block& block, std::int64_t head,
                                 const float* q, std::int64_t q_stride, const float* keys_t, std::int64_t t_stride, float* p, float* mask) {
  product<false>(block.rows, block.keys, shape.width, q, q_stride, 1, keys_t + block.begin, t_stride, p, t_stride);
  for (std::int64_t i = 0; i < padded(block.rows, 4); ++i) {
    float* row = p + i * t_stride;
    if (i >= block.rows) {
      std::fill(row, row + block.keys, 0.0f);
      if (shape.drop_threshold) std::fill(mask + i * t_stride, mask + i * t_stride + block.keys, 0.0f);
      continue;
    }
    const std::int64_t position = sequence.query_position + block.first + i;
    const Seen seen = seen_from(shape, position, sequence.keys);
    softmax_row(row, {seen.begin - block.begin, seen.end - block.begin}, block.keys);
    if (shape.drop_threshold) mask_row(mask + i * t_stride, block.begin, block.keys, shape, row_key(sequence.dropout_key, position), head);
  }
}

TEMPER_INLINE void multiply_rows(const float* x, const float* y, float* out, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) out[i * stride + j] = x[i * stride + j] * y[i * stride + j];
  }
}

template <class T>
TEMPER_INLINE void forward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const T> q,
                           HeadRows<const T> k, HeadRows<const T> v, HeadRows<T> out, Scratch& scratch) {
  const std::int64_t d_stride = padded(shape.width, kLanes), t_stride = padded(sequence.keys, kLanes);
  const std::int64_t t_rows = padded(sequence.keys, 4), q_rows = std::min(kQueryBlock, padded(sequence.queries, 4));
  Parts parts = parts_of(scratch, t_rows * d_stride + shape.width * t_stride + 2 * q_rows * (d_stride + t_stride));
  float* rows = parts.take(t_rows * d_stride);  // keys first, values once these are transposed
  float* keys_t = parts.take(shape.width * t_stride);
  float* queries = parts.take(q_rows * d_stride);
  float* sums = parts.take(q_rows * d_stride);
  float* p = parts.take(q_rows * t_stride);
  float* mask = parts.take(q_rows * t_stride);

  load_rows(k, sequence.first_key, sequence.keys, key_head, shape.width, 1, rows, d_stride);
  transpose(rows, sequence.keys, shape.width, d_stride, keys_t, t_stride);
  load_rows(v, sequence.first_key, sequence.keys, key_head, shape.width, 1, rows, d_stride);
  const std::int64_t share = shape.heads / shape.key_heads;
  for (std::int64_t head = key_head * share; head < (key_head + 1) * share; ++head) {
    for (std::int64_t first = 0; first < sequence.queries; first += kQueryBlock) {
      const Block block = block_at(shape, sequence, first);
      load_rows(q, sequence.first_query + first, block.rows, head, shape.width, shape.scale, queries, d_stride);
      probabilities(shape, sequence, block, head, queries, d_stride, keys_t, t_stride, p, mask);
      if (shape.drop_threshold) multiply_rows(p, mask, p, block.rows, block.keys, t_stride);
      product<false>(block.rows, d_stride, block.depth(sequence), p, t_stride, 1, rows + block.begin * d_stride, d_stride, sums, d_stride);
      store_rows(sums, d_stride, block.rows, shape.width, 1, out, sequence.first_query + first, head);
    }
  }
}

template <class T>
TEMPER_INLINE void backward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const T> q,
                            HeadRows<const T> k, HeadRows<const T> v, HeadRows<const T> out_gradient, HeadRows<T> q_gradient,
                            HeadRows<T> k_gradient, HeadRows<T> v_gradient, Scratch& scratch) {
  const std::int64_t d_stride = padded(shape.width, kLanes), t_stride = padded(sequence.keys, kLanes);
  // Products that sum over queries write 4 rows of keys at a time, up to the padded number of keys.
  const std::int64_t q_rows = std::min(kQueryBlock, padded(sequence.queries, 4));
  Parts parts = parts_of(scratch, 3 * t_stride * d_stride + 2 * shape.width * t_stride + 3 * q_rows * d_stride + 3 * q_rows * t_stride);
  float* keys = parts.take(t_stride * d_stride);
  float* keys_t = parts.take(shape.width * t_stride);
  float* values_t = parts.take(shape.width * t_stride);
  float* dk = parts.take(t_stride * d_stride);
  float* dv = parts.take(t_stride * d_stride);
  float* queries = parts.take(q_rows * d_stride);
  float* d_out = parts.take(q_rows * d_stride);
  float* dq = parts.take(q_rows * d_stride);
  float* p = parts.take(q_rows * t_stride);
  float* mask = parts.take(q_rows * t_stride);
  float* ds = parts.take(q_rows * t_stride);

  load_rows(v, sequence.first_key, sequence.keys, key_head, shape.width, 1, keys, d_stride);
  transpose(keys, sequence.keys, shape.width, d_stride, values_t, t_stride);
  load_rows(k, sequence.first_key, sequence.keys, key_head, shape.width, 1, keys, d_stride);
  transpose(keys, sequence.keys, shape.width, d_stride, keys_t, t_stride);
  std::fill(dk, dk + t_stride * d_stride, 0.0f);
  std::fill(dv, dv + t_stride * d_stride, 0.0f);
  const std::int64_t share = shape.heads / shape.key_heads;
  for (std::int64_t head = key_head * share; head < (key_head + 1) * share; ++head) {
    for (std::int64_t first = 0; first < sequence.queries; first += kQueryBlock) {
      const Block block = block_at(shape, sequence, first);
      const std::int64_t depth = block.depth(sequence), rows_before = block.begin * d_stride;
      load_rows(q, sequence.first_query + first, block.rows, head, shape.width, shape.scale, queries, d_stride);
      load_rows(out_gradient, sequence.first_query + first, block.rows, head, shape.width, 1, d_out, d_stride);
      probabilities(shape, sequence, block, head, queries, d_stride, keys_t, t_stride, p, mask);
      product<false>(block.rows, block.keys, shape.width, d_out, d_stride, 1, values_t + block.begin, t_stride, ds, t_stride);  // dP'
      if (shape.drop_threshold) {
        multiply_rows(ds, mask, ds, block.rows, block.keys, t_stride);  // dP
        multiply_rows(mask, p, mask, block.rows, block.keys, t_stride);  // P'
      }
      const float* kept = shape.drop_threshold ? mask : p;
      product<true>(depth, d_stride, block.rows, kept, 1, t_stride, d_out, d_stride, dv + rows_before, d_stride);
      for (std::int64_t i = 0; i < block.rows; ++i) {
        const float* pi = p + i * t_stride;
        float* di = ds + i * t_stride;
        Floats sum{};
        for (std::int64_t j = 0; j < block.keys; j += kLanes) {
          sum += *reinterpret_cast<const Floats*>(pi + j) * *reinterpret_cast<const Floats*>(di + j);
        }
        const float total = sum_of(sum);
        for (std::int64_t j = 0; j < block.keys; ++j) di[j] = pi[j] * (di[j] - total);
      }
      product<false>(block.rows, d_stride, depth, ds, t_stride, 1, keys + rows_before, d_stride, dq, d_stride);
      product<true>(depth, d_stride, block.rows, ds, 1, t_stride, queries, d_stride, dk + rows_before, d_stride);  // the scale is in `queries`
      store_rows(dq, d_stride, block.rows, shape.width, shape.scale, q_gradient, sequence.first_query + first, head);
    }
  }
  store_rows(dk, d_stride, sequence.keys, shape.width, 1, k_gradient, sequence.first_key, key_head);
  store_rows(dv, d_stride, sequence.keys, shape.width, 1, v_gradient, sequence.first_key, key_head);
}

// One compiled copy per element type and instruction set.
TEMPER_CLONES void forward_f32(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const float> q,
                               HeadRows<const float> k, HeadRows<const float> v, HeadRows<float> out, Scratch& scratch) {
  forward<float>(shape, sequence, key_head, q, k, v, out, scratch);
}
TEMPER_CLONES void forward_bf16(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const Bf16> q,
                                HeadRows<const Bf16> k, HeadRows<const Bf16> v, HeadRows<Bf16> out, Scratch& scratch) {
  forward<Bf16>(shape, sequence, key_head, q, k, v, out, scratch);
}
TEMPER_CLONES void backward_f32(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const float> q,
                                HeadRows<const float> k, HeadRows<const float> v, HeadRows<const float> out_gradient, HeadRows<float> dq,
                                HeadRows<float> dk, HeadRows<float> dv, Scratch& scratch) {
  backward<float>(shape, sequence, key_head, q, k, v, out_gradient, dq, dk, dv, scratch);
}
TEMPER_CLONES void backward_bf16(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const Bf16> q,
                                 HeadRows<const Bf16> k, HeadRows<const Bf16> v, HeadRows<const Bf16> out_gradient, HeadRows<Bf16> dq,
                                 HeadRows<Bf16> dk, HeadRows<Bf16> dv, Scratch& scratch) {
  backward<Bf16>(shape, sequence, key_head, q, k, v, out_gradient, dq, dk, dv, scratch);
}

}  // namespace

template <>
void attention_forward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const float> q,
                       HeadRows<const float> k, HeadRows<const float> v, HeadRows<float> out, Scratch& scratch) {
  forward_f32(shape, sequence, key_head, q, k, v, out, scratch);
}
template <>
void attention_forward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const Bf16> q,
                       HeadRows<const Bf16> k, HeadRows<const Bf16> v, HeadRows<Bf16> out, Scratch& scratch) {
  forward_bf16(shape, sequence, key_head, q, k, v, out, scratch);
}
template <>
void attention_backward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const float> q,
                        HeadRows<const float> k, HeadRows<const float> v, HeadRows<const float> out_gradient, HeadRows<float> dq,
                        HeadRows<float> dk, HeadRows<float> dv, Scratch& scratch) {
  backward_f32(shape, sequence, key_head, q, k, v, out_gradient, dq, dk, dv, scratch);
}
template <>
void attention_backward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const Bf16> q,
                        HeadRows<const Bf16> k, HeadRows<const Bf16> v, HeadRows<const Bf16> out_gradient, HeadRows<Bf16> dq,
                        HeadRows<Bf16> dk, HeadRows<Bf16> dv, Scratch& scratch) {
  backward_bf16(shape, sequence, key_head, q, k, v, out_gradient, dq, dk, dv, scratch);
}

}  // namespace temper::nn
