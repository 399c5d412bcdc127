// The table between bytes and their characters.
#include "data/tokenizers/byte_alphabet.h"

#include "data/tokenizers/unicode.h"

#include <array>

namespace temper::data::tokenizers {

namespace {

struct Alphabet {
  std::array<char32_t, 256> character{};
  std::array<std::int16_t, 0x144> byte{};
};

// Visible characters of Latin-1 stand for themselves, all others are counted from U+0100 on.
constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (auto& b : alphabet.byte) b = -1;
  char32_t next = 0x100;
  for (int b = 0; b < 256; ++b) {
    const bool visible = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    alphabet.character[static_cast<std::size_t>(b)] = visible ? static_cast<char32_t>(b) : next++;
    alphabet.byte[alphabet.character[static_cast<std::size_t>(b)]] = static_cast<std::int16_t>(b);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

char32_t character_of_byte(unsigned char byte) { return kAlphabet.character[byte]; }
int byte_of_character(char32_t c) { return c < kAlphabet.byte.size() ? kAlphabet.byte[c] : -1; }

bool to_bytes(std::string_view token, std::string& bytes) {
  bytes.clear();
  for (const char *p = token.data(), *end = p + token.size(); p < end;) {
    const int byte = byte_of_character(next_character(p));
    if (byte < 0) return false;
    bytes += static_cast<char>(byte);
  }
  return true;
}

std::string from_bytes(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) append_utf8(character_of_byte(static_cast<unsigned char>(byte)), text);
  return text;
}

}  // namespace temper::data::tokenizers
