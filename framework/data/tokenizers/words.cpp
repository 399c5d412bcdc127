// Splitting of words by matches, and rewriting of words.
#include "data/tokenizers/words.h"

namespace temper::data::tokenizers {

void Words::rewrite(const std::function<void(AlignedText&)>& change) {
  AlignedText joined;
  std::vector<ByteRange> changed;
  for (const ByteRange& range : pieces) {
    AlignedText piece = text.part(range.begin, range.end);
    change(piece);
    const std::uint32_t begin = static_cast<std::uint32_t>(joined.text().size());
    joined.append(piece);
    const std::uint32_t end = static_cast<std::uint32_t>(joined.text().size());
    if (end > begin) changed.push_back({begin, end});
  }
  text = std::move(joined);
  pieces = std::move(changed);
}

namespace {

struct Stretch {
  ByteRange range;
  bool matched = false;
};

// The whole piece as stretches, matched and not, in order.
std::vector<Stretch> stretches(std::string_view piece, const std::vector<ByteRange>& matches, bool invert) {
  std::vector<Stretch> result;
  std::uint32_t done = 0;
  for (const ByteRange& match : matches) {
    if (match.begin > done) result.push_back({{done, match.begin}, invert});
    result.push_back({match, !invert});
    done = match.end;
  }
  if (done < piece.size()) result.push_back({{done, static_cast<std::uint32_t>(piece.size())}, invert});
  return result;
}

std::vector<Stretch> merged(const std::vector<Stretch>& all, SplitBehavior behavior) {
  std::vector<Stretch> result;
  bool previous = false;
  if (behavior == SplitBehavior::kMergedWithNext) {
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
      if (it->matched && !previous && !result.empty()) result.back().range.begin = it->range.begin;
      else result.push_back(*it);
      previous = it->matched;
    }
    return {result.rbegin(), result.rend()};
  }
  for (const Stretch& stretch : all) {
    const bool joins = behavior == SplitBehavior::kContiguous ? stretch.matched == previous : stretch.matched && !previous;
    if (joins && !result.empty()) result.back().range.end = stretch.range.end;
    else result.push_back(stretch);
    previous = stretch.matched;
  }
  return result;
}

}  // namespace

void split(Words& words, const Finder& finder, SplitBehavior behavior, bool invert) {
  std::vector<ByteRange> result, matches;
  for (const ByteRange& range : words.pieces) {
    matches.clear();
    const std::string_view piece = words.piece(range);
    finder(piece, matches);
    std::vector<Stretch> parts = stretches(piece, matches, invert);
    if (behavior != SplitBehavior::kRemoved && behavior != SplitBehavior::kIsolated) parts = merged(parts, behavior);
    for (const Stretch& part : parts) {
      if (part.range.begin == part.range.end || (behavior == SplitBehavior::kRemoved && part.matched)) continue;
      result.push_back({range.begin + part.range.begin, range.begin + part.range.end});
    }
  }
  words.pieces = std::move(result);
}

}  // namespace temper::data::tokenizers
