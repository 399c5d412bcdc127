// The losses of a split's items at one evaluation: their mean, and differences between two evaluations with standard errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace temper::analysis {

// Per item, in evaluation mode.
struct SplitLosses {
  std::vector<double> losses;        // summed negative log-likelihood of its targets, in nats
  std::vector<std::int64_t> counts;  // targets in that sum; empty means one each (classification)
};

// An estimate and its standard error over items; the error is NaN where fewer than two items count.
struct Estimate {
  double value = 0;
  double standard_error = 0;
};

// Nats per target: sum of losses / sum of counts, a ratio of two sums over items. Its standard error is that of a ratio estimate:
// se^2 = n / (n - 1)  sum (loss_i - value count_i)^2 / (sum count_i)^2 (Cochran, Sampling Techniques, 3rd edition 1977, section 2.11).
// With one target each this is the usual standard error of a mean.
Estimate mean_loss(const SplitLosses& split);

// later - earlier, of the same items in the same order: what all items share cancels, so that the error is far smaller than that of
// either mean. Throws Error when the numbers of items differ.
Estimate paired_change(const SplitLosses& earlier, const SplitLosses& later);

// a - b, of different items.
Estimate difference(const Estimate& a, const Estimate& b);

// What one who answers by the frequencies of train's labels loses on each validation item, one added to each count (Laplace), so
// that a label which train lacks costs a finite loss.
SplitLosses label_prior(std::span<const std::string> train_labels, std::span<const std::string> validation_labels);

}  // namespace temper::analysis
