// Truncation before the special tokens, padding behind them.
#include "data/tokenizers/limits.h"

#include <algorithm>

namespace temper::data::tokenizers {

namespace {

// Neighbouring windows share `stride` tokens; the last may be shorter.
Windows windows(const Truncation& truncation, std::size_t tokens, std::size_t length) {
  if (length >= tokens) return {{0, tokens}};
  if (length == 0) return {{0, 0}, {0, tokens}};
  const std::size_t stride = static_cast<std::size_t>(truncation.stride);
  if (stride >= length) throw Error("the stride " + std::to_string(stride) + " leaves no progress in windows of " + std::to_string(length) + " tokens");
  Windows result;
  const std::size_t step = length - stride;
  if (truncation.from_left) {
    for (std::size_t end = tokens;; end -= step) {
      result.emplace_back(end > length ? end - length : 0, end);
      if (end <= length) return result;
    }
  }
  for (std::size_t begin = 0;; begin += step) {
    result.emplace_back(begin, std::min(begin + length, tokens));
    if (begin + length >= tokens) return result;
  }
}

}  // namespace

Truncated truncate(const Truncation& truncation, std::int64_t added, std::size_t first, std::optional<std::size_t> second) {
  if (truncation.max_length < added) throw Error("max_length is " + std::to_string(truncation.max_length) + ", but the special tokens alone are " + std::to_string(added));
  const std::size_t room = static_cast<std::size_t>(truncation.max_length - added), second_size = second.value_or(0);
  std::size_t keep_first = first, keep_second = second_size;
  if (room == 0) {
    keep_first = keep_second = 0;
  } else if (first + second_size > room) {
    const std::size_t excess = first + second_size - room;
    if (truncation.strategy == Truncation::Strategy::kLongestFirst) {
      // The shorter text keeps what it has, up to half of the room; of an odd one the longer text has the larger half.
      std::size_t shorter = std::min(first, second_size), longer = room - std::min(room, shorter);
      if (!second) longer = room;
      else if (shorter > longer) {
        shorter = room / 2;
        longer = shorter + room % 2;
      }
      keep_first = first > second_size ? longer : shorter;
      keep_second = first > second_size ? shorter : longer;
    } else {
      const bool cuts_first = truncation.strategy == Truncation::Strategy::kOnlyFirst;
      if (!cuts_first && !second) throw Error("only the second text may be truncated, and there is none");
      std::size_t& target = cuts_first ? keep_first : keep_second;
      if (target <= excess) throw Error("the text that may be truncated has " + std::to_string(target) + " tokens, of which " + std::to_string(excess) + " would have to go");
      target -= excess;
    }
  }
  return {windows(truncation, first, keep_first), second ? windows(truncation, second_size, keep_second) : Windows{}};
}

std::size_t padded_length(const Padding& padding, std::size_t longest) {
  std::size_t length = padding.length ? static_cast<std::size_t>(*padding.length) : longest;
  const std::size_t multiple = static_cast<std::size_t>(padding.multiple);
  if (multiple > 0 && length % multiple != 0) length += multiple - length % multiple;
  return length;
}

void pad(const Padding& padding, std::size_t length, Encoding& encoding) {
  if (length <= encoding.ids.size()) return;
  const std::size_t count = length - encoding.ids.size();
  const auto fill = [&](auto& list, auto value) { list.insert(padding.on_left ? list.begin() : list.end(), count, value); };
  fill(encoding.ids, padding.id);
  fill(encoding.offsets, ByteRange{});
  fill(encoding.type_ids, padding.type_id);
  fill(encoding.is_special, std::uint8_t{1});
}

std::optional<Truncation> read_truncation(const JsonPlace& place) {
  if (place.is_null()) return std::nullopt;
  const JsonObject object(place);
  Truncation result;
  result.max_length = object.integer("max_length");
  result.stride = object.integer_or("stride", 0);
  if (result.max_length < 0 || result.stride < 0) object.fail("a negative number of tokens");
  const std::string strategy = object.string_or("strategy", "LongestFirst");
  if (strategy == "OnlyFirst") result.strategy = Truncation::Strategy::kOnlyFirst;
  else if (strategy == "OnlySecond") result.strategy = Truncation::Strategy::kOnlySecond;
  else if (strategy != "LongestFirst") object.fail("the strategy \"" + strategy + "\" is unknown", "known are LongestFirst, OnlyFirst and OnlySecond");
  const std::string direction = object.string_or("direction", "Right");
  if (direction != "Right" && direction != "Left") object.fail("the direction \"" + direction + "\" is neither Left nor Right");
  result.from_left = direction == "Left";
  object.finish();
  return result;
}

std::optional<Padding> read_padding(const JsonPlace& place) {
  if (place.is_null()) return std::nullopt;
  const JsonObject object(place);
  Padding result;
  const JsonPlace strategy = object.at("strategy");
  if (strategy.value.is_object()) {
    const JsonObject fixed(strategy);
    result.length = fixed.integer("Fixed");
    fixed.finish();
    if (*result.length < 0 || *result.length > Vocabulary::kMostIds) strategy.fail("the length is out of range");
  } else if (strategy.string() != "BatchLongest") {
    strategy.fail("the strategy \"" + strategy.string() + "\" is unknown", "known are BatchLongest and {\"Fixed\": LENGTH}");
  }
  const std::string direction = object.string_or("direction", "Right");
  if (direction != "Right" && direction != "Left") object.fail("the direction \"" + direction + "\" is neither Left nor Right");
  result.on_left = direction == "Left";
  result.multiple = object.integer_or("pad_to_multiple_of", 0);
  if (result.multiple < 0 || result.multiple > Vocabulary::kMostIds) object.fail("pad_to_multiple_of is out of range");
  result.id = static_cast<std::int32_t>(object.integer_or("pad_id", 0));
  result.type_id = static_cast<std::int32_t>(object.integer_or("pad_type_id", 0));
  object.ignore("pad_token");
  object.finish();
  return result;
}

}  // namespace temper::data::tokenizers
