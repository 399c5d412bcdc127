// Mean absolute error of numbers: MAE = (1 / N) sum |answer - reference|. Definition: Willmott, Matsuura, "Advantages of the mean
// absolute error (MAE) over the root mean square error (RMSE)" (2005).
#include <cmath>
#include <limits>

#include <temper/metric.h>

namespace {

class Mae final : public temper::Metric {
 public:
  explicit Mae(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kRegression; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "mae", .better = temper::Better::kLower, .highest = std::numeric_limits<double>::infinity(), .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // error, items

  // An answer that is no number has no error: the value is then undefined, not better for it.
  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    const auto* reference = targets.empty() ? nullptr : std::get_if<temper::Score>(&targets.front());
    if (!reference) return;
    const auto* answer = std::get_if<temper::Score>(&prediction.value);
    out[0] = answer ? std::abs(answer->value - reference->value) : std::numeric_limits<double>::quiet_NaN();
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }
};

}  // namespace

TEMPER_CLAIMS("mae")
TEMPER_PLUGIN(Metric, Mae, temper::NoOptions, "mae", "Mean absolute error.")
