// Which evaluation is the best so far, and whether it is time to stop: early stopping as Hugging Face's callback counts it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include <temper/metric.h>

namespace temper::training {

struct Selection {
  std::optional<std::int64_t> best_step;
  double best_value = std::numeric_limits<double>::quiet_NaN();
  std::int64_t misses = 0;  // evaluations in a row that were not better than the best by more than the threshold

  // Takes the next evaluation's objective; says whether it is the best so far. The first is, unless it is NaN; of equals the
  // earlier stays. A best one that is better by no more than `threshold` still counts as a miss.
  bool add(std::int64_t step, double value, Better better, double threshold);
};

}  // namespace temper::training
