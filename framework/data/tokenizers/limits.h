// Truncation and padding as tokenizer.json may store them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
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

// Windows of a text's tokens, as [begin, end): the first is what is kept, the others what it overflows into.
using Windows = std::vector<std::pair<std::size_t, std::size_t>>;

struct Truncated {
  Windows first, second;
};
// Cuts texts of these numbers of tokens to `truncation` less `added` special tokens; a stride is how many tokens neighbouring windows
// share. Throws Error when the special tokens alone are too many, the stride leaves no progress, or the strategy may not touch the text that
// is too long.
Truncated truncate(const Truncation& truncation, std::int64_t added, std::size_t first, std::optional<std::size_t> second);

struct Padding {
  std::optional<std::int64_t> length;  // without it, to the longest of a batch
  std::int64_t multiple = 0;           // 0: any length
  bool on_left = false;
  std::int32_t id = 0, type_id = 0;
};
// The length to which encodings are padded of which the longest has `longest` tokens.
std::size_t padded_length(const Padding& padding, std::size_t longest);
void pad(const Padding& padding, std::size_t length, Encoding& encoding);

std::optional<Truncation> read_truncation(const JsonPlace& place);  // null gives nothing
std::optional<Padding> read_padding(const JsonPlace& place);

}  // namespace temper::data::tokenizers
