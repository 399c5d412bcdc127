// Reading and walking sentencepiece's character map.
#include "data/tokenizers/character_map.h"

#include <temper/error.h>
#include <temper/utf8.h>

#include "data/tokenizers/unicode.h"

#include <cstring>

namespace temper::data::tokenizers {

namespace {

std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }

}  // namespace

CharacterMap::CharacterMap(std::string_view bytes) {
  std::uint32_t trie_bytes = 0;
  if (bytes.size() >= 4) std::memcpy(&trie_bytes, bytes.data(), 4);
  if (bytes.size() < 4 || trie_bytes % 4 != 0 || trie_bytes > bytes.size() - 4)
    throw Error("the character map says it holds a table of " + std::to_string(trie_bytes) + " bytes, but has " + std::to_string(bytes.size()) + " in all");
  units_.resize(trie_bytes / 4);
  if (trie_bytes > 0) std::memcpy(units_.data(), bytes.data() + 4, trie_bytes);
  replacements_ = bytes.substr(4 + trie_bytes);
  if (!replacements_.empty() && replacements_.back() != '\0') throw Error("the last replacement of the character map does not end");
  if (valid_utf8_prefix(replacements_) != replacements_.size()) throw Error("the replacements of the character map are not valid UTF-8");
}

CharacterMap::Match CharacterMap::find(std::string_view text, bool first) const {
  Match match;
  if (units_.empty()) return match;
  std::size_t at = offset_of(units_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    at ^= byte;
    if (byte == 0 || at >= units_.size()) return match;
    const std::uint32_t unit = units_[at];
    if ((unit & ((1u << 31) | 0xFF)) != byte) return match;
    at ^= offset_of(unit);
    if (at >= units_.size()) return match;
    if (!(unit >> 8 & 1)) continue;
    const std::uint32_t value = units_[at] & 0x7FFFFFFF;
    if (value >= replacements_.size() || is_continuation(replacements_[value])) return match;  // the map lies
    match = {i + 1, std::string_view(replacements_.data() + value)};
    if (first) return match;
  }
  return match;
}

}  // namespace temper::data::tokenizers
