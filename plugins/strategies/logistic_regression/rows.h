// Feature vectors of items, dense or sparse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace temper::logistic_regression {

// One after another. Dense: `columns` is empty, each row has `width` values. Sparse: row i has the values [begins[i], begins[i + 1]), in the
// columns beside them.
struct Rows {
  std::int64_t width = 0;
  std::vector<std::size_t> begins = {0};
  std::vector<std::uint32_t> columns;
  std::vector<double> values;
  bool is_sparse = false;

  std::size_t size() const { return begins.size() - 1; }
  // Calls take(column, value) for each value of a row.
  template <class Take>
  void for_each(std::size_t row, Take&& take) const {
    for (std::size_t i = begins[row]; i < begins[row + 1]; ++i) take(is_sparse ? static_cast<std::size_t>(columns[i]) : i - begins[row], values[i]);
  }
};

}  // namespace temper::logistic_regression
