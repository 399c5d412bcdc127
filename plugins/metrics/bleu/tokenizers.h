// How sacreBLEU cuts a line into words before it counts n-grams.
#pragma once

#include <string>
#include <string_view>

#include <temper/options.h>

namespace bleu {

enum class Tokenizer {
  k13a,   // mteval-v13a's, for languages that write blanks between words
  kIntl,  // mteval-v14's, by Unicode's classes
  kChar,  // each character is a word
  kNone,  // at blanks only
};

// The line with blanks around its words.
std::string tokenize(std::string_view line, Tokenizer tokenizer);

}  // namespace bleu

template <>
struct temper::EnumNames<bleu::Tokenizer> {
  static constexpr const char* names[] = {"13a", "intl", "char", "none"};
};
