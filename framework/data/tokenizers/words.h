// A text cut into words, on its way through the pre-tokenizers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/tokenizers/aligned_text.h"

namespace temper::data::tokenizers {

struct Words {
  AlignedText text;
  std::vector<ByteRange> pieces;  // of text.text(): in order, apart, none empty; gaps were removed

  explicit Words(AlignedText whole) : text(std::move(whole)) {
    if (!text.text().empty()) pieces.push_back({0, static_cast<std::uint32_t>(text.text().size())});
  }
  std::string_view piece(const ByteRange& range) const { return text.text().substr(range.begin, range.end - range.begin); }
  // Lets `change` alter every piece on its own.
  void rewrite(const std::function<void(AlignedText& piece)>& change);
};

// What becomes of the text that an expression matches, as `tokenizers` names it.
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// Finds matches in one piece: appends ranges of it, in order and apart.
using Finder = std::function<void(std::string_view piece, std::vector<ByteRange>& matches)>;
// `invert`: what lies between the matches counts as matched.
void split(Words& words, const Finder& finder, SplitBehavior behavior, bool invert = false);

// A finder of single characters.
template <class Is>
Finder each_character(Is is) {
  return [is](std::string_view piece, std::vector<ByteRange>& matches) {
    for (const char *p = piece.data(), *end = p + piece.size(); p < end;) {
      const char* start = p;
      if (is(next_character(p))) matches.push_back({static_cast<std::uint32_t>(start - piece.data()), static_cast<std::uint32_t>(p - piece.data())});
    }
  };
}

}  // namespace temper::data::tokenizers
