// F1, precision and recall, per class and averaged, as scikit-learn computes them with zero_division=0.
// Of a class: precision = tp / (tp + fp), recall = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn); 0 where 0 / 0.
// Macro: the mean over classes; micro: from the counts summed over classes; weighted: the mean weighted by how often a class is
// the reference. With one label per item the mean is over the classes that occur as answer or reference, with several over all.
// With several labels also samples: the mean over items of the scores of an item's own labels.
// Definition: van Rijsbergen, Information Retrieval (1979), chapter 7; averages: Sokolova and Lapalme (2009), table 3.
#include <algorithm>
#include <array>
#include <limits>

#include <temper/metric.h>

namespace {

struct Counts {
  double true_positives = 0, predicted = 0, actual = 0;
  static double ratio(double a, double b) { return b == 0 ? 0 : a / b; }
  std::array<double, 3> scores() const {  // F1, precision, recall
    return {ratio(2 * true_positives, predicted + actual), ratio(true_positives, predicted), ratio(true_positives, actual)};
  }
};

constexpr std::array<const char*, 3> kScores = {"f1", "precision", "recall"};
constexpr std::array<const char*, 3> kAverages = {"macro", "micro", "weighted"};

class F1 final : public temper::Metric {
 public:
  explicit F1(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override {
    return task == temper::Task::kClassification || task == temper::Task::kMultiLabel;
  }

  // F1 first: f1_macro, f1_micro, f1_weighted, f1_<label>..., then precision and recall likewise.
  std::vector<temper::MetricValue> values(const temper::TaskInfo& task) const override {
    std::vector<temper::MetricValue> result;
    for (const std::string score : kScores) {
      for (const std::string average : kAverages) result.push_back({.name = score + "_" + average, .is_default = score == "f1" && average == "macro"});
      if (task.task == temper::Task::kMultiLabel) result.push_back({.name = score + "_samples"});
      for (const std::string& label : task.labels) {
        // A class that is called like an average must not take its name.
        const bool taken = std::find(kAverages.begin(), kAverages.end(), label) != kAverages.end() || label == "samples";
        result.push_back({.name = score + (taken ? "_label:" : "_") + label});
      }
    }
    return result;
  }

  // Counts of each class, and of one more that stands for every name that is not a class of the task; with several labels the
  // item's own scores, and 1.
  std::size_t statistics_size(const temper::TaskInfo& task) const override { return 3 * (task.labels.size() + 1) + (task.task == temper::Task::kMultiLabel ? 4 : 0); }

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    const std::vector<std::string> answer = names(prediction.value);
    std::vector<std::string> reference = names(targets.front());
    for (const temper::Target& target : targets) {  // of several references the one that was met
      if (names(target) == answer) reference = answer;
    }
    for (const std::string& name : answer) {
      const std::size_t at = 3 * index(task, name);
      out[at] += at < 3 * task.labels.size() && std::find(reference.begin(), reference.end(), name) != reference.end();
      out[at + 1] += 1;
    }
    for (const std::string& name : reference) out[3 * index(task, name) + 2] += 1;
    if (task.task != temper::Task::kMultiLabel) return;
    Counts own;
    for (std::size_t c = 0; c <= task.labels.size(); ++c) own = {own.true_positives + out[3 * c], own.predicted + out[3 * c + 1], own.actual + out[3 * c + 2]};
    std::ranges::copy(own.scores(), out.end() - 4);
    out.back() = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo& task, std::span<const double> sum) const override {
    const std::size_t classes = task.labels.size();
    const bool all_classes = task.task == temper::Task::kMultiLabel;
    Counts total;
    double averaged_classes = 0, support = 0;
    std::array<double, 3> macro{}, weighted{};
    std::vector<std::array<double, 3>> of_class;
    for (std::size_t c = 0; c <= classes; ++c) {
      const Counts counts{sum[3 * c], sum[3 * c + 1], sum[3 * c + 2]};
      total = {total.true_positives + counts.true_positives, total.predicted + counts.predicted, total.actual + counts.actual};
      if (c == classes) break;
      of_class.push_back(counts.scores());
      if (!all_classes && counts.predicted + counts.actual == 0) continue;
      averaged_classes += 1;
      support += counts.actual;
      for (std::size_t s = 0; s < 3; ++s) macro[s] += of_class[c][s], weighted[s] += counts.actual * of_class[c][s];
    }
    std::vector<double> result;
    for (std::size_t s = 0; s < 3; ++s) {
      result.insert(result.end(), {Counts::ratio(macro[s], averaged_classes), total.scores()[s], Counts::ratio(weighted[s], support)});
      if (all_classes) result.push_back(sum[sum.size() - 4 + s] / sum.back());
      for (const auto& scores : of_class) result.push_back(scores[s]);
    }
    if (all_classes ? sum.back() == 0 : total.predicted + total.actual == 0) std::fill(result.begin(), result.end(), std::numeric_limits<double>::quiet_NaN());
    return result;
  }

 private:
  // The distinct class names in a target; a kind of answer that names no class counts as an unknown one.
  static std::vector<std::string> names(const temper::Target& target) {
    if (const auto* label = std::get_if<temper::Label>(&target)) return {label->name};
    const auto* labels = std::get_if<temper::Labels>(&target);
    if (!labels) return {temper::to_string(target)};
    std::vector<std::string> result = labels->names;
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }
  static std::size_t index(const temper::TaskInfo& task, const std::string& name) {
    return std::find(task.labels.begin(), task.labels.end(), name) - task.labels.begin();
  }
};

}  // namespace

TEMPER_CLAIMS("f1_* precision_* recall_* usual:classification usual:multi_label")
TEMPER_PLUGIN(Metric, F1, temper::NoOptions, "f1", "F1, precision and recall: per class, macro, micro and weighted.")
