// Items ready for a model: token ids and what to learn from them. No torch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <temper/batch.h>

namespace temper {

inline constexpr std::int64_t kIgnored = -100;  // a label that takes no part in the loss

// A document within an example that holds several, one after another: they do not see each other.
struct Part {
  std::int32_t begin = 0;  // its first token; it ends where the next one begins
  std::uint64_t key = 0;   // what dropout draws from
};

struct Example {
  std::vector<std::int32_t> ids;       // [T]
  std::vector<std::int32_t> type_ids;  // [T], or empty for all 0
  // Classification: [1], the class. Token classification and language modelling: [T], kIgnored where nothing is asked; not
  // shifted: the label of position t is what a causal model must predict from position t - 1. Question answering: [2], the first and
  // the last token of the answer.
  std::vector<std::int64_t> labels;
  std::vector<float> values;           // regression: [1]; several labels: [classes], 1 for those that hold, else 0
  std::vector<std::int32_t> read;      // token classification: the tokens whose logits are wanted, in order; empty: those with a label
  std::vector<Part> parts;             // empty: it is one sequence
  std::uint64_t key = 0;  // item_key of the item's id (and of the part of the item that it is): what dropout draws from
};

// Packs the example behind what is there: one sequence, or one for each part.
void append(Batch& batch, const Example& example);

// 64 bits of an item's id (XXH3 with seed 0), the same on every platform.
std::uint64_t item_key(std::string_view id);
// The same for the n-th part of an item; part 0 is the item.
std::uint64_t part_key(std::uint64_t item, std::uint64_t part);

}  // namespace temper
