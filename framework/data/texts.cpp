// Texts as Python's str sees them. ASCII, nearly all of what is scored, takes short ways.
#include <temper/texts.h>

#include <algorithm>
#include <array>

#include "data/tokenizers/unicode.h"

namespace temper {

namespace {

using namespace data::tokenizers;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_of(char32_t c, std::uint32_t categories) { return c < 0x110000 && is_one_of(category_of(character_table()[c]), categories); }

// Unicode 15, section 3.13, Final_Sigma: cased letters and what is passed over beside them. The properties are spelled by general
// categories, with the characters that Other_Lowercase, Other_Uppercase and Word_Break add.
bool is_cased(char32_t c) {
  return is_of(c, mask(Category::kLu) | mask(Category::kLl) | mask(Category::kLt)) || c == 0xAA || c == 0xBA || (c >= 0x2160 && c <= 0x217F) || (c >= 0x24B6 && c <= 0x24E9);
}
bool is_case_ignorable(char32_t c) {
  constexpr std::array<char32_t, 16> kMiddleOfWords = {'\'', '.', ':', 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E};
  return is_of(c, mask(Category::kMn) | mask(Category::kMe) | mask(Category::kCf) | mask(Category::kLm) | mask(Category::kSk)) || std::ranges::find(kMiddleOfWords, c) != kMiddleOfWords.end() || c == 0xFF1A;
}
bool is_final_sigma(std::u32string_view text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t after = at + 1;
  while (after < text.size() && is_case_ignorable(text[after])) ++after;
  return after == text.size() || !is_cased(text[after]);
}

constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2;

}  // namespace

std::optional<std::string> answer_text(const Target& target) {
  if (const auto* text = std::get_if<Text>(&target)) return text->text;
  if (const auto* label = std::get_if<Label>(&target)) return label->name;
  const auto* spans = std::get_if<Spans>(&target);
  if (!spans) return std::nullopt;
  std::string joined;
  for (const Span& span : spans->spans) joined += (&span == &spans->spans.front() ? "" : " ") + span.text;
  return joined;
}

std::u32string to_characters(std::string_view text) {
  if (is_ascii(text)) return {text.begin(), text.end()};
  return to_utf32(replace_invalid(text));
}

std::string to_bytes(std::u32string_view characters) {
  std::string text;
  for (const char32_t c : characters) append_utf8(c, text);
  return text;
}

bool is_blank(char32_t c) { return c < 0x80 ? c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) : is_white_space(c); }
bool is_letter(char32_t c) { return is_of(c, kLetters); }
bool is_number(char32_t c) { return is_of(c, kNumbers); }
bool is_punctuation(char32_t c) { return is_of(c, kPunctuation); }
bool is_symbol(char32_t c) { return is_of(c, kSymbols); }

std::string lower_case(std::string_view text) {
  if (is_ascii(text)) {
    std::string lowered(text);
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lowered;
  }
  const std::u32string characters = to_characters(text);
  std::u32string lowered;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (characters[i] == kCapitalSigma && is_final_sigma(characters, i)) lowered += kFinalSigma;
    else append_lower(characters[i], lowered);
  }
  return to_bytes(lowered);
}

std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0, at = 0;
  const auto end_word = [&] {
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at]);
    // Blanks have three bytes at most, the first of them C2, E1, E2 or E3.
    const std::size_t size = first < 0x80 ? 1 : first == 0xC2 ? 2 : first >= 0xE1 && first <= 0xE3 ? 3 : 0;
    bool blank = size == 1 && is_blank(first);
    if (size > 1 && at + size <= text.size()) {
      char32_t c = first & (size == 2 ? 0x1F : 0x0F);
      for (std::size_t i = 1; i < size; ++i) c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
      blank = is_blank(c);
    }
    if (blank) {
      end_word();
      at += size;
      begin = at;
    } else {
      ++at;
    }
  }
  end_word();
  return words;
}

}  // namespace temper
