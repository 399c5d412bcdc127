// Balanced accuracy: the mean over classes of the share of their items that were answered right.
// (1 / C) sum_c right_c / items_c over the classes that occur as reference. Definition: Brodersen, Ong, Stephan, Buhmann, "The
// balanced accuracy and its posterior distribution" (2010); for several classes as scikit-learn's balanced_accuracy_score.
#include <algorithm>
#include <limits>

#include <temper/metric.h>

namespace {

class BalancedAccuracy final : public temper::Metric {
 public:
  explicit BalancedAccuracy(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kClassification; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override { return {{.name = "balanced_accuracy", .is_default = true}}; }

  // Right answers and items of each class, and of one more that stands for every name that is not a class of the task.
  std::size_t statistics_size(const temper::TaskInfo& task) const override { return 2 * (task.labels.size() + 1); }

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    const std::string* answer = name(prediction.value);
    const std::string* reference = name(targets.front());
    for (const temper::Target& target : targets) {  // of several references the one that was met
      if (answer && name(target) && *name(target) == *answer) reference = answer;
    }
    if (!reference) return;
    const std::size_t at = std::find(task.labels.begin(), task.labels.end(), *reference) - task.labels.begin();
    out[2 * at] = answer && *answer == *reference;
    out[2 * at + 1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    double recalls = 0, classes = 0;
    for (std::size_t i = 0; i < sum.size(); i += 2) {
      if (sum[i + 1] == 0) continue;
      recalls += sum[i] / sum[i + 1];
      classes += 1;
    }
    return {classes == 0 ? std::numeric_limits<double>::quiet_NaN() : recalls / classes};
  }

 private:
  static const std::string* name(const temper::Target& target) {
    const auto* label = std::get_if<temper::Label>(&target);
    return label ? &label->name : nullptr;
  }
};

}  // namespace

TEMPER_CLAIMS("balanced_accuracy")
TEMPER_PLUGIN(Metric, BalancedAccuracy, temper::NoOptions, "balanced_accuracy", "Mean over the classes of the share of their items that were answered right.")
