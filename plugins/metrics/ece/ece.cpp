// Expected calibration error: how far the probability of the answers is from the share of right ones.
// Items are binned by the probability of their answer, in M bins (i / M, (i + 1) / M]; ECE = sum_m (n_m / N) |accuracy_m -
// mean probability_m|. Definition: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017), equation 3.
#include <algorithm>
#include <cmath>

#include <temper/metric.h>

namespace {

struct Options {
  int bins = 15;

  void visit(temper::OptionVisitor& v) { v.option("bins", bins, "Bins of equal width between 0 and 1.").at_least(1).at_most(10000); }
};

class Ece final : public temper::Metric {
 public:
  explicit Ece(const Options& options) : bins_(static_cast<std::size_t>(options.bins)) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kClassification; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override { return {{.name = "ece", .better = temper::Better::kLower, .is_default = true}}; }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 3 * bins_; }  // of each bin: items, right answers, probability

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    const auto& probabilities = prediction.probabilities;
    if (targets.empty() || probabilities.empty() || probabilities.size() != task.labels.size()) return;
    const auto likeliest = std::max_element(probabilities.begin(), probabilities.end());
    const std::string& answer = task.labels[likeliest - probabilities.begin()];
    const std::size_t at = 3 * bin(*likeliest);
    out[at] = 1;
    out[at + 1] = std::any_of(targets.begin(), targets.end(), [&](const temper::Target& target) {
      const auto* label = std::get_if<temper::Label>(&target);
      return label && label->name == answer;
    });
    out[at + 2] = *likeliest;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    double items = 0, gaps = 0;
    for (std::size_t i = 0; i < sum.size(); i += 3) {
      items += sum[i];
      gaps += std::abs(sum[i + 1] - sum[i + 2]);
    }
    return {gaps / items};
  }

 private:
  // The bounds are multiples of 1 / M as rounded to double, which is what other implementations compare with.
  std::size_t bin(double probability) const {
    const double width = 1.0 / static_cast<double>(bins_);
    std::size_t i = 0;
    if (probability > 0) i = std::min(bins_ - 1, static_cast<std::size_t>(probability / width));
    while (i > 0 && probability <= static_cast<double>(i) * width) --i;
    while (i + 1 < bins_ && probability > static_cast<double>(i + 1) * width) ++i;
    return i;
  }

  std::size_t bins_;
};

}  // namespace

TEMPER_CLAIMS("ece")
TEMPER_PLUGIN(Metric, Ece, Options, "ece", "Expected calibration error of the probabilities of the answers.")
