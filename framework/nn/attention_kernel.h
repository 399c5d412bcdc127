// Softmax attention of packed sequences on CPU memory: no padding, no copies of the batch, dropout drawn on the way. No torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/kernels.h"

namespace temper::nn {

// Shapes: H query heads, K key-value heads (H a multiple of K), D head width.
struct AttentionShape {
  std::int64_t heads = 0, key_heads = 0, width = 0;
  float scale = 1;
  bool causal = true;
  std::int64_t window = 0;            // keys that a query sees, its own included; 0: all
  std::uint32_t drop_threshold = 0;   // 0: no dropout
  float keep_scale = 1;               // of the probabilities that are kept
};

struct AttentionSequence {
  std::int64_t first_key = 0, keys = 0;       // rows of k and v
  std::int64_t first_query = 0, queries = 0;  // rows of q
  std::int64_t query_position = 0;            // of the first query, within the sequence
  std::uint64_t dropout_key = 0;              // what the probabilities' masks are drawn from
};

// A [rows, heads, width] tensor: strides in elements, the last one is 1.
template <class T>
struct HeadRows {
  T* data = nullptr;
  std::int64_t row_stride = 0, head_stride = 0;
};

// The channel that a probability's dropout is drawn for; its row is the query.
constexpr std::uint32_t probability_channel(std::int64_t head, std::int64_t key) {
  return (static_cast<std::uint32_t>(head) << 20) + static_cast<std::uint32_t>(key);
}

// Scratch memory of one thread, kept between calls so that it is not allocated for every head.
using Scratch = std::vector<float>;

// out [queries, H, D] for the query heads that share one key-value head of one sequence.
template <class T>
void attention_forward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const T> q,
                       HeadRows<const T> k, HeadRows<const T> v, HeadRows<T> out, Scratch& scratch);

// The same part of the gradients; probabilities are computed again rather than kept.
template <class T>
void attention_backward(const AttentionShape& shape, const AttentionSequence& sequence, std::int64_t key_head, HeadRows<const T> q,
                        HeadRows<const T> k, HeadRows<const T> v, HeadRows<const T> out_gradient, HeadRows<T> q_gradient,
                        HeadRows<T> k_gradient, HeadRows<T> v_gradient, Scratch& scratch);

}  // namespace temper::nn
