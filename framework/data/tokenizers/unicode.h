// Characters as the library `tokenizers` sees them: its parts follow different versions of Unicode, named in each function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace temper::data::tokenizers {

enum class Category : std::uint8_t {
  kCn, kLu, kLl, kLt, kLm, kLo, kMn, kMc, kMe, kNd, kNl, kNo, kPc, kPd, kPs, kPe, kPi, kPf, kPo, kSm, kSc, kSk, kSo, kZs, kZl, kZp, kCc, kCf, kCs, kCo
};
inline constexpr int kCategories = 30;

// Unicode versions that a character may have come with; kV14 stands for 10 to 14.
enum class Age : std::uint8_t { kV8, kV9, kV14, kV15, kV16, kV17 };

// One byte per code point, age << 5 | category, of Unicode 17. For loops that must be quick; 0x110000 long.
const std::uint8_t* character_table();
inline Category category_of(std::uint8_t entry) { return static_cast<Category>(entry & 31); }
inline Age age_of(std::uint8_t entry) { return static_cast<Age>(entry >> 5); }

// The category in a version; kCn (unassigned) for younger characters.
Category category(char32_t c, Age version);

constexpr std::uint32_t mask(Category c) { return 1u << static_cast<int>(c); }
inline constexpr std::uint32_t kLetters = mask(Category::kLu) | mask(Category::kLl) | mask(Category::kLt) | mask(Category::kLm) | mask(Category::kLo);
inline constexpr std::uint32_t kMarks = mask(Category::kMn) | mask(Category::kMc) | mask(Category::kMe);
inline constexpr std::uint32_t kNumbers = mask(Category::kNd) | mask(Category::kNl) | mask(Category::kNo);
inline constexpr std::uint32_t kPunctuation = mask(Category::kPc) | mask(Category::kPd) | mask(Category::kPs) | mask(Category::kPe) |
                                              mask(Category::kPi) | mask(Category::kPf) | mask(Category::kPo);
inline constexpr std::uint32_t kSymbols = mask(Category::kSm) | mask(Category::kSc) | mask(Category::kSk) | mask(Category::kSo);
inline constexpr std::uint32_t kSeparators = mask(Category::kZs) | mask(Category::kZl) | mask(Category::kZp);
inline constexpr std::uint32_t kOthers = mask(Category::kCn) | mask(Category::kCc) | mask(Category::kCf) | mask(Category::kCs) | mask(Category::kCo);
constexpr bool is_one_of(Category c, std::uint32_t categories) { return (categories >> static_cast<int>(c)) & 1; }

bool is_white_space(char32_t c);      // the property White_Space, the same in all versions
bool is_numeric(char32_t c);          // Nd, Nl, No of Unicode 17
bool is_word(char32_t c);             // `\w` beside an added token (single_word): Unicode 16, with Alphabetic
bool is_bert_punctuation(char32_t c); // Unicode 8, and all ASCII symbols
bool is_bert_control(char32_t c);     // Cc, Cf, Co of Unicode 8, but tab and line ends
bool is_bert_accent(char32_t c);      // Mn of Unicode 8
bool is_mark(char32_t c);             // M of Unicode 9, what StripAccents takes
bool is_cjk(char32_t c);              // the ranges that BERT puts between spaces

// Lower case by character, Unicode 17: Σ is always σ; İ is two characters. Appends one or two code points to `out`.
void append_lower(char32_t c, std::u32string& out);

// UTF-8. These two trust their input, which sanitise() has seen.
inline char32_t next_character(const char*& p) {
  const auto byte = [&](int i) { return static_cast<unsigned char>(p[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return static_cast<unsigned char>(*p++);
  char32_t c;
  if (first < 0xE0) { c = (first & 0x1Fu) << 6 | (byte(1) & 0x3Fu); p += 2; }
  else if (first < 0xF0) { c = (first & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu); p += 3; }
  else { c = (first & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu); p += 4; }
  return c;
}
inline std::size_t utf8_length(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }
inline bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }
void append_utf8(char32_t c, std::string& out);
std::u32string to_utf32(std::string_view valid);
std::size_t count_characters(std::string_view valid);

// Text made valid: U+FFFD for every maximal invalid part (Unicode 15, section 3.9, U+FFFD substitution).
struct Sanitised {
  std::string text;
  std::vector<std::uint32_t> begin, end;  // for every byte of `text`, where its character lay in the original
};
Sanitised sanitise(std::string_view text);
// The same without the places: what decoding bytes "with replacement" gives.
std::string replace_invalid(std::string_view text);

}  // namespace temper::data::tokenizers
