// Cross-entropy: the mean negative log-likelihood of the reference, in nats per target.
// H = -(1 / N) sum log p(reference). N counts items for classification, target tokens where a reference has several: the unit of
// the loss curves. Definition: Goodfellow, Bengio, Courville, Deep Learning (2016), section 5.5.
#include <algorithm>
#include <cmath>
#include <limits>

#include <temper/metric.h>

namespace {

class CrossEntropy final : public temper::Metric {
 public:
  explicit CrossEntropy(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task != temper::Task::kRegression; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "cross_entropy", .better = temper::Better::kLower, .highest = std::numeric_limits<double>::infinity(), .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // nats, targets

  // The log-likelihood that the strategy computed is the more exact; probabilities serve where there is none.
  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (prediction.nll_tokens > 0) {
      out[0] = prediction.nll;
      out[1] = static_cast<double>(prediction.nll_tokens);
      return;
    }
    const auto* label = targets.empty() ? nullptr : std::get_if<temper::Label>(&targets.front());
    if (!label || prediction.probabilities.empty()) return;
    const std::size_t index = std::find(task.labels.begin(), task.labels.end(), label->name) - task.labels.begin();
    const double probability = index < prediction.probabilities.size() ? prediction.probabilities[index] : 0;
    // As scikit-learn's log_loss: a probability of 0 counts as the smallest step of a double, so that one item cannot make
    // the mean infinite.
    out[0] = -std::log(std::max(probability, std::numeric_limits<double>::epsilon()));
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }
};

}  // namespace

TEMPER_CLAIMS("cross_entropy")
TEMPER_PLUGIN(Metric, CrossEntropy, temper::NoOptions, "cross_entropy", "Mean negative log-likelihood of the reference, in nats per target.")
