// Keys and values of tokens that ran before, kept per layer, so that what stands before several sequences is computed once.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <ATen/core/Tensor.h>

namespace temper::nn {

// Consecutive rows of a cache, which hold consecutive tokens.
struct CacheRange {
  std::int64_t first = 0, length = 0;

  friend bool operator==(const CacheRange&, const CacheRange&) = default;
};

// Rows that are handed out and taken back; each holds one token's keys and values in every layer. Memory grows to the most rows that
// were ever in use at once.
//
// Shapes: R rows, K key-value heads, D head width.
class KeyValueCache {
 public:
  // The lowest free rows that are wide enough. Nothing is read of them before it was stored.
  CacheRange reserve(std::int64_t tokens);
  // Gives rows back, also a part of what was reserved.
  void release(CacheRange range);
  std::int64_t rows_in_use() const { return in_use_; }

  // Copies keys and values [T, K, D] into rows [first, first + T) of a layer, in the type of the layer's first ones.
  void store(std::int64_t layer, std::int64_t first, const at::Tensor& keys, const at::Tensor& values) { store(layer, first, keys, values, 0, keys.size(0)); }
  // The same with `count` rows of keys and values, from `from` on.
  void store(std::int64_t layer, std::int64_t first, const at::Tensor& keys, const at::Tensor& values, std::int64_t from, std::int64_t count);
  const at::Tensor& keys(std::int64_t layer) const { return layers_.at(static_cast<std::size_t>(layer)).keys; }      // [R, K, D]
  const at::Tensor& values(std::int64_t layer) const { return layers_.at(static_cast<std::size_t>(layer)).values; }  // [R, K, D]

 private:
  struct Layer {
    at::Tensor keys, values;  // views of [K, R, D]: what one head attends to lies together
  };
  std::map<std::int64_t, std::int64_t> free_;  // first row -> length; neighbours are merged
  std::int64_t end_ = 0, in_use_ = 0;          // all rows from end_ on are free
  std::vector<Layer> layers_;
};

}  // namespace temper::nn

namespace temper {

// What a batch reads of a cache, and what it leaves there. Sequences that share a range and stand beside each other in the batch are
// attended to it together, in large products.
struct CachedTokens {
  nn::KeyValueCache* cache = nullptr;
  std::vector<std::vector<nn::CacheRange>> before;  // [B]: the tokens before each sequence, from position 0 on, in their order
  std::vector<std::int64_t> kept_at;                // [B]: the row of the sequence's first own token, or -1: they are not kept
  std::int64_t length_before(std::int64_t sequence) const {
    std::int64_t length = 0;
    for (const nn::CacheRange& range : before[static_cast<std::size_t>(sequence)]) length += range.length;
    return length;
  }
};

}  // namespace temper
