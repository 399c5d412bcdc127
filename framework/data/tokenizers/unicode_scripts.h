// Words cut where the script changes, as the pre-tokenizer UnicodeScripts does.
#pragma once

#include "data/tokenizers/words.h"

namespace temper::data::tokenizers {

// A number that stands for the script of a character in Unicode 9; 0 for none.
std::uint8_t script_of(char32_t c);

// Kana count as Han. A space, or a character without a script, stays with what is before it; in front of all others it is dropped.
void split_by_script(Words& words);

}  // namespace temper::data::tokenizers
