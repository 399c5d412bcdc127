// Whether two runs of one study came out alike: every group, dataset and attribute but those that may differ.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "record/hdf5.h"

namespace temper::record {

struct CompareOptions {
  // Numbers may differ by tolerance x max(1, |a|, |b|); 0 means the same bits (NaN equals NaN).
  double tolerance = 0;
  std::string in_first = "in the first", in_second = "in the second";  // how lines call the two
};

// One line per difference: "/trials/0001/training/loss[3]: 0.5 in the first, 0.25 in the second". Empty: they are equal.
// What is not compared: attributes of the root, groups named `cost` and datasets named `seconds`.
std::vector<std::string> compare_studies(const std::filesystem::path& first, const std::filesystem::path& second,
                                         const CompareOptions& options = {});
// The same for two groups, e.g. one trial of each: compare_groups(a.group("trials/0001"), b.group("trials/0001")).
std::vector<std::string> compare_groups(const Hdf5Group& first, const Hdf5Group& second, const CompareOptions& options = {});

}  // namespace temper::record
