// NFC, NFD, NFKC and NFKD of Unicode 9, which is what the library `tokenizers` has.
#pragma once

#include "data/tokenizers/aligned_text.h"

namespace temper::data::tokenizers {

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };
void to_form(AlignedText& text, UnicodeForm form);

// The full canonical decomposition of one character, itself when it has none; appended to `out`.
void append_decomposed(char32_t c, std::u32string& out);
int canonical_combining_class(char32_t c);

}  // namespace temper::data::tokenizers
