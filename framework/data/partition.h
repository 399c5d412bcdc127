// Which rows go to which part of a split: whole groups, and each label in its share.
#pragma once

#include <cstddef>
#include <vector>

namespace temper::data {

// What binds rows together, for every row of the file; a vector is empty where nothing does. Both are numbered from 0.
struct RowKeys {
  std::vector<std::size_t> group;    // rows of one group stay together
  std::vector<std::size_t> stratum;  // each part has about the same share of every stratum
};

// Takes about `count` rows out of `order`, from its end, and keeps the order of both. Without groups it is exactly `count`, but never all.
// With groups it is what whole groups come nearest to, at least one; empty where one group holds everything.
std::vector<std::size_t> take_part(std::vector<std::size_t>& order, std::size_t count, const RowKeys& keys);

// The fold (from 0) of each row of `order`: about equally large ones. Some are empty where there are fewer rows, or groups, than folds.
std::vector<std::size_t> fold_of_rows(const std::vector<std::size_t>& order, std::size_t folds, const RowKeys& keys);

}  // namespace temper::data
