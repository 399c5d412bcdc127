// Accuracy: the share of answers that equal the reference.
// Classification: accuracy = correct / items. Several labels per item: an item is correct when the two sets are equal. Token
// classification: correct tags / reference tags. Definition: Manning, Raghavan, Schuetze, Introduction to Information Retrieval
// (2008), section 8.3; for sets of labels the subset accuracy of Tsoumakas and Katakis (2007), section 4.
#include <algorithm>
#include <set>

#include <temper/metric.h>

namespace {

class Accuracy final : public temper::Metric {
 public:
  explicit Accuracy(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override {
    return task == temper::Task::kClassification || task == temper::Task::kMultiLabel || task == temper::Task::kTokenClassification;
  }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "accuracy", .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // correct, all

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    if (const auto* tags = std::get_if<temper::Tags>(&targets.front())) return count_tags(*tags, prediction.value, out);
    out[0] = std::any_of(targets.begin(), targets.end(), [&](const temper::Target& target) { return equal(prediction.value, target); });
    out[1] = 1;
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }

 private:
  static bool equal(const temper::Target& a, const temper::Target& b) {
    const auto* many_a = std::get_if<temper::Labels>(&a);
    const auto* many_b = std::get_if<temper::Labels>(&b);
    if (many_a && many_b) return as_set(*many_a) == as_set(*many_b);
    const auto* one_a = std::get_if<temper::Label>(&a);
    const auto* one_b = std::get_if<temper::Label>(&b);
    return one_a && one_b && one_a->name == one_b->name;
  }
  static std::set<std::string> as_set(const temper::Labels& labels) { return {labels.names.begin(), labels.names.end()}; }

  // A missing tag is a wrong one; tags beyond the reference's do not count.
  static void count_tags(const temper::Tags& reference, const temper::Target& answer, std::span<double> out) {
    const auto* tags = std::get_if<temper::Tags>(&answer);
    for (std::size_t i = 0; i < reference.names.size(); ++i) {
      out[0] += tags && i < tags->names.size() && tags->names[i] == reference.names[i];
      out[1] += 1;
    }
  }
};

}  // namespace

TEMPER_CLAIMS("accuracy usual:classification usual:multi_label usual:token_classification")
TEMPER_PLUGIN(Metric, Accuracy, temper::NoOptions, "accuracy", "Share of the answers that equal the reference.")
