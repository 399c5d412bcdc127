// Which of a strategy's configurations is the best: the one choice that `from_best` and the comparison of strategies share.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <temper/metric.h>

namespace temper::record {

// `objectives`: of each configuration's complete trials, which differ in their seeds alone. The configuration whose mean is best, the
// first of equal ones. A single configuration needs no objective; nothing when there are several and none has a value.
std::optional<std::size_t> best_configuration(const std::vector<std::vector<double>>& objectives, Better better);

}  // namespace temper::record
