// Softmax attention of packed sequences, forward and backward, a block of queries at a time.
//
// Shapes: T keys of a sequence, Q queries in a block, D head width. Rows in scratch are padded with zeros to whole vectors.
// Formulas, with S = scale Q K^T, P = softmax(S), M the dropout mask (0 or 1 / (1 - p)), P' = P * M, O = P' V:
//   dV = P'^T dO    dP = (dO V^T) * M    dS = P * (dP - rowsum(P * dP))    dQ = scale dS K    dK = scale dS^T Q
#include "nn/attention_kernel.h"

#include "nn/vectors.h"

#include <algorithm>
#include <limits>

namespace temper::nn {

namespace {

constexpr std::int64_t kQueryBlock = 32;  // queries whose scores are held at once

constexpr std::int64_t padded(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }

TEMPER_INLINE float sum_of(Floats x) {
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += x[i];
  return sum;
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

// Scores to probabilities in place, one row; 0 outside `seen`.
TEMPER_INLINE void softmax_row(float* row, Seen seen, std::int64_t stride) {
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
  const float inverse = 1 / sum_of(total);
  for (std::int64_t j = 0; j < stride; j += kLanes) *reinterpret_cast<Floats*>(row + j) *= inverse;
}

// 0 or keep_scale for each key of one row.
TEMPER_INLINE void mask_row(float* mask, std::int64_t stride, const AttentionShape& shape, RowKey key, std::int64_t head) {
  for (std::int64_t j = 0; j < stride; ++j) {
    mask[j] = random_bits(key, probability_channel(head, j)) < shape.drop_threshold ? 0.0f : shape.keep_scale;
  }
}

// One block of queries: `rows` of them from `first` on. Sizes in scratch: D' = padded D, T' = padded T.
struct Block {
  std::int64_t first, rows, keys;  // keys: those that any query of the block may see, padded
};
TEMPER_INLINE Block block_at(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t first) {
  const std::int64_t rows = std::min(kQueryBlock, sequence.queries - first);
  const Seen last = seen_from(shape, sequence.query_position + first + rows - 1, sequence.keys);
  return {first, rows, padded(last.end, kLanes)};
}

// Probabilities of a block, and its masks where there is dropout. q [rows, D'] is scaled; keys_t [D, T'].
TEMPER_INLINE void probabilities(const AttentionShape& shape, const AttentionSequence& sequence, const Block& block, std::int64_t head,
                                 const float* q, std::int64_t q_stride, const float* keys_t, std::int64_t t_stride, float* p, float* mask) {
  product<false>(block.rows, block.keys, shape.width, q, q_stride, 1, keys_t, t_stride, p, t_stride);
  for (std::int64_t i = 0; i < padded(block.rows, 4); ++i) {
    float* row = p + i * t_stride;
    if (i >= block.rows) {
      std::fill(row, row + block.keys, 0.0f);
      if (shape.drop_threshold) std::fill(mask + i * t_stride, mask + i * t_stride + block.keys, 0.0f);
      continue;
    }
    const std::int64_t position = sequence.query_position + block.first + i;
    softmax_row(row, seen_from(shape, position, sequence.keys), block.keys);
    if (shape.drop_threshold) mask_row(mask + i * t_stride, block.keys, shape, row_key(sequence.dropout_key, position), head);
  }
}

TEMPER_INLINE void multiply_rows(const float* x, const float* y, float* out, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) out[i * stride + j] = x[i * stride + j] * y[i * stride + j];
  }
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
      product<false>(block.rows, d_stride, std::min(block.keys, sequence.keys), p, t_stride, 1, rows, d_stride, sums, d_stride);
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
      const std::int64_t depth = std::min(block.keys, sequence.keys);
      load_rows(q, sequence.first_query + first, block.rows, head, shape.width, shape.scale, queries, d_stride);
      load_rows(out_gradient, sequence.first_query + first, block.rows, head, shape.width, 1, d_out, d_stride);
      probabilities(shape, sequence, block, head, queries, d_stride, keys_t, t_stride, p, mask);
      product<false>(block.rows, block.keys, shape.width, d_out, d_stride, 1, values_t, t_stride, ds, t_stride);  // dP'
      if (shape.drop_threshold) {
        multiply_rows(ds, mask, ds, block.rows, block.keys, t_stride);  // dP
        multiply_rows(mask, p, mask, block.rows, block.keys, t_stride);  // P'
      }
      const float* kept = shape.drop_threshold ? mask : p;
      product<true>(depth, d_stride, block.rows, kept, 1, t_stride, d_out, d_stride, dv, d_stride);
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
      product<false>(block.rows, d_stride, depth, ds, t_stride, 1, keys, d_stride, dq, d_stride);
      product<true>(depth, d_stride, block.rows, ds, 1, t_stride, queries, d_stride, dk, d_stride);  // the scale is in `queries`
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
