// BERT's normalisation (Devlin et al. 2019, tokenization.py), for both of the files that may ask for it.
#pragma once

#include "data/tokenizers/aligned_text.h"

namespace temper::data::tokenizers {

struct BertNormalization {
  bool clean_text = true;            // controls go, white space becomes spaces
  bool handle_chinese_chars = true;  // CJK characters stand alone
  bool strip_accents = true;
  bool lowercase = true;
};
void bert_normalize(AlignedText& text, const BertNormalization& options);

// Lower case by character, with places.
void to_lower(AlignedText& text);

}  // namespace temper::data::tokenizers
