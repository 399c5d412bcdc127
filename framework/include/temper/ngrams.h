// Counting the n-grams that two texts share: what BLEU, chrF and ROUGE are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <temper/item.h>

namespace temper {

// Words as numbers, so that a text is a sequence like one of characters: equal words have equal numbers.
class WordNumbers {
 public:
  char32_t number(std::string_view word) { return numbers_.emplace(word, static_cast<char32_t>(numbers_.size())).first->second; }
  template <class Words>
  std::u32string sequence(const Words& words) {
    std::u32string numbers;
    for (const auto& word : words) numbers += number(word);
    return numbers;
  }

 private:
  std::unordered_map<std::string, char32_t> numbers_;
};

// How often each n-gram occurs. Views into the sequence, which must outlive the counts.
using NgramCounts = std::unordered_map<std::u32string_view, std::int64_t>;

inline std::int64_t number_of_ngrams(std::u32string_view sequence, std::size_t n) {
  return sequence.size() < n ? 0 : static_cast<std::int64_t>(sequence.size() - n + 1);
}
NgramCounts count_ngrams(std::u32string_view sequence, std::size_t n);

// Of the n-grams of one, how many are found in the other, each as often as it occurs in both.
std::int64_t matching_ngrams(const NgramCounts& a, const NgramCounts& b);

// "nrefs:1", or "nrefs:var" where items differ: how sacreBLEU's signatures begin.
std::string number_of_references(std::span<const Targets> targets);

}  // namespace temper
