// Category tables of several Unicode versions, lower case, and repair of invalid UTF-8.
#include "data/tokenizers/unicode.h"

#include <temper/utf8.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace temper::data::tokenizers {

namespace {

struct LowerRun {
  std::uint32_t first, last, step;
  std::int32_t add;
};

#include "data/tokenizers/unicode_tables.inc"

constexpr char32_t kCharacters = 0x110000;

std::unique_ptr<std::uint8_t[]> make_table() {
  auto table = std::make_unique<std::uint8_t[]>(kCharacters);
  for (std::size_t i = 0; i < std::size(kCategoryRuns); ++i) {
    const std::uint32_t begin = kCategoryRuns[i] >> 8;
    const std::uint32_t end = i + 1 < std::size(kCategoryRuns) ? kCategoryRuns[i + 1] >> 8 : kCharacters;
    std::fill(table.get() + begin, table.get() + end, static_cast<std::uint8_t>(kCategoryRuns[i] & 0xFF));
  }
  return table;
}

bool in_range(char32_t c, char32_t first, char32_t last) { return first <= c && c <= last; }

// How many bytes from `at` form one maximal invalid part: the longest start of a valid sequence, at least one byte
// (Unicode 15, table 3-7).
std::size_t invalid_part(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  std::size_t wanted = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) wanted = 1;
  else if (first >= 0xE0 && first <= 0xEF) {
    wanted = 2;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    wanted = 3;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  }
  std::size_t length = 1;
  while (length <= wanted && at + length < text.size() && byte(at + length) >= low && byte(at + length) <= high) {
    ++length;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Calls valid(begin, size) and invalid(begin, size) for the parts of `text`, in order.
template <class Valid, class Invalid>
void walk(std::string_view text, const Valid& valid, const Invalid& invalid) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t good = valid_utf8_prefix(text.substr(at));
    valid(at, good);
    at += good;
    if (at == text.size()) break;
    const std::size_t bad = invalid_part(text, at);
    invalid(at, bad);
    at += bad;
  }
}

}  // namespace

const std::uint8_t* character_table() {
  static const std::unique_ptr<std::uint8_t[]> table = make_table();
  return table.get();
}

Category category(char32_t c, Age version) {
  if (c >= kCharacters) return Category::kCn;
  const std::uint8_t entry = character_table()[c];
  if (age_of(entry) > version) return Category::kCn;
  if (c == 0x295 && version < Age::kV17) return Category::kLl;  // Lo from 17 on
  return category_of(entry);
}

bool is_white_space(char32_t c) {
  if (c < 0x80) return in_range(c, 9, 13) || c == ' ';
  return c == 0x85 || c == 0xA0 || c == 0x1680 || in_range(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_numeric(char32_t c) { return is_one_of(category(c, Age::kV17), kNumbers); }

bool is_word(char32_t c) {
  const std::uint32_t categories = kLetters | kMarks | mask(Category::kNd) | mask(Category::kNl) | mask(Category::kPc);
  if (is_one_of(category(c, Age::kV16), categories)) return true;
  // Alphabetic symbols (circled and squared letters), and the joiners.
  return in_range(c, 0x24B6, 0x24E9) || in_range(c, 0x1F130, 0x1F149) || in_range(c, 0x1F150, 0x1F169) || in_range(c, 0x1F170, 0x1F189) || c == 0x200C || c == 0x200D;
}

// Characters whose category was another one in Unicode 8 or 9 than in 17 are named one by one.
bool is_bert_punctuation(char32_t c) {
  if (c < 0x80) return in_range(c, 33, 47) || in_range(c, 58, 64) || in_range(c, 91, 96) || in_range(c, 123, 126);
  return is_one_of(category(c, Age::kV8), kPunctuation) || c == 0x166D || c == 0x111C9;
}

bool is_bert_control(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return is_one_of(category(c, Age::kV8), mask(Category::kCc) | mask(Category::kCf) | mask(Category::kCo));
}

bool is_bert_accent(char32_t c) {
  if (c == 0x1734 || c == 0x1171E) return true;
  if (c == 0x1885 || c == 0x1886 || c == 0xA9BD || c == 0x111C9) return false;
  return category(c, Age::kV8) == Category::kMn;
}

bool is_mark(char32_t c) {
  if (c == 0x1CF2 || c == 0x1CF3) return true;
  return is_one_of(category(c, Age::kV9), kMarks) && c != 0x111C9;
}

bool is_cjk(char32_t c) {
  return in_range(c, 0x4E00, 0x9FFF) || in_range(c, 0x3400, 0x4DBF) || in_range(c, 0x20000, 0x2A6DF) || in_range(c, 0x2A700, 0x2B81F) ||
         in_range(c, 0x2B920, 0x2CEAF) || in_range(c, 0xF900, 0xFAFF) || in_range(c, 0x2F800, 0x2FA1F);
}

void append_lower(char32_t c, std::u32string& out) {
  if (c < 0x80) {
    out += in_range(c, 'A', 'Z') ? c + 32 : c;
    return;
  }
  if (c == 0x130) {
    out += U"i\u0307";
    return;
  }
  const auto run = std::lower_bound(std::begin(kLowerRuns), std::end(kLowerRuns), c, [](const LowerRun& r, char32_t value) { return r.last < value; });
  if (run != std::end(kLowerRuns) && c >= run->first && (c - run->first) % run->step == 0) c = static_cast<char32_t>(static_cast<std::int32_t>(c) + run->add);
  out += c;
}

void append_utf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::u32string to_utf32(std::string_view valid) {
  std::u32string result;
  result.reserve(valid.size());
  for (const char *p = valid.data(), *end = p + valid.size(); p < end;) result += next_character(p);
  return result;
}

std::size_t count_characters(std::string_view valid) {
  return static_cast<std::size_t>(std::count_if(valid.begin(), valid.end(), [](char byte) { return !is_continuation(byte); }));
}

Sanitised sanitise(std::string_view text) {
  Sanitised result;
  const auto place = [&](std::size_t begin, std::size_t size, std::size_t bytes) {
    result.begin.insert(result.begin.end(), bytes, static_cast<std::uint32_t>(begin));
    result.end.insert(result.end.end(), bytes, static_cast<std::uint32_t>(begin + size));
  };
  walk(text,
       [&](std::size_t begin, std::size_t size) {
         for (const char *p = text.data() + begin, *end = p + size; p < end;) {
           const char* start = p;
           next_character(p);
           place(static_cast<std::size_t>(start - text.data()), static_cast<std::size_t>(p - start), static_cast<std::size_t>(p - start));
         }
         result.text += text.substr(begin, size);
       },
       [&](std::size_t begin, std::size_t size) {
         place(begin, size, kReplacement.size());
         result.text += kReplacement;
       });
  return result;
}

std::string replace_invalid(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  walk(text, [&](std::size_t begin, std::size_t size) { result += text.substr(begin, size); }, [&](std::size_t, std::size_t) { result += kReplacement; });
  return result;
}

}  // namespace temper::data::tokenizers
