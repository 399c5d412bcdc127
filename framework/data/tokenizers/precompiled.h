// The normaliser Precompiled of tokenizer.json: a character map of sentencepiece, in base64.
#pragma once

#include "data/tokenizers/aligned_text.h"
#include "data/tokenizers/character_map.h"
#include "data/tokenizers/json_object.h"

namespace temper::data::tokenizers {

class Precompiled {
 public:
  explicit Precompiled(const JsonPlace& base64);
  // As `tokenizers` does it: a grapheme cluster of under six bytes is replaced as a whole by its shortest start that the map knows,
  // else each of its characters is looked up.
  void apply(AlignedText& text) const;

 private:
  CharacterMap map_;
};

}  // namespace temper::data::tokenizers
