// Counting n-grams.
#include <temper/ngrams.h>

#include <algorithm>

namespace temper {

NgramCounts count_ngrams(std::u32string_view sequence, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= sequence.size(); ++i) ++counts[sequence.substr(i, n)];
  return counts;
}

std::int64_t matching_ngrams(const NgramCounts& a, const NgramCounts& b) {
  std::int64_t matching = 0;
  for (const auto& [ngram, count] : a) {
    const auto found = b.find(ngram);
    if (found != b.end()) matching += std::min(count, found->second);
  }
  return matching;
}

std::string number_of_references(std::span<const Targets> targets) {
  const std::size_t first = targets.empty() ? 0 : targets.front().size();
  const bool all_alike = std::ranges::all_of(targets, [&](const Targets& some) { return some.size() == first; });
  return "nrefs:" + (all_alike ? std::to_string(first) : "var");
}

}  // namespace temper
