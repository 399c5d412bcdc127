// The shuffle: a permutation, the same for ever, and fair.
#include "data/shuffle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace temper::data {
namespace {

TEST(Shuffle, IsAPermutation) {
  for (const std::size_t size : {0u, 1u, 2u, 3u, 1000u}) {
    std::vector<std::size_t> order = shuffled_order(size, 42);
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> all(size);
    std::iota(all.begin(), all.end(), std::size_t{0});
    EXPECT_EQ(order, all);
  }
}

// Stored studies depend on it. Computed apart from this code, from the definition in shuffle.h.
TEST(Shuffle, NeverChanges) {
  EXPECT_EQ(shuffled_order(10, 42), (std::vector<std::size_t>{4, 6, 7, 0, 9, 5, 1, 2, 3, 8}));
  EXPECT_EQ(shuffled_order(10, 0), (std::vector<std::size_t>{0, 1, 4, 6, 3, 9, 8, 7, 2, 5}));
}

TEST(Shuffle, DiffersBetweenSeeds) { EXPECT_NE(shuffled_order(100, 1), shuffled_order(100, 2)); }

// Each of 6 orders of 3 rows comes 10,000 times in 60,000 seeds, give or take 5 standard deviations (of about 91).
TEST(Shuffle, GivesEveryOrderEquallyOften) {
  std::vector<int> counts(6);
  for (std::uint64_t seed = 0; seed < 60'000; ++seed) {
    const auto order = shuffled_order(3, seed);
    ++counts[2 * order[0] + (order[1] > order[2])];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 460);
}

}  // namespace
}  // namespace temper::data
