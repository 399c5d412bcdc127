// The statistics of a metric, one row per item: what standard errors, bootstrap and paired tests are computed from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <temper/metric.h>

namespace temper::evaluation {

// A matrix [items, size] that holds equal rows once: of 10,000 answers to a question of three labels at most nine differ, so a
// leave-one-out or a resample costs by the distinct rows, not by the items.
class ItemStatistics {
 public:
  explicit ItemStatistics(std::size_t size) : size_(size) {}

  void add(std::span<const double> row);  // of `size` numbers

  std::size_t items() const { return row_of_item_.size(); }
  std::size_t size() const { return size_; }
  std::span<const double> item(std::size_t index) const { return distinct(row_of_item_[index]); }

  std::size_t distinct_rows() const { return counts_.size(); }
  std::span<const double> distinct(std::size_t row) const { return std::span(rows_).subspan(row * size_, size_); }
  std::size_t count(std::size_t row) const { return counts_[row]; }                  // how many items have this row
  std::size_t row_of_item(std::size_t item) const { return row_of_item_[item]; }
  bool takes_part(std::size_t row) const;  // false for a row of zeros: an item that the metric could not score

  std::vector<double> sum() const;      // over all items
  StatisticsRows rows() const { return {rows_, size_}; }  // the distinct ones
  std::vector<double> weights() const;  // how many items have each of them

 private:
  std::size_t size_;
  std::vector<double> rows_;               // [distinct rows, size]
  std::vector<std::size_t> counts_;        // [distinct rows]
  std::vector<std::uint32_t> row_of_item_; // [items]
  std::unordered_map<std::string, std::uint32_t> row_of_bytes_;
};

}  // namespace temper::evaluation
