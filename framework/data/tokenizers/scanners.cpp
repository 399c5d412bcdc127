// Scanners for GPT-2's and Llama 3's split expressions. Each step below is one alternative of the expression, in its order.
#include "data/tokenizers/scanners.h"

#include "data/tokenizers/unicode.h"

#include <array>

namespace temper::data::tokenizers {

namespace {

enum Class : std::uint8_t { kOther, kLetter, kNumber, kSpace, kWide };  // kWide: the first byte alone does not tell

struct Classes {
  std::array<Class, 256> byte{};   // of ASCII characters, by their byte
  std::array<Class, 256> entry{};  // by a character table's entry
};

constexpr Classes make_classes() {
  Classes classes;
  for (int entry = 0; entry < 256; ++entry) {
    const Category c = static_cast<Category>(entry & 31);
    if (static_cast<Age>(entry >> 5) > Age::kV16 || (entry & 31) >= kCategories) continue;
    if (is_one_of(c, kLetters)) classes.entry[static_cast<std::size_t>(entry)] = kLetter;
    else if (is_one_of(c, kNumbers)) classes.entry[static_cast<std::size_t>(entry)] = kNumber;
    else if (is_one_of(c, kSeparators)) classes.entry[static_cast<std::size_t>(entry)] = kSpace;
  }
  for (std::size_t c = 0; c < 256; ++c) {
    if (c >= 128) classes.byte[c] = kWide;
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) classes.byte[c] = kLetter;
    else if (c >= '0' && c <= '9') classes.byte[c] = kNumber;
    else if ((c >= 9 && c <= 13) || c == ' ') classes.byte[c] = kSpace;
  }
  return classes;
}

constexpr Classes kClasses = make_classes();

// A place in the text; stepping over the end is the caller's to avoid.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : begin_(text.data()), end_(text.data() + text.size()), table_(character_table()) {}
  const char* end() const { return end_; }
  std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }

  // The class of the character at p, and p behind it.
  Class take(const char*& p) const {
    const unsigned char first = static_cast<unsigned char>(*p);
    if (first < 0x80) {
      ++p;
      return kClasses.byte[first];
    }
    const char32_t c = next_character(p);
    return c == 0x85 ? kSpace : kClasses.entry[table_[c]];
  }
  Class peek(const char* p) const { return take(p); }
  // Behind the longest run of one class from p on.
  const char* run(const char* p, Class wanted) const {
    for (;;) {
      while (p < end_ && kClasses.byte[static_cast<unsigned char>(*p)] == wanted) ++p;
      if (p == end_ || static_cast<unsigned char>(*p) < 0x80) return p;
      const char* next = p;
      if (take(next) != wanted) return p;
      p = next;
    }
  }
  // As many as `most` of one class.
  const char* run(const char* p, Class wanted, int most) const {
    for (; p < end_ && most > 0; --most) {
      const char* next = p;
      if (take(next) != wanted) break;
      p = next;
    }
    return p;
  }
  // From a space at p: \s+(?!\S)|\s+. A run gives its last character back when something follows, unless it is the only one.
  const char* spaces(const char* p) const {
    const char* last = p;
    const char* at = p;
    while (at < end_) {
      const char* next = at;
      if (take(next) != kSpace) break;
      last = at;
      at = next;
    }
    return at < end_ && last > p ? last : at;
  }

 private:
  const char* begin_;
  const char* end_;
  const std::uint8_t* table_;
};

// 's|'t|'re|'ve|'m|'ll|'d at p; nullptr when there is none.
const char* contraction(const char* p, const char* end) {
  if (end - p < 2) return nullptr;
  switch (p[1]) {
    case 's': case 't': case 'm': case 'd': return p + 2;
    case 'r': case 'v': return end - p > 2 && p[2] == 'e' ? p + 3 : nullptr;
    case 'l': return end - p > 2 && p[2] == 'l' ? p + 3 : nullptr;
    default: return nullptr;
  }
}

// The same in either case; U+017F is a long s.
const char* contraction_of_any_case(const char* p, const char* end) {
  if (end - p < 2) return nullptr;
  const auto is = [&](int i, char c) { return end - p > i && (p[i] | 0x20) == c; };
  if (is(1, 's') || is(1, 't') || is(1, 'm') || is(1, 'd')) return p + 2;
  if (end - p > 2 && p[1] == '\xC5' && p[2] == '\xBF') return p + 3;
  if ((is(1, 'r') || is(1, 'v')) && is(2, 'e')) return p + 3;
  if (is(1, 'l') && is(2, 'l')) return p + 3;
  return nullptr;
}

void scan_gpt2(std::string_view text, std::uint32_t base, std::vector<ByteRange>& matches) {
  const Cursor cursor(text);
  const char* p = text.data();
  while (p < cursor.end()) {
    const char* const start = p;
    if (*p == '\'') {
      if (const char* behind = contraction(p, cursor.end())) {
        p = behind;
        matches.push_back({base + cursor.offset(start), base + cursor.offset(p)});
        continue;
      }
    }
    Class kind = cursor.take(p);
    if (*start == ' ' && p < cursor.end() && cursor.peek(p) != kSpace) kind = cursor.take(p);
    p = kind == kSpace ? cursor.spaces(start) : cursor.run(p, kind);
    matches.push_back({base + cursor.offset(start), base + cursor.offset(p)});
  }
}

template <int kMostDigits>
void scan_llama3(std::string_view text, std::uint32_t base, std::vector<ByteRange>& matches) {
  const Cursor cursor(text);
  const char* p = text.data();
  const auto is_line_end = [](char c) { return c == '\r' || c == '\n'; };
  // [^\s\p{L}\p{N}]+[\r\n]*, from behind its first character.
  const auto symbols = [&](const char* at) {
    at = cursor.run(at, kOther);
    while (at < cursor.end() && is_line_end(*at)) ++at;
    return at;
  };
  while (p < cursor.end()) {
    const char* const start = p;
    const char* behind = *p == '\'' ? contraction_of_any_case(p, cursor.end()) : nullptr;
    if (behind) {
      p = behind;
    } else {
      const Class kind = cursor.take(p);
      const Class next = p < cursor.end() ? cursor.peek(p) : kSpace;
      if (kind == kLetter || (kind != kNumber && !is_line_end(*start) && next == kLetter)) {
        p = cursor.run(p, kLetter);
      } else if (kind == kNumber) {
        p = cursor.run(p, kNumber, kMostDigits - 1);
      } else if (kind == kOther) {
        p = symbols(p);
      } else if (*start == ' ' && next == kOther) {
        p = symbols(p);
      } else {  // \s*[\r\n]+ ends with the run's last line end
        const char* const run_end = cursor.run(start, kSpace);
        const char* line_end = run_end;
        while (line_end > start && !is_line_end(line_end[-1])) --line_end;
        p = line_end > start ? line_end : cursor.spaces(start);
      }
    }
    matches.push_back({base + cursor.offset(start), base + cursor.offset(p)});
  }
}

}  // namespace

Scanner scanner_for(std::string_view pattern) {
  if (pattern == kGpt2Pattern) return scan_gpt2;
  if (pattern == kLlama3Pattern) return scan_llama3<3>;
  if (pattern == kQwen2Pattern) return scan_llama3<1>;
  return nullptr;
}

}  // namespace temper::data::tokenizers
