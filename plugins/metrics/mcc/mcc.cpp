// Matthews correlation coefficient: the correlation of answers and references, which guessing does not raise.
// Of K classes (Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004, equation 8), with s
// items, c right ones, t_k references and p_k answers of class k:
// R = (c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2)); 0 where 0 / 0, as in scikit-learn.
#include <algorithm>
#include <cmath>
#include <limits>

#include <temper/metric.h>

namespace {

class Mcc final : public temper::Metric {
 public:
  explicit Mcc(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kClassification; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override { return {{.name = "mcc", .lowest = -1, .is_default = true}}; }

  // Right answers; references and answers of each class, and of one more for every name that is not a class of the task.
  std::size_t statistics_size(const temper::TaskInfo& task) const override { return 1 + 2 * (task.labels.size() + 1); }

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    const std::string answer = temper::to_string(prediction.value);
    std::string reference = temper::to_string(targets.front());
    for (const temper::Target& target : targets) {  // of several references the one that was met
      if (temper::to_string(target) == answer) reference = answer;
    }
    const auto index = [&](const std::string& name) { return std::find(task.labels.begin(), task.labels.end(), name) - task.labels.begin(); };
    out[0] = answer == reference && std::holds_alternative<temper::Label>(prediction.value);
    out[1 + 2 * index(reference)] += 1;
    out[2 + 2 * index(answer)] += 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    double items = 0, both = 0, references = 0, answers = 0;
    for (std::size_t i = 1; i < sum.size(); i += 2) {
      items += sum[i];
      both += sum[i] * sum[i + 1];
      references += sum[i] * sum[i];
      answers += sum[i + 1] * sum[i + 1];
    }
    if (items == 0) return {std::numeric_limits<double>::quiet_NaN()};
    const double spread = (items * items - answers) * (items * items - references);
    return {spread <= 0 ? 0 : (sum[0] * items - both) / std::sqrt(spread)};
  }
};

}  // namespace

TEMPER_CLAIMS("mcc")
TEMPER_PLUGIN(Metric, Mcc, temper::NoOptions, "mcc", "Matthews correlation coefficient of answers and references.")
