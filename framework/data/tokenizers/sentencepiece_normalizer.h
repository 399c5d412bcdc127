// sentencepiece's normalisation: its character map, longest key first, and its rules for spaces.
#pragma once

#include <memory>

#include "data/tokenizers/byte_trie.h"
#include "data/tokenizers/character_map.h"
#include "data/tokenizers/components.h"
#include "data/tokenizers/sentencepiece_file.h"

namespace temper::data::tokenizers {

class SentencePieceNormalizer final : public Normalizer {
 public:
  // User-defined symbols pass as they are. Throws Error (without a place) for a character map that is damaged.
  SentencePieceNormalizer(const SentencePieceNormalization& rules, std::shared_ptr<const ByteTrie> user_defined, bool whitespace_as_suffix);
  // Places are such that a stretch of the result covers the source from where its first byte came from to where the byte behind it came
  // from, as sentencepiece counts: an inserted space covers nothing.
  void apply(AlignedText& text) const override;

 private:
  struct Step {
    std::string_view text;  // what stands there afterwards
    std::size_t consumed;   // bytes of the source, at least 1
  };
  Step step(std::string_view rest) const;
  CharacterMap map_;
  std::shared_ptr<const ByteTrie> user_defined_;
  bool add_dummy_prefix_, remove_extra_whitespaces_, whitespace_as_suffix_;
  std::string_view space_;  // how a space is written
};

}  // namespace temper::data::tokenizers
