// See best_configuration.h.
#include "record/best_configuration.h"

#include <cmath>
#include <numeric>

namespace temper::record {

std::optional<std::size_t> best_configuration(const std::vector<std::vector<double>>& objectives, Better better) {
  if (objectives.size() == 1) return 0;
  std::optional<std::size_t> best;
  double best_mean = 0;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    const double mean = std::accumulate(objectives[i].begin(), objectives[i].end(), 0.0) / static_cast<double>(objectives[i].size());
    if (std::isnan(mean)) continue;
    if (best && (better == Better::kLower ? mean >= best_mean : mean <= best_mean)) continue;
    best = i;
    best_mean = mean;
  }
  return best;
}

}  // namespace temper::record
