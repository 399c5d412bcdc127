// Items ready for a model: token ids and what to learn from them. No torch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace temper {

inline constexpr std::int64_t kIgnored = -100;  // a label that takes no part in the loss

struct Example {
  std::vector<std::int32_t> ids;       // [T]
  std::vector<std::int32_t> type_ids;  // [T], or empty for all 0
  // Classification: [1], the class. Token classification and language modelling: [T], kIgnored where nothing is asked; not
  // shifted: the label of position t is what a causal model must predict from position t - 1.
  std::vector<std::int64_t> labels;
  std::uint64_t key = 0;  // item_key of the item's id: what dropout draws from
};

// 64 bits of an item's id (XXH3 with seed 0), the same on every platform.
std::uint64_t item_key(std::string_view id);

}  // namespace temper
