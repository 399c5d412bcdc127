// Scripts of characters, and the splits between them.
#include "data/tokenizers/unicode_scripts.h"

#include <algorithm>
#include <iterator>

namespace temper::data::tokenizers {

namespace {

#include "data/tokenizers/unicode_scripts.inc"

std::uint8_t joined_script(char32_t c) {
  if (c == U' ') return 0;
  if (c == 0x30FC) return kHan;  // the prolonged sound mark, whose script is Common
  const std::uint8_t script = script_of(c);
  return script == kHiragana || script == kKatakana ? kHan : script;
}

}  // namespace

std::uint8_t script_of(char32_t c) {
  const std::uint32_t* const run = std::upper_bound(std::begin(kScriptRuns), std::end(kScriptRuns), static_cast<std::uint32_t>(c) << 8 | 0xFF) - 1;
  return static_cast<std::uint8_t>(*run & 0xFF);
}

void split_by_script(Words& words) {
  std::vector<ByteRange> result;
  for (const ByteRange& range : words.pieces) {
    const std::string_view piece = words.piece(range);
    std::uint8_t last = 0;
    bool open = false;  // a stretch is
    for (const char *p = piece.data(), *end = p + piece.size(); p < end;) {
      const std::uint32_t at = range.begin + static_cast<std::uint32_t>(p - piece.data());
      const std::uint8_t script = joined_script(next_character(p));
      if (script == 0) continue;
      if (script != last) {
        if (open) result.back().end = at;
        result.push_back({at, range.end});
        open = true;
      }
      last = script;
    }
  }
  words.pieces = std::move(result);
}

}  // namespace temper::data::tokenizers
