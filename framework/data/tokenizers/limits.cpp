// Truncation before the special tokens, padding behind them.
#include "data/tokenizers/limits.h"

#include <algorithm>

namespace temper::data::tokenizers {

namespace {

std::int64_t cut(std::vector<Token>& tokens, std::int64_t length, bool from_left) {
  const std::int64_t dropped = static_cast<std::int64_t>(tokens.size()) - length;
  if (dropped <= 0) return 0;
  if (from_left) tokens.erase(tokens.begin(), tokens.begin() + dropped);
  else tokens.resize(static_cast<std::size_t>(length));
  return dropped;
}

}  // namespace

std::int64_t truncate(const Truncation& truncation, std::int64_t added, std::vector<Token>& first, std::vector<Token>* second) {
  const std::int64_t room = truncation.max_length - added;
  if (room < 0) throw Error("max_length is " + std::to_string(truncation.max_length) + ", but the special tokens alone are " + std::to_string(added));
  if (truncation.stride > 0 && truncation.stride >= room)
    throw Error("the stride " + std::to_string(truncation.stride) + " leaves no progress in windows of " + std::to_string(room) + " tokens");
  const std::int64_t n1 = static_cast<std::int64_t>(first.size()), n2 = second ? static_cast<std::int64_t>(second->size()) : 0;
  const std::int64_t excess = n1 + n2 - room;
  if (excess <= 0) return 0;
  if (truncation.strategy == Truncation::Strategy::kLongestFirst) {
    if (!second) return cut(first, room, truncation.from_left);
    // The shorter text keeps what it has, up to half of the room; of an odd one the longer text has the larger half.
    std::int64_t shorter = std::min(n1, n2);
    std::int64_t longer = std::max(shorter, room - shorter);
    if (shorter > room) longer = shorter;
    if (shorter + longer > room) {
      shorter = room / 2;
      longer = shorter + room % 2;
    }
    const bool first_is_longer = n1 > n2;
    return cut(first, first_is_longer ? longer : shorter, truncation.from_left) + cut(*second, first_is_longer ? shorter : longer, truncation.from_left);
  }
  const bool cuts_first = truncation.strategy == Truncation::Strategy::kOnlyFirst;
  if (!cuts_first && !second) throw Error("only the second text may be truncated, and there is none");
  std::vector<Token>& target = cuts_first ? first : *second;
  const std::int64_t length = static_cast<std::int64_t>(target.size());
  if (length <= excess) throw Error("the text that may be truncated has " + std::to_string(length) + " tokens, of which " + std::to_string(excess) + " would have to go");
  return cut(target, length - excess, truncation.from_left);
}

void pad(const Padding& padding, Encoding& encoding) {
  std::int64_t length = padding.length.value_or(static_cast<std::int64_t>(encoding.ids.size()));
  if (padding.multiple > 0 && length % padding.multiple != 0) length += padding.multiple - length % padding.multiple;
  const std::int64_t lacking = length - static_cast<std::int64_t>(encoding.ids.size());
  if (lacking <= 0) return;
  const std::size_t count = static_cast<std::size_t>(lacking);
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
