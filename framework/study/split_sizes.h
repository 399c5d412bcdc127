// How many items the splits of a trial have.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace temper::study {

struct SplitSizes {
  std::int64_t train = 0, validation = 0, test = 0;
};
using SizesByDataset = std::map<std::string, SplitSizes>;  // by the text (to_json) of a trial's table [dataset]

}  // namespace temper::study
