// The normaliser Precompiled, by clusters and characters.
#include "data/tokenizers/precompiled.h"

#include <temper/error.h>

#include <utf8proc.h>

namespace temper::data::tokenizers {

namespace {

std::string decode_base64(const JsonPlace& place) {
  const std::string text = place.string();
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    int digit;
    if (c >= 'A' && c <= 'Z') digit = c - 'A';
    else if (c >= 'a' && c <= 'z') digit = c - 'a' + 26;
    else if (c >= '0' && c <= '9') digit = c - '0' + 52;
    else if (c == '+') digit = 62;
    else if (c == '/') digit = 63;
    else if (c == '=') break;
    else place.fail("this is no base64");
    group = group << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xFF);
    }
  }
  return bytes;
}

}  // namespace

Precompiled::Precompiled(const JsonPlace& base64) {
  try {
    map_ = CharacterMap(decode_base64(base64));
  } catch (const Error& error) {
    base64.fail(error.what());
  }
}

void Precompiled::apply(AlignedText& text) const {
  const std::string_view now = text.text();
  struct Changed { char32_t c; int change; };
  std::vector<Changed> changed;
  bool any = false;
  // `old_count` characters become `replacement`: the rule by which `tokenizers` keeps places.
  const auto replace = [&](std::size_t old_count, std::string_view replacement) {
    any = true;
    const std::u32string fresh = to_utf32(replacement);
    const std::ptrdiff_t difference = static_cast<std::ptrdiff_t>(fresh.size()) - static_cast<std::ptrdiff_t>(old_count);
    for (const char32_t c : fresh) changed.push_back({c, 0});
    if (difference > 0) {
      for (std::ptrdiff_t i = 0; i < difference; ++i) changed[changed.size() - 1 - static_cast<std::size_t>(i)].change = 1;
    } else if (difference < 0 && !changed.empty()) {  // the library forgets what is removed at the very start
      changed.back().change += static_cast<int>(difference);
    }
  };
  utf8proc_int32_t state = 0;
  std::size_t begin = 0;
  while (begin < now.size()) {
    // One extended grapheme cluster.
    const char* p = now.data() + begin;
    const char* const end = now.data() + now.size();
    char32_t previous = next_character(p);
    std::size_t characters = 1;
    while (p < end) {
      const char* ahead = p;
      const char32_t next = next_character(ahead);
      if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(previous), static_cast<utf8proc_int32_t>(next), &state)) break;
      previous = next;
      p = ahead;
      ++characters;
    }
    const std::string_view cluster = now.substr(begin, static_cast<std::size_t>(p - now.data()) - begin);
    begin += cluster.size();
    const CharacterMap::Match whole = cluster.size() < 6 ? map_.shortest(cluster) : CharacterMap::Match{};
    if (whole.size > 0) {
      replace(characters, whole.replacement);
      continue;
    }
    for (const char *q = cluster.data(), *stop = q + cluster.size(); q < stop;) {
      const char* start = q;
      const char32_t c = next_character(q);
      const CharacterMap::Match found = map_.shortest(std::string_view(start, static_cast<std::size_t>(q - start)));
      if (found.size > 0) replace(1, found.replacement);
      else changed.push_back({c, 0});
    }
  }
  if (!any) return;
  Rewriter rewriter(text);
  for (const Changed& c : changed) rewriter.add(c.c, c.change);
  rewriter.finish(text);
}

}  // namespace temper::data::tokenizers
