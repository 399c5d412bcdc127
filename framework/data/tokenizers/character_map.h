// sentencepiece's compiled map of characters: from strings of bytes to what replaces them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace temper::data::tokenizers {

// The layout: four bytes, the size of a double-array trie in bytes (little endian); the trie; then replacements, each ended by NUL.
// A trie's unit: bits 0-7 label, bit 8 "has a leaf", bits 10-30 offset (shifted by 8 more with bit 9), or a leaf's value in bits
// 0-30 under bit 31 (Darts-clone).
class CharacterMap {
 public:
  CharacterMap() = default;  // knows nothing
  // Throws Error (without a place) for a map that is damaged.
  explicit CharacterMap(std::string_view bytes);

  struct Match {
    std::size_t size = 0;         // bytes of the key; 0 when nothing matches
    std::string_view replacement;  // valid UTF-8
  };
  // The shortest, or longest, start of `text` that is a key.
  Match shortest(std::string_view text) const { return find(text, true); }
  Match longest(std::string_view text) const { return find(text, false); }

 private:
  Match find(std::string_view text, bool first) const;
  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace temper::data::tokenizers
