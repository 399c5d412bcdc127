// Means and paired differences of item losses.
#include "analysis/split_losses.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <temper/error.h>

namespace temper::analysis {
namespace {

double count_of(const SplitLosses& split, std::size_t item) { return split.counts.empty() ? 1 : static_cast<double>(split.counts[item]); }

void check_counts(const SplitLosses& split) {
  if (split.counts.empty() || split.counts.size() == split.losses.size()) return;
  throw Error("there are " + std::to_string(split.counts.size()) + " target counts for " + std::to_string(split.losses.size()) + " item losses");
}

}  // namespace

Estimate mean_loss(const SplitLosses& split) {
  check_counts(split);
  double sum = 0, targets = 0, n = 0;
  for (std::size_t i = 0; i < split.losses.size(); ++i) {
    if (count_of(split, i) == 0) continue;  // an item without targets says nothing
    sum += split.losses[i];
    targets += count_of(split, i);
    n += 1;
  }
  Estimate estimate{sum / targets, std::numeric_limits<double>::quiet_NaN()};
  if (n < 2) return estimate;
  double squares = 0;
  for (std::size_t i = 0; i < split.losses.size(); ++i) {
    if (count_of(split, i) > 0) squares += std::pow(split.losses[i] - estimate.value * count_of(split, i), 2);
  }
  estimate.standard_error = std::sqrt(n / (n - 1) * squares) / targets;
  return estimate;
}

Estimate paired_change(const SplitLosses& earlier, const SplitLosses& later) {
  if (earlier.losses.size() != later.losses.size()) {
    throw Error("two evaluations of one split have " + std::to_string(earlier.losses.size()) + " and " + std::to_string(later.losses.size()) + " items");
  }
  SplitLosses change = later;
  for (std::size_t i = 0; i < change.losses.size(); ++i) change.losses[i] -= earlier.losses[i];
  return mean_loss(change);
}

Estimate difference(const Estimate& a, const Estimate& b) { return {a.value - b.value, std::hypot(a.standard_error, b.standard_error)}; }

SplitLosses label_prior(std::span<const std::string> train_labels, std::span<const std::string> validation_labels) {
  std::map<std::string, double> counts;
  for (const std::string& label : train_labels) counts[label] += 1;
  std::set<std::string> labels(validation_labels.begin(), validation_labels.end());
  labels.insert(train_labels.begin(), train_labels.end());
  const double total = static_cast<double>(train_labels.size() + labels.size());
  SplitLosses prior;
  for (const std::string& label : validation_labels) prior.losses.push_back(-std::log((counts[label] + 1) / total));
  return prior;
}

}  // namespace temper::analysis
