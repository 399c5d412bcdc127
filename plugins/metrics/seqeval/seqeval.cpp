// Precision, recall and F1 of entities: one is right when its tokens and its type are those of the reference.
// precision = tp / (tp + fp), recall = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn), 0 where 0 / 0; of all entities together (micro),
// of each type, and averaged over types. Definition: Tjong Kim Sang, De Meulder, "Introduction to the CoNLL-2003 shared task" (2003),
// section 4; computed as seqeval (Nakayama 2018) does.
#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include <temper/metric.h>

#include "entities.h"

namespace {

struct Options {
  bool strict = false;

  void visit(temper::OptionVisitor& v) { v.option("strict", strict, "Read tags as IOB2 to the letter, instead of as conlleval.pl does."); }
};

constexpr std::array<const char*, 3> kScores = {"f1", "precision", "recall"};
constexpr std::array<const char*, 2> kAverages = {"macro", "weighted"};

struct Counts {
  double right = 0, answered = 0, actual = 0;

  static double ratio(double a, double b) { return b == 0 ? 0 : a / b; }
  std::array<double, 3> scores() const { return {ratio(2 * right, answered + actual), ratio(right, answered), ratio(right, actual)}; }
};

// Types of entities among the tags of the task, sorted.
std::vector<std::string> types_of(const temper::TaskInfo& task) {
  std::set<std::string> types;
  for (const std::string& tag : task.labels) {
    if (seqeval::prefix_of(tag) != "O") types.insert(seqeval::type_of(tag));
  }
  return {types.begin(), types.end()};
}

class Seqeval final : public temper::Metric {
 public:
  explicit Seqeval(const Options& options) : strict_(options.strict) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kTokenClassification; }

  // F1 first: of all entities, averages over types, each type; then precision and recall likewise.
  std::vector<temper::MetricValue> values(const temper::TaskInfo& task) const override {
    std::vector<temper::MetricValue> result;
    for (const std::string score : kScores) {
      result.push_back({.name = "seqeval_" + score, .is_default = true});
      for (const std::string average : kAverages) result.push_back({.name = "seqeval_" + score + "_" + average});
      for (const std::string& type : types_of(task)) {
        // A type that is called like an average must not take its name.
        const bool taken = std::find(kAverages.begin(), kAverages.end(), type) != kAverages.end();
        result.push_back({.name = "seqeval_" + score + (taken ? "_type:" : "_") + type});
      }
    }
    return result;
  }

  // Items; counts of each type, and of one more for types that no tag of the task has.
  std::size_t statistics_size(const temper::TaskInfo& task) const override { return 1 + 3 * (types_of(task).size() + 1); }

  // Tags that an answer lacks are outside of entities; those beyond the reference's do not count.
  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    const auto* reference = targets.empty() ? nullptr : std::get_if<temper::Tags>(&targets.front());
    if (!reference) return;
    const auto* answer = std::get_if<temper::Tags>(&prediction.value);
    std::vector<std::string> tags = answer ? answer->names : std::vector<std::string>{};
    tags.resize(reference->names.size(), "O");
    const std::vector<std::string> types = types_of(task);
    const auto at = [&](const seqeval::Entity& entity) { return 1 + 3 * static_cast<std::size_t>(std::find(types.begin(), types.end(), entity.type) - types.begin()); };
    const auto actual = entities(reference->names);
    out[0] = 1;
    for (const seqeval::Entity& entity : actual) out[at(entity) + 2] += 1;
    for (const seqeval::Entity& entity : entities(tags)) {
      out[at(entity) + 1] += 1;
      out[at(entity)] += actual.contains(entity);
    }
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    Counts all;
    std::array<double, 3> macro{}, weighted{};
    std::vector<std::array<double, 3>> of_type;
    double occurring = 0;
    for (std::size_t i = 1; i + 2 < sum.size(); i += 3) {
      const Counts counts{sum[i], sum[i + 1], sum[i + 2]};
      all = {all.right + counts.right, all.answered + counts.answered, all.actual + counts.actual};
      of_type.push_back(counts.scores());
      occurring += counts.answered + counts.actual > 0;
      for (std::size_t s = 0; s < 3; ++s) macro[s] += of_type.back()[s], weighted[s] += counts.actual * of_type.back()[s];
    }
    of_type.pop_back();  // the types that the task does not have are in the averages only
    std::vector<double> result;
    for (std::size_t s = 0; s < 3; ++s) {
      result.insert(result.end(), {all.scores()[s], macro[s] / occurring, Counts::ratio(weighted[s], all.actual)});
      for (const auto& scores : of_type) result.push_back(scores[s]);
    }
    if (sum[0] == 0) std::fill(result.begin(), result.end(), std::numeric_limits<double>::quiet_NaN());
    return result;
  }

 private:
  std::set<seqeval::Entity> entities(const std::vector<std::string>& tags) const {
    const auto found = strict_ ? seqeval::strict_entities(tags) : seqeval::entities(tags);
    return {found.begin(), found.end()};
  }

  bool strict_;
};

}  // namespace

TEMPER_CLAIMS("seqeval_f1 seqeval_f1_* seqeval_precision seqeval_precision_* seqeval_recall seqeval_recall_* usual:token_classification")
TEMPER_PLUGIN(Metric, Seqeval, Options, "seqeval", "Precision, recall and F1 of entities as seqeval computes them.")
