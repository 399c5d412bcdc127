// Hands out rows of the cache, the lowest first, and grows its tensors.
#include "nn/key_value_cache.h"

#include <algorithm>

#include <ATen/ATen.h>

#include <temper/error.h>

namespace temper::nn {

CacheRange KeyValueCache::reserve(std::int64_t tokens) {
  if (tokens <= 0) throw Error("a cache was asked for " + std::to_string(tokens) + " rows");
  in_use_ += tokens;
  for (auto [first, length] : free_) {
    if (length < tokens) continue;
    free_.erase(first);
    if (length > tokens) free_[first + tokens] = length - tokens;
    return {first, tokens};
  }
  end_ += tokens;
  return {end_ - tokens, tokens};
}

void KeyValueCache::release(CacheRange range) {
  if (range.length <= 0) return;
  in_use_ -= range.length;
  const auto after = free_.upper_bound(range.first);
  if (after != free_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == range.first) {
      range = {before->first, before->second + range.length};
      free_.erase(before);
    }
  }
  const auto next = free_.find(range.first + range.length);
  if (next != free_.end()) {
    range.length += next->second;
    free_.erase(next);
  }
  if (range.first + range.length == end_) end_ = range.first;
  else free_[range.first] = range.length;
}

namespace {

// Room for `rows` and, as memory is copied to grow, for half as many again.
void grow(at::Tensor& tensor, const at::Tensor& like, std::int64_t rows) {
  if (tensor.defined() && tensor.size(0) >= rows) return;
  const at::Tensor larger = at::empty({rows + rows / 2, like.size(1), like.size(2)}, tensor.defined() ? tensor.options() : like.options());
  if (tensor.defined()) larger.narrow(0, 0, tensor.size(0)).copy_(tensor);
  tensor = larger;
}

}  // namespace

void KeyValueCache::store(std::int64_t layer, std::int64_t first, const at::Tensor& keys, const at::Tensor& values) {
  if (layer < 0 || first < 0 || first + keys.size(0) > end_) throw Error("keys were to be kept in rows that nobody reserved");
  if (static_cast<std::size_t>(layer) >= layers_.size()) layers_.resize(static_cast<std::size_t>(layer) + 1);
  Layer& kept = layers_[static_cast<std::size_t>(layer)];
  grow(kept.keys, keys, end_);
  grow(kept.values, values, end_);
  kept.keys.narrow(0, first, keys.size(0)).copy_(keys);
  kept.values.narrow(0, first, values.size(0)).copy_(values);
}

}  // namespace temper::nn
