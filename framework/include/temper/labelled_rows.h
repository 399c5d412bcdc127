// The rows of a split that have a label: what a classifier is made from.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <temper/dataset.h>

namespace temper {

struct LabelledRow {
  std::size_t row = 0;
  std::string label;  // the first, where a row has several references
};

// In the order of the split; rows without a label are left out.
std::vector<LabelledRow> labelled_rows(const Split& split);

}  // namespace temper
