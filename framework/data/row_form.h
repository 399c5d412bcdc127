// From a row to an item and its targets.
#pragma once

#include <string>

#include "data/row_columns.h"

namespace temper::data {

struct ReadRow {
  Item item;                     // without an id where no column names it
  Targets targets;
  std::string problem;           // why the row is bad; empty when it is good
  std::size_t changed_tags = 0;  // from IOB1 to IOB2
};

class RowForm {
 public:
  // `noun` is what messages call a column.
  RowForm(RowColumns columns, RowOptions options, const Source& source, std::string noun);
  const RowColumns& columns() const { return columns_; }
  ReadRow read(const Row& row) const;

 private:
  RowColumns columns_;
  RowOptions options_;
  Task task_;
  bool needs_targets_;
  std::string noun_;
};

}  // namespace temper::data
