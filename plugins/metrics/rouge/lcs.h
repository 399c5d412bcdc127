// The longest common subsequence of two texts, of any length that fits in memory as bits.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace rouge {

// The table of lengths L[i][j] for the first i of `a` and the first j of `b`, held as the differences along j, one bit each: a cell
// costs a bit and a 64th of an addition. Hyyro, "Bit-parallel LCS-length computation revisited" (2004).
class CommonSubsequence {
 public:
  // With `keep` the places can be asked for; else two rows are held. Throws Error when the table would take more than 2 GiB.
  CommonSubsequence(std::u32string_view a, std::u32string_view b, bool keep);

  std::size_t length() const { return length_; }
  // Where in `a` the subsequence lies that rouge_score finds: from the end, it goes back in `b` where only that keeps the length.
  std::vector<std::size_t> places() const;

 private:
  bool grows(std::size_t i, std::size_t j) const { return (rows_[i * words_ + (j - 1) / 64] >> (j - 1) % 64 & 1) == 0; }  // L[i][j] > L[i][j - 1]
  std::size_t length_of(std::size_t i, std::size_t j) const;

  std::u32string_view a_, b_;
  std::size_t words_ = 0, length_ = 0;
  std::vector<std::uint64_t> rows_;  // [a + 1, words_]; a bit is 0 where the length grows; just the last row without `keep`
};

}  // namespace rouge
