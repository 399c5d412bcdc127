// Mean squared error of numbers, and its root.
// MSE = (1 / N) sum (answer - reference)^2. Definition: Bishop, Pattern Recognition and Machine Learning (2006), section 1.1.
#include <cmath>
#include <limits>

#include <temper/metric.h>

namespace {

class Mse final : public temper::Metric {
 public:
  explicit Mse(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kRegression; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    const double infinity = std::numeric_limits<double>::infinity();
    return {{.name = "mse", .better = temper::Better::kLower, .highest = infinity, .per_item = true, .is_default = true},
            {.name = "rmse", .better = temper::Better::kLower, .highest = infinity}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // squared error, items

  // An answer that is no number has no error: the value is then undefined, not better for it.
  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    const auto* reference = targets.empty() ? nullptr : std::get_if<temper::Score>(&targets.front());
    if (!reference) return;
    const auto* answer = std::get_if<temper::Score>(&prediction.value);
    const double difference = answer ? answer->value - reference->value : std::numeric_limits<double>::quiet_NaN();
    out[0] = difference * difference;
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    const double mean = sum[0] / sum[1];
    return {mean, std::sqrt(mean < 0 ? 0 : mean)};  // a sum with one item taken out again may fall below 0 by rounding
  }
};

}  // namespace

TEMPER_CLAIMS("mse rmse usual:regression")
TEMPER_PLUGIN(Metric, Mse, temper::NoOptions, "mse", "Mean squared error, and its root.")
