// NFC, NFD, NFKC and NFKD of Unicode 9, which is what the library `tokenizers` has.
#pragma once

#include "data/tokenizers/aligned_text.h"

namespace temper::data::tokenizers {

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };
void to_form(AlignedText& text, UnicodeForm form);

}  // namespace temper::data::tokenizers
