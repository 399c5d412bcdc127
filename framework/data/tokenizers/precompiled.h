// sentencepiece's compiled map of characters, as the normaliser Precompiled of tokenizer.json holds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/tokenizers/aligned_text.h"
#include "data/tokenizers/json_object.h"

namespace temper::data::tokenizers {

// The layout: four bytes, the size of a double-array trie in bytes (little endian); the trie; then replacements, each ended by NUL.
// A trie's unit: bits 0-7 label, bit 8 "has a leaf", bits 10-30 offset (shifted by 8 more with bit 9), or a leaf's value in bits
// 0-30 under bit 31 (Darts-clone).
class Precompiled {
 public:
  explicit Precompiled(const JsonPlace& base64);
  // As `tokenizers` does it: a grapheme cluster of under six bytes is replaced as a whole by its shortest start that the map knows,
  // else each of its characters is looked up.
  void apply(AlignedText& text) const;

 private:
  // The replacement for the shortest start of `key` that the map knows; nullptr when there is none.
  const char* find(std::string_view key) const;
  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace temper::data::tokenizers
