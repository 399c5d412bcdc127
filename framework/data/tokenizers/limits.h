// Truncation and padding as tokenizer.json may store them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <temper/tokenizer.h>

#include "data/tokenizers/components.h"
#include "data/tokenizers/json_object.h"

namespace temper::data::tokenizers {

struct Truncation {
  enum class Strategy { kLongestFirst, kOnlyFirst, kOnlySecond } strategy = Strategy::kLongestFirst;
  std::int64_t max_length = 0;
  std::int64_t stride = 0;
  bool from_left = false;
};

// Cuts the texts' tokens to `truncation` less `added` special tokens; `second` may be nullptr. Returns how many were dropped. Throws
// Error when the special tokens alone are too many, or the strategy may not touch the text that is too long.
std::int64_t truncate(const Truncation& truncation, std::int64_t added, std::vector<Token>& first, std::vector<Token>* second);

struct Padding {
  std::optional<std::int64_t> length;  // without it, only to a multiple
  std::int64_t multiple = 0;           // 0: any length
  bool on_left = false;
  std::int32_t id = 0, type_id = 0;
};
void pad(const Padding& padding, Encoding& encoding);

std::optional<Truncation> read_truncation(const JsonPlace& place);  // null gives nothing
std::optional<Padding> read_padding(const JsonPlace& place);

}  // namespace temper::data::tokenizers
