// Hands out rows of the cache, the lowest first, and grows its tensors.
#include "nn/key_value_cache.h"

#include <cstring>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

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
  const at::Tensor larger = at::empty({like.size(1), rows + rows / 2, like.size(2)}, tensor.defined() ? tensor.options() : like.options()).transpose(0, 1);
  if (tensor.defined()) larger.narrow(0, 0, tensor.size(0)).copy_(tensor);
  tensor = larger;
}

// A pass stores a token for each of many sequences: copying these few bytes by libtorch's operations would take longer than attention.
void copy_rows(const at::Tensor& from, std::int64_t begin, std::int64_t count, at::Tensor& to, std::int64_t first) {
  if (!from.device().is_cpu() || from.scalar_type() != to.scalar_type() || from.stride(2) != 1) {
    to.narrow(0, first, count).copy_(from.narrow(0, begin, count));
    return;
  }
  const std::int64_t size = from.element_size(), heads = from.size(1), bytes = from.size(2) * size;
  const auto* source = static_cast<const char*>(from.const_data_ptr()) + begin * from.stride(0) * size;
  auto* target = static_cast<char*>(to.mutable_data_ptr()) + first * to.stride(0) * size;
  const std::int64_t source_row = from.stride(0) * size, source_head = from.stride(1) * size, target_row = to.stride(0) * size, target_head = to.stride(1) * size;
  at::parallel_for(0, count, 64, [&](std::int64_t row, std::int64_t end) {
    for (; row < end; ++row) {
      for (std::int64_t head = 0; head < heads; ++head) {
        std::memcpy(target + row * target_row + head * target_head, source + row * source_row + head * source_head, static_cast<std::size_t>(bytes));
      }
    }
  });
}

}  // namespace

void KeyValueCache::store(std::int64_t layer, std::int64_t first, const at::Tensor& keys, const at::Tensor& values, std::int64_t from, std::int64_t count) {
  if (layer < 0 || first < 0 || first + count > end_) throw Error("keys were to be kept in rows that nobody reserved");
  if (static_cast<std::size_t>(layer) >= layers_.size()) layers_.resize(static_cast<std::size_t>(layer) + 1);
  Layer& kept = layers_[static_cast<std::size_t>(layer)];
  grow(kept.keys, keys, end_);
  grow(kept.values, values, end_);
  copy_rows(keys, from, count, kept.keys, first);
  copy_rows(values, from, count, kept.values, first);
}

}  // namespace temper::nn
