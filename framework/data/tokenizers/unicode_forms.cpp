// Normal forms (Unicode Standard Annex 15) that keep track of places; the decompositions are utf8proc's.
#include "data/tokenizers/unicode_forms.h"

#include <utf8proc.h>

#include <algorithm>
#include <unordered_map>

namespace temper::data::tokenizers {

namespace {

// A character and how it changes the text (see Rewriter).
struct Changed {
  char32_t c;
  int change;
  int combining_class;
};

bool is_known(char32_t c) { return c < 0x80 || age_of(character_table()[c]) <= Age::kV9; }

int combining_class(char32_t c) { return is_known(c) ? utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class : 0; }

// The full decomposition of one character; at most 18 (U+FDFA).
std::size_t decompose(char32_t c, bool compatible, utf8proc_int32_t (&out)[32]) {
  int last_boundclass = 0;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
  const utf8proc_ssize_t size = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), out, 32, options, &last_boundclass);
  return size > 0 && size <= 32 ? static_cast<std::size_t>(size) : 0;
}

// Canonical decomposition's opposite: pairs to what they compose to, Hangul apart.
const std::unordered_map<std::uint64_t, char32_t>& compositions() {
  static const std::unordered_map<std::uint64_t, char32_t> table = [] {
    std::unordered_map<std::uint64_t, char32_t> pairs;
    for (char32_t c = 0xC0; c < 0x30000; ++c) {
      if ((c >= 0xAC00 && c <= 0xDFFF) || !is_known(c)) continue;
      utf8proc_int32_t parts[32];
      const std::size_t size = decompose(c, false, parts);
      if (size < 2) continue;
      // Its last part, and the composition of those before it, which is shorter and so again a pair or a single character.
      utf8proc_int32_t rest[32];
      std::copy(parts, parts + size - 1, rest);
      utf8proc_ssize_t left = static_cast<utf8proc_ssize_t>(size) - 1;
      left = utf8proc_normalize_utf32(rest, left, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
      utf8proc_int32_t whole[32];
      std::copy(parts, parts + size, whole);
      const utf8proc_ssize_t composed = utf8proc_normalize_utf32(whole, static_cast<utf8proc_ssize_t>(size), static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
      if (left != 1 || composed != 1 || static_cast<char32_t>(whole[0]) != c) continue;  // excluded from composition
      pairs[static_cast<std::uint64_t>(rest[0]) << 32 | static_cast<std::uint32_t>(parts[size - 1])] = c;
    }
    return pairs;
  }();
  return table;
}

// 0 when the pair does not compose. Hangul: The Unicode Standard 15, section 3.12.
char32_t compose(char32_t a, char32_t b) {
  if (a >= 0x1100 && a < 0x1113 && b >= 0x1161 && b < 0x1176) return 0xAC00 + ((a - 0x1100) * 21 + (b - 0x1161)) * 28;
  if (a >= 0xAC00 && a < 0xD7A4 && (a - 0xAC00) % 28 == 0 && b > 0x11A7 && b < 0x11C3) return a + (b - 0x11A7);
  const auto found = compositions().find(static_cast<std::uint64_t>(a) << 32 | b);
  return found == compositions().end() ? 0 : found->second;
}

std::vector<Changed> decomposed(std::string_view text, bool compatible) {
  std::vector<Changed> result;
  result.reserve(text.size());
  std::size_t sorted = 0;  // marks behind this place still wait for their order
  const auto sort_marks = [&] {
    std::stable_sort(result.begin() + static_cast<std::ptrdiff_t>(sorted), result.end(), [](const Changed& a, const Changed& b) { return a.combining_class < b.combining_class; });
  };
  const auto push = [&](char32_t c, int change) {
    const int ccc = combining_class(c);
    if (ccc == 0) sort_marks();
    result.push_back({c, change, ccc});
    if (ccc == 0) sorted = result.size();
  };
  for (const char *p = text.data(), *end = p + text.size(); p < end;) {
    const char32_t c = next_character(p);
    if (c < 0x80 || !is_known(c)) {
      push(c, 0);
      continue;
    }
    utf8proc_int32_t parts[32];
    const std::size_t size = decompose(c, compatible, parts);
    if (size == 0) push(c, 0);
    for (std::size_t i = 0; i < size; ++i) push(static_cast<char32_t>(parts[i]), i > 0);
  }
  sort_marks();
  return result;
}

// Composes in place: a character that takes in another one takes in its change, and removes one more.
void compose_all(std::vector<Changed>& all) {
  std::size_t out = 0;
  std::ptrdiff_t starter = -1;
  int last_class = -1;  // of the character behind the starter; -1: none
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Changed next = all[i];
    if (starter >= 0) {
      Changed& base = all[static_cast<std::size_t>(starter)];
      const bool blocked = last_class >= 0 && last_class >= next.combining_class;
      const char32_t whole = blocked ? 0 : compose(base.c, next.c);
      if (whole != 0) {
        base.c = whole;
        base.change += next.change - 1;
        continue;
      }
    }
    all[out] = next;
    if (next.combining_class == 0) {
      starter = static_cast<std::ptrdiff_t>(out);
      last_class = -1;
    } else {
      last_class = next.combining_class;
    }
    ++out;
  }
  all.resize(out);
}

}  // namespace

void append_decomposed(char32_t c, std::u32string& out) {
  utf8proc_int32_t parts[32];
  const std::size_t size = c < 0x80 || !is_known(c) ? 0 : decompose(c, false, parts);
  if (size == 0) out += c;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char32_t>(parts[i]);
}

int canonical_combining_class(char32_t c) { return combining_class(c); }

void to_form(AlignedText& text, UnicodeForm form) {
  const std::string_view now = text.text();
  if (std::all_of(now.begin(), now.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; })) return;
  std::vector<Changed> changed = decomposed(now, form == UnicodeForm::kNfkc || form == UnicodeForm::kNfkd);
  if (form == UnicodeForm::kNfc || form == UnicodeForm::kNfkc) compose_all(changed);
  Rewriter rewriter(text);
  for (const Changed& c : changed) rewriter.add(c.c, c.change);
  rewriter.finish(text);
}

}  // namespace temper::data::tokenizers
