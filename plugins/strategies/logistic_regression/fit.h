// Multinomial logistic regression with an L2 penalty, fitted by L-BFGS.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rows.h"

namespace temper::logistic_regression {

struct FitOptions {
  double C = 1;
  std::int64_t max_iter = 1000;
  double tol = 1e-7;
};

// Two classes have one row of weights, which speaks for the second; more have one each; one class has none.
struct Weights {
  std::int64_t classes = 0, width = 0;
  std::vector<double> values;      // [outputs, width]
  std::vector<double> intercepts;  // [outputs]
  std::int64_t outputs() const { return static_cast<std::int64_t>(intercepts.size()); }
};
std::int64_t outputs_of(std::int64_t classes);

// Minimises  C sum over rows of -log p(class)  +  1/2 sum of squared weights;  intercepts are not penalised. Each class is that of some
// row. Throws Error when the optimiser cannot work; that it stopped at max_iter is none.
Weights fit(const Rows& rows, std::span<const std::int64_t> class_of, std::int64_t classes, const FitOptions& options);

// Of the classes, for one row.
std::vector<double> probabilities(const Weights& weights, const Rows& rows, std::size_t row);

}  // namespace temper::logistic_regression
