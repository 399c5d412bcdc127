// LowerWords: bytes that are ASCII go through one table, all others through Unicode's categories.
#include <temper/lower_words.h>

#include <array>

#include <temper/utf8.h>

#include "data/tokenizers/unicode.h"

namespace temper {

namespace {

using namespace data::tokenizers;

// The lower-cased character, or 0 where it separates words.
constexpr std::array<char, 128> ascii_table() {
  std::array<char, 128> table{};
  for (int c = 0; c < 128; ++c) {
    const char letter = static_cast<char>(c);
    if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_') table[c] = letter;
    if (letter >= 'A' && letter <= 'Z') table[c] = static_cast<char>(letter - 'A' + 'a');
  }
  return table;
}
constexpr std::array<char, 128> kAscii = ascii_table();

bool is_word_character(char32_t c) { return c < 0x110000 && is_one_of(category_of(character_table()[c]), kLetters | kNumbers); }

// The bytes of the character at `at`, 1 for an invalid byte.
std::size_t character_size(std::string_view text, std::size_t at) {
  const unsigned char first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  return at + size <= text.size() && size > 1 && valid_utf8_prefix(text.substr(at, size)) == size ? size : 1;
}

}  // namespace

bool LowerWords::next() {
  word_.clear();
  std::size_t characters = 0;
  const auto ended = [&] { return characters >= 2 ? true : (word_.clear(), characters = 0, false); };
  for (;;) {
    // What lowering the last character left: the second half of a pair, after a word may have ended at the first.
    if (lowered_at_ < lowered_.size()) {
      const char32_t c = lowered_[lowered_at_++];
      if (c < 128 ? kAscii[c] != 0 : is_word_character(c)) append_utf8(c, word_), ++characters;
      else if (ended()) return true;
      continue;
    }
    if (at_ >= text_.size()) return ended();
    const unsigned char byte = static_cast<unsigned char>(text_[at_]);
    if (byte < 128) {
      ++at_;
      if (const char c = kAscii[byte]) word_ += c, ++characters;
      else if (ended()) return true;
      continue;
    }
    const std::size_t size = character_size(text_, at_);
    lowered_.clear();
    lowered_at_ = 0;
    if (size > 1) {
      const char* p = text_.data() + at_;
      append_lower(next_character(p), lowered_);
    } else {
      lowered_ = U"\uFFFD";
    }
    at_ += size;
  }
}

}  // namespace temper
