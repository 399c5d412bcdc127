// Mean confidence: the probability that a classifier gives to its own answer, averaged over items.
#include <algorithm>

#include <temper/metric.h>

namespace {

class MeanConfidence final : public temper::Metric {
 public:
  explicit MeanConfidence(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kClassification; }

  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "mean_confidence", .better = temper::Better::kHigher, .lowest = 0, .highest = 1, .per_item = true, .is_default = true}};
  }

  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets&, std::span<double> out) const override {
    if (prediction.probabilities.empty()) return;
    out[0] = *std::max_element(prediction.probabilities.begin(), prediction.probabilities.end());
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }
};

}  // namespace

TEMPER_CLAIMS("mean_confidence")
TEMPER_PLUGIN(Metric, MeanConfidence, temper::NoOptions, "mean_confidence", "Mean probability of the answers that were given.")
