// The loss and its gradient, given to libLBFGS (Nocedal 1980; Liu and Nocedal 1989).
//
// As scikit-learn's LogisticRegression does, the objective is divided by C times the number of rows, which moves no minimum: a tolerance
// then means the same for small and large data.
#include "fit.h"

#include <lbfgs.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include <temper/error.h>

namespace temper::logistic_regression {

namespace {

// Scores of a row: weights [outputs, width], intercepts [outputs].
void score(const Rows& rows, std::size_t row, const double* weights, const double* intercepts, std::vector<double>& scores) {
  const std::size_t width = static_cast<std::size_t>(rows.width);
  for (std::size_t k = 0; k < scores.size(); ++k) {
    double sum = intercepts[k];
    const double* own = weights + k * width;
    rows.for_each(row, [&](std::size_t column, double value) { sum += own[column] * value; });
    scores[k] = sum;
  }
}

// Scores become probabilities of the classes; two classes have a single score.
void to_probabilities(const std::vector<double>& scores, std::vector<double>& p) {
  if (p.size() == 2) {
    p[1] = scores[0] >= 0 ? 1 / (1 + std::exp(-scores[0])) : std::exp(scores[0]) / (1 + std::exp(scores[0]));
    p[0] = scores[0] >= 0 ? std::exp(-scores[0]) / (1 + std::exp(-scores[0])) : 1 / (1 + std::exp(scores[0]));
    return;
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (std::size_t k = 0; k < p.size(); ++k) total += p[k] = std::exp(scores[k] - largest);
  for (double& value : p) value /= total;
}

// -log p(class), from the scores themselves, so that it stays exact where p rounds to 0.
double loss_of(const std::vector<double>& scores, std::size_t chosen) {
  if (scores.size() == 1) {
    const double margin = chosen == 1 ? scores[0] : -scores[0];
    return std::log1p(std::exp(-std::abs(margin))) + std::max(0.0, -margin);
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (const double s : scores) total += std::exp(s - largest);
  return std::log(total) + largest - scores[chosen];
}

// The unknowns are the weights, then the intercepts, in one vector.
struct Problem {
  const Rows& rows;
  std::span<const std::int64_t> class_of;
  std::size_t classes, outputs;
  double penalty;  // 1 / (C rows)

  double evaluate(const double* x, double* gradient, std::size_t size) const {
    const std::size_t width = static_cast<std::size_t>(rows.width);
    const double share = 1.0 / static_cast<double>(rows.size());
    std::vector<double> scores(outputs), p(classes);
    std::fill(gradient, gradient + size, 0.0);
    double loss = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::size_t chosen = static_cast<std::size_t>(class_of[row]);
      score(rows, row, x, x + outputs * width, scores);
      loss += share * loss_of(scores, chosen);
      to_probabilities(scores, p);
      for (std::size_t k = 0; k < outputs; ++k) {
        const std::size_t its_class = outputs == 1 ? 1 : k;
        const double slope = share * (p[its_class] - (chosen == its_class ? 1 : 0));
        gradient[outputs * width + k] += slope;
        double* own = gradient + k * width;
        rows.for_each(row, [&](std::size_t column, double value) { own[column] += slope * value; });
      }
    }
    for (std::size_t i = 0; i < outputs * width; ++i) {
      loss += penalty / 2 * x[i] * x[i];
      gradient[i] += penalty * x[i];
    }
    return loss;
  }
};

lbfgsfloatval_t evaluate(void* problem, const lbfgsfloatval_t* x, lbfgsfloatval_t* gradient, const int size, const lbfgsfloatval_t) {
  return static_cast<const Problem*>(problem)->evaluate(x, gradient, static_cast<std::size_t>(size));
}

// Ends that leave a usable point: the minimum, as near to it as rounding allows, or the last of the iterations.
bool is_usable(int status) {
  return status >= 0 || status == LBFGSERR_MAXIMUMITERATION || status == LBFGSERR_ROUNDING_ERROR || status == LBFGSERR_MINIMUMSTEP || status == LBFGSERR_MAXIMUMSTEP ||
         status == LBFGSERR_MAXIMUMLINESEARCH || status == LBFGSERR_WIDTHTOOSMALL || status == LBFGSERR_INCREASEGRADIENT;
}

}  // namespace

std::int64_t outputs_of(std::int64_t classes) { return classes < 2 ? 0 : classes == 2 ? 1 : classes; }

Weights fit(const Rows& rows, std::span<const std::int64_t> class_of, std::int64_t classes, const FitOptions& options) {
  Weights weights{classes, rows.width, {}, {}};
  const std::size_t outputs = static_cast<std::size_t>(outputs_of(classes)), inner = outputs * static_cast<std::size_t>(rows.width), size = inner + outputs;
  if (outputs == 0) return weights;
  if (size > static_cast<std::size_t>(INT32_MAX)) throw Error("logistic regression of " + std::to_string(classes) + " labels on " + std::to_string(rows.width) + " features has too many weights");

  Problem problem{rows, class_of, static_cast<std::size_t>(classes), outputs, 1 / (options.C * static_cast<double>(rows.size()))};
  const std::unique_ptr<lbfgsfloatval_t, decltype(&lbfgs_free)> x(lbfgs_malloc(static_cast<int>(size)), lbfgs_free);
  if (!x) throw Error("there is not enough memory for a logistic regression of " + std::to_string(size) + " weights");
  std::fill(x.get(), x.get() + size, 0.0);
  lbfgs_parameter_t parameters;
  lbfgs_parameter_init(&parameters);
  parameters.m = 10;
  parameters.epsilon = options.tol;
  parameters.max_iterations = static_cast<int>(options.max_iter);
  parameters.max_linesearch = 50;
  const int status = lbfgs(static_cast<int>(size), x.get(), nullptr, evaluate, nullptr, &problem, &parameters);
  if (!is_usable(status)) throw Error("the optimiser of the logistic regression gave up with status " + std::to_string(status));
  weights.values.assign(x.get(), x.get() + inner);
  weights.intercepts.assign(x.get() + inner, x.get() + size);
  if (!std::all_of(x.get(), x.get() + size, [](double value) { return std::isfinite(value); })) throw Error("the weights of the logistic regression are no numbers");
  return weights;
}

std::vector<double> probabilities(const Weights& weights, const Rows& rows, std::size_t row) {
  std::vector<double> p(static_cast<std::size_t>(weights.classes), 1.0);
  if (weights.classes < 2) return p;
  std::vector<double> scores(weights.intercepts.size());
  score(rows, row, weights.values.data(), weights.intercepts.data(), scores);
  to_probabilities(scores, p);
  return p;
}

}  // namespace temper::logistic_regression
