// Storing a metric's statistics with equal rows kept once.
#include "evaluation/item_statistics.h"

#include <algorithm>

#include <temper/error.h>

namespace temper::evaluation {

void ItemStatistics::add(std::span<const double> row) {
  if (row.size() != size_) throw Error("a row of " + std::to_string(row.size()) + " statistics was added to rows of " + std::to_string(size_));
  std::string bytes(reinterpret_cast<const char*>(row.data()), row.size_bytes());
  const auto [found, is_new] = row_of_bytes_.emplace(std::move(bytes), static_cast<std::uint32_t>(counts_.size()));
  if (is_new) {
    rows_.insert(rows_.end(), row.begin(), row.end());
    counts_.push_back(0);
  }
  ++counts_[found->second];
  row_of_item_.push_back(found->second);
}

bool ItemStatistics::takes_part(std::size_t row) const {
  return std::ranges::any_of(distinct(row), [](double value) { return value != 0; });
}

std::vector<double> ItemStatistics::sum() const {
  std::vector<double> total(size_, 0.0);
  for (std::size_t row = 0; row < distinct_rows(); ++row) {
    for (std::size_t i = 0; i < size_; ++i) total[i] += static_cast<double>(counts_[row]) * distinct(row)[i];
  }
  return total;
}

std::vector<double> ItemStatistics::weights() const { return {counts_.begin(), counts_.end()}; }

}  // namespace temper::evaluation
