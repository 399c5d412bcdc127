// Parts of rows: exact shares, whole groups, labels in proportion, folds that cover everything once.
#include "data/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "data/shuffle.h"

namespace temper::data {
namespace {

using Rows = std::vector<std::size_t>;

Rows counted(std::size_t count) {
  Rows rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

std::map<std::size_t, std::size_t> counts(const Rows& rows, const Rows& key) {
  std::map<std::size_t, std::size_t> counts;
  for (const std::size_t row : rows) ++counts[key[row]];
  return counts;
}

TEST(Partition, TakesTheLastRowsWhereNothingBindsThem) {
  Rows order = {3, 1, 4, 0, 2};
  EXPECT_EQ(take_part(order, 2, {}), (Rows{0, 2}));
  EXPECT_EQ(order, (Rows{3, 1, 4}));
}

TEST(Partition, TakesEachLabelInItsShareAndExactlyAsManyRows) {
  Rows labels;
  for (std::size_t row = 0; row < 100; ++row) labels.push_back(row < 60 ? 0 : row < 93 ? 1 : row < 99 ? 2 : 3);
  Rows order = shuffled_order(100, 1);
  const Rows taken = take_part(order, 20, {{}, labels});
  EXPECT_EQ(taken.size(), 20u);
  EXPECT_EQ(counts(taken, labels), (std::map<std::size_t, std::size_t>{{0, 12}, {1, 7}, {2, 1}}));  // 12, 6.6, 1.2, 0.2
  EXPECT_EQ(order.size(), 80u);
}

TEST(Partition, LeavesTheLastRowOfALabel) {
  Rows order = counted(6);
  const Rows labels = {0, 0, 1, 1, 2, 2};
  const Rows taken = take_part(order, 5, {{}, labels});
  EXPECT_EQ(counts(order, labels), (std::map<std::size_t, std::size_t>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(taken.size(), 3u);
}

TEST(Partition, NeverPartsAGroup) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rows groups, labels;
    for (std::size_t row = 0; row < 200; ++row) {
      groups.push_back(random_bits(seed, row) % 40);
      labels.push_back(random_bits(seed + 1000, row) % 3);
    }
    for (const RowKeys& keys : {RowKeys{groups, {}}, RowKeys{groups, labels}}) {
      Rows order = shuffled_order(200, seed);
      const Rows taken = take_part(order, 50, keys);
      const auto left = counts(order, groups);
      for (const auto& [group, unused] : counts(taken, groups)) EXPECT_FALSE(left.contains(group));
      EXPECT_NEAR(static_cast<double>(taken.size()), 50, 8);
      EXPECT_EQ(taken.size() + order.size(), 200u);
    }
  }
}

TEST(Partition, GroupsThatAreTooLargeForTheShareGiveTheSmallest) {
  Rows order = counted(10);
  EXPECT_EQ(take_part(order, 1, {{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, {}}), (Rows{6, 7, 8, 9}));
  Rows all = counted(3);
  EXPECT_EQ(take_part(all, 1, {{0, 0, 0}, {}}), Rows());
}

TEST(Partition, FoldsAreEquallyLargeAndHaveEachLabelInItsShare) {
  Rows labels;
  for (std::size_t row = 0; row < 53; ++row) labels.push_back(row % 10 == 0 ? 1 : 0);
  const Rows order = shuffled_order(53, 3);
  const Rows fold = fold_of_rows(order, 5, {{}, labels});
  std::map<std::size_t, std::size_t> sizes, rare;
  for (std::size_t place = 0; place < order.size(); ++place) {
    ++sizes[fold[place]];
    rare[fold[place]] += labels[order[place]];
  }
  for (std::size_t f = 0; f < 5; ++f) {
    EXPECT_GE(sizes[f], 10u);
    EXPECT_LE(sizes[f], 11u);
    EXPECT_GE(rare[f], 1u);
    EXPECT_LE(rare[f], 2u);
  }
}

TEST(Partition, FoldsKeepGroupsWhole) {
  Rows groups, labels;
  for (std::size_t row = 0; row < 300; ++row) {
    groups.push_back(row / 6);
    labels.push_back(row / 6 % 2);
  }
  const Rows order = shuffled_order(300, 3);
  const Rows fold = fold_of_rows(order, 5, {groups, labels});
  std::map<std::size_t, std::set<std::size_t>> folds_of_group;
  std::map<std::size_t, std::size_t> sizes, ones;
  for (std::size_t place = 0; place < order.size(); ++place) {
    folds_of_group[groups[order[place]]].insert(fold[place]);
    ++sizes[fold[place]];
    ones[fold[place]] += labels[order[place]];
  }
  for (const auto& [group, folds] : folds_of_group) EXPECT_EQ(folds.size(), 1u);
  for (std::size_t f = 0; f < 5; ++f) {
    EXPECT_EQ(sizes[f], 60u);
    EXPECT_EQ(ones[f], 30u);
  }
}

}  // namespace
}  // namespace temper::data
