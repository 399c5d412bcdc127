// BERT's normalisation (Devlin et al. 2019, tokenization.py), for both of the files that may ask for it.
#pragma once

#include <array>

#include "data/tokenizers/components.h"

namespace temper::data::tokenizers {

struct BertNormalization {
  bool clean_text = true;            // controls go, white space becomes spaces
  bool handle_chinese_chars = true;  // CJK characters stand alone
  bool strip_accents = true;
  bool lowercase = true;
};

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalization& options);
  // In one pass, where the steps act on each character alone; else step by step.
  void apply(AlignedText& text) const override;
  // Step by step, each of which keeps places by the rules of AlignedText: the plain twin.
  void apply_in_steps(AlignedText& text) const;

 private:
  bool normalize_character(char32_t c, std::u32string& out) const;
  BertNormalization options_;
  std::array<char, 128> ascii_{};  // what becomes of ASCII characters; 0 for those that go
};

// Lower case by character, with places.
void to_lower(AlignedText& text);

}  // namespace temper::data::tokenizers
