// The best evaluation so far.
#include "training/selection.h"

#include <cmath>

namespace temper::training {

bool Selection::add(std::int64_t step, double value, Better better, double threshold) {
  const double gain = better == Better::kHigher ? value - best_value : best_value - value;  // NaN with the first, or of a NaN
  const bool is_first = !best_step && !std::isnan(value);
  const bool is_best = is_first || gain > 0;
  misses = is_first || gain > threshold ? 0 : misses + 1;
  if (is_best) {
    best_step = step;
    best_value = value;
  }
  return is_best;
}

}  // namespace temper::training
