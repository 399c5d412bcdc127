// Attention in parts: the keys that a query sees lie in several places (a shared prefix, earlier tokens, its own sequence), and what
// each place gives is combined through log-sum-exp. Forward only. No torch.
#pragma once

#include <cstdint>

#include "nn/attention_kernel.h"

namespace temper::nn {

// Some keys, and queries that see those of them that the shape lets them see by position. The queries may belong to several sequences.
struct AttentionPart {
  std::int64_t first_key = 0, keys = 0;       // rows of k and v
  std::int64_t key_position = 0;              // of the first key, within the whole sequence
  std::int64_t first_query = 0, queries = 0;  // rows of q
};

// Running results of rows of queries. Before the first part, out is 0 and the log-sums are -infinity.
struct AttentionSums {
  HeadRows<float> out;        // [rows, H, D], the values' mean under the probabilities so far
  float* log_sums = nullptr;  // [rows, H], log of the sum of exp(score) so far
};

// A part of so few queries is better added by add_attention_of_few, which takes widths that are multiples of kFewWidth.
constexpr std::int64_t kFewQueries = 4, kFewWidth = 16;

// Adds one part for the query heads that share one key-value head. `positions` are those of the rows of q. The shape's dropout is not
// looked at.
template <class T>
void add_attention_part(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                        HeadRows<const T> q, HeadRows<const T> k, HeadRows<const T> v, const AttentionSums& sums, Scratch& scratch);

// The same, one query after the other: keys and values are read where they lie, not laid out for products. Its twin is add_attention_part.
template <class T>
void add_attention_of_few(const AttentionShape& shape, const AttentionPart& part, const std::int64_t* positions, std::int64_t key_head,
                          HeadRows<const T> q, HeadRows<const T> k, HeadRows<const T> v, const AttentionSums& sums, Scratch& scratch);

}  // namespace temper::nn
