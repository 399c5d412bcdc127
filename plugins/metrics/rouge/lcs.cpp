// The table of the longest common subsequence, 64 cells at a time.
#include "lcs.h"

#include <algorithm>
#include <bit>
#include <string>
#include <unordered_map>

#include <temper/error.h>

namespace rouge {

namespace {

constexpr std::size_t kMostBytes = std::size_t{2} << 30;

}  // namespace

CommonSubsequence::CommonSubsequence(std::u32string_view a, std::u32string_view b, bool keep) : a_(a), b_(b), words_((b.size() + 63) / 64) {
  if (keep && words_ > 0 && (a.size() + 1) > kMostBytes / 8 / words_) {
    throw temper::Error("the longest common subsequence of texts of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) + " words takes more than 2 GiB", "put line ends between their sentences");
  }
  std::unordered_map<char32_t, std::vector<std::size_t>> places;  // of each word in b
  for (std::size_t j = 0; j < b.size(); ++j) places[b[j]].push_back(j);
  rows_.assign(words_ * (keep ? a.size() + 1 : 1), ~std::uint64_t{0});
  std::vector<std::uint64_t> match(words_, 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::uint64_t* before = &rows_[keep ? i * words_ : 0];
    std::uint64_t* row = &rows_[keep ? (i + 1) * words_ : 0];
    const auto found = places.find(a[i]);
    if (found == places.end()) {
      if (keep) std::copy_n(before, words_, row);
      continue;
    }
    for (const std::size_t j : found->second) match[j / 64] |= std::uint64_t{1} << j % 64;
    unsigned carry = 0;
    for (std::size_t w = 0; w < words_; ++w) {  // V' = (V + (V & M)) | (V & ~M), the sum over all words
      const std::uint64_t old = before[w], both = old & match[w];
      std::uint64_t sum = old + both;
      const bool overflow = sum < old;
      sum += carry;
      carry = overflow || (carry && sum == 0);
      row[w] = sum | (old & ~match[w]);
    }
    for (const std::size_t j : found->second) match[j / 64] = 0;
  }
  const std::uint64_t* last = rows_.data() + (keep ? a.size() * words_ : 0);
  for (std::size_t j = 0; j < b.size(); ++j) length_ += (last[j / 64] >> j % 64 & 1) == 0;
}

std::size_t CommonSubsequence::length_of(std::size_t i, std::size_t j) const {
  std::size_t length = 0;
  for (std::size_t w = 0; w < j / 64; ++w) length += 64 - std::popcount(rows_[i * words_ + w]);
  if (j % 64 != 0) length += j % 64 - std::popcount(rows_[i * words_ + j / 64] & ((std::uint64_t{1} << j % 64) - 1));
  return length;
}

std::vector<std::size_t> CommonSubsequence::places() const {
  std::vector<std::size_t> result;
  std::size_t i = a_.size(), j = b_.size(), here = length_, above = i > 0 && j > 0 ? length_of(i - 1, j) : 0;  // L[i][j], L[i - 1][j]
  while (i > 0 && j > 0) {
    if (a_[i - 1] == b_[j - 1]) {
      result.push_back(--i);
      --j;
      here -= 1;
      above = i > 0 ? length_of(i - 1, j) : 0;
    } else if (here - grows(i, j) > above) {
      here -= grows(i, j);
      above -= grows(i - 1, j);
      --j;
    } else {
      here = above;
      --i;
      above = i > 0 ? length_of(i - 1, j) : 0;
    }
  }
  std::reverse(result.begin(), result.end());
  return result;
}

}  // namespace rouge
