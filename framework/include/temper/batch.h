// Packed batches: sequences one after another, nothing computed for padding. No torch.
#pragma once

#include <cstdint>
#include <vector>

namespace temper {

// Shapes: N packed tokens, B sequences.
struct Batch {
  std::vector<std::int32_t> ids;        // [N]
  std::vector<std::int32_t> positions;  // [N], from 0 within each sequence, or from where it goes on
  std::vector<std::int32_t> segments;   // [N], token type ids
  std::vector<std::int32_t> starts;     // [B + 1], sequence b is ids[starts[b], starts[b + 1])
  std::vector<std::uint64_t> items;     // [B], a key per item: what counter-based dropout draws from, never the place in the batch
  std::int64_t size() const { return static_cast<std::int64_t>(starts.empty() ? 0 : starts.size() - 1); }
  std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
  void append(const std::vector<std::int32_t>& sequence, const std::vector<std::int32_t>& type_ids, std::uint64_t item, std::int32_t first_position = 0);
};

}  // namespace temper
