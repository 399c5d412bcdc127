// Brier score: the mean squared error of the probabilities.
// Two classes: (1 / N) sum (p - y)^2 of the second class, in [0, 1]; more: (1 / N) sum_n sum_k (p_k - y_k)^2, in [0, 2]. Definition:
// Brier, "Verification of forecasts expressed in terms of probability" (1950); the scale is that of scikit-learn's brier_score_loss.
#include <algorithm>

#include <temper/metric.h>

namespace {

class Brier final : public temper::Metric {
 public:
  explicit Brier(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kClassification; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo& task) const override {
    return {{.name = "brier", .better = temper::Better::kLower, .highest = task.labels.size() == 2 ? 1.0 : 2.0, .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // squared error, items

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty() || prediction.probabilities.size() != task.labels.size()) return;
    double least = 2;
    for (const temper::Target& target : targets) least = std::min(least, error(task, prediction.probabilities, target));
    out[0] = task.labels.size() == 2 ? least / 2 : least;
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }

 private:
  static double error(const temper::TaskInfo& task, const std::vector<double>& probabilities, const temper::Target& target) {
    const auto* label = std::get_if<temper::Label>(&target);
    double squares = 0;
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      const double difference = probabilities[k] - (label && task.labels[k] == label->name);
      squares += difference * difference;
    }
    return squares;
  }
};

}  // namespace

TEMPER_CLAIMS("brier")
TEMPER_PLUGIN(Metric, Brier, temper::NoOptions, "brier", "Mean squared error of the probabilities.")
