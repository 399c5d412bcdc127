// The conformance suite of metrics: the checks of temper/testing/metric.h, in their order.
#include <temper/testing/metric.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include <gtest/gtest.h>
#include <temper/error.h>

namespace temper::testing {
namespace {

constexpr double kRounding = 1e-9;  // relative; sums of a dozen items in double leave far less

bool nearly(double a, double b) { return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= kRounding * std::max({1.0, std::abs(a), std::abs(b)}); }
bool nearly(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return nearly(x, y); });
}

// The suite for one task.
class TaskChecks {
 public:
  TaskChecks(const Metric& metric, Task task, Failures& failures)
      : metric_(metric), sample_(metric_sample(task)), values_(metric.values(sample_.task)), failures_(failures) {}

  void run() {
    if (!check_names() || !check_sizes()) return;
    check_ranges();
    const bool is_pure = check_purity();
    check_quality();
    check_defined_and_in_range();
    check_single_items();
    if (is_pure) check_weights();
    check_no_items();
    check_unscored();
    check_references();
    check_foreign_answers();
  }

 private:
  using Row = std::vector<double>;

  bool fail(const std::string& check, const std::string& what) {
    failures_.push_back({check, std::string(to_string(sample_.task.task)) + ": " + what});
    return false;
  }

  Row statistics(const Prediction& prediction, const Targets& targets) const {
    Row row(metric_.statistics_size(sample_.task), 0.0);
    metric_.statistics(sample_.task, prediction, targets, row);
    return row;
  }
  // Statistics of items one behind the other; values where each counts once, or as often as `weight` says.
  Row table(const std::vector<Prediction>& predictions) const {
    Row rows;
    for (std::size_t i = 0; i < predictions.size(); ++i) append(rows, statistics(predictions[i], sample_.targets[i]));
    return rows;
  }
  static void append(Row& rows, const Row& row) { rows.insert(rows.end(), row.begin(), row.end()); }
  Row evaluate(const Row& rows, double weight = 1) const {
    const std::size_t size = metric_.statistics_size(sample_.task);
    return metric_.over(sample_.task, {rows, size})(Row(size == 0 ? 0 : rows.size() / size, weight));
  }
  Row score(const std::vector<Prediction>& predictions) const { return evaluate(table(predictions)); }
  bool in_range(const MetricValue& value, double number) const {
    if (!(value.lowest < value.highest)) return true;  // ranges_are_ordered has told it
    return number >= value.lowest - kRounding && number <= value.highest + kRounding;
  }

  bool check_names() {
    TaskInfo hostile = sample_.task;
    if (!hostile.labels.empty()) hostile.labels = {"macro", "micro", "weighted", "", "a b", "\xC3\xA4"};
    for (const auto& values : {values_, metric_.values(hostile)}) {
      if (values.empty()) return fail("names_are_unique", "there are no values");
      std::set<std::string> names;
      for (const MetricValue& value : values) {
        if (value.name.empty()) return fail("names_are_unique", "a value has no name");
        if (!names.insert(value.name).second) return fail("names_are_unique", "the name " + value.name + " is given twice");
      }
    }
    if (std::ranges::none_of(values_, &MetricValue::is_default)) fail("has_a_default", "no value is a default");
    return true;
  }

  bool check_sizes() {
    // Whatever a plugin writes beyond its span lands in these margins.
    constexpr std::size_t kMargin = 64;
    constexpr double kUntouched = 12345.678;
    const std::size_t size = metric_.statistics_size(sample_.task);
    Row guarded(size + 2 * kMargin, kUntouched);
    for (std::size_t i = 0; i < sample_.mixed.size(); ++i) {
      std::fill_n(guarded.begin() + kMargin, size, 0.0);
      metric_.statistics(sample_.task, sample_.mixed[i], sample_.targets[i], std::span(guarded).subspan(kMargin, size));
    }
    std::fill_n(guarded.begin() + kMargin, size, kUntouched);
    if (std::ranges::any_of(guarded, [](double number) { return number != kUntouched; })) {
      return fail("statistics_keep_their_size", "more than the stated " + std::to_string(size) + " numbers are written");
    }
    const std::size_t given = score(sample_.mixed).size();
    if (given == values_.size()) return true;
    return fail("evaluate_fits_values", std::to_string(given) + " numbers for " + std::to_string(values_.size()) + " values");
  }

  void check_ranges() {
    for (const MetricValue& value : values_) {
      if (!(value.lowest < value.highest)) fail("ranges_are_ordered", value.name + " lies between " + std::to_string(value.lowest) + " and " + std::to_string(value.highest));
    }
  }

  bool check_purity() {
    const auto& items = sample_.mixed;
    std::vector<Row> forward, backward(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) forward.push_back(statistics(items[i], sample_.targets[i]));
    for (std::size_t i = items.size(); i-- > 0;) backward[i] = statistics(items[i], sample_.targets[i]);
    const std::size_t before = failures_.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!nearly(forward[i], backward[i])) {
        fail("depends_on_the_item_alone", "the statistics of " + items[i].id + " differ between two calls");
        break;
      }
    }
    const Row rows = table(items), first = evaluate(rows);
    evaluate(table(sample_.perfect));
    for (int i = 0; i < 2; ++i) {
      if (nearly(evaluate(rows), first)) continue;
      fail("depends_on_the_sum_alone", "the same statistics give another result");
      break;
    }
    return failures_.size() == before;
  }

  void check_quality() {
    const Row perfect = score(sample_.perfect), wrong = score(sample_.wrong);
    for (std::size_t v = 0; v < values_.size(); ++v) {
      const MetricValue& value = values_[v];
      if (std::isnan(perfect[v]) || !(value.lowest < value.highest)) continue;
      const double best = value.better == Better::kHigher ? value.highest : value.lowest;
      if (std::isfinite(best) && !nearly(perfect[v], best)) fail("perfect_scores_best", value.name + " is " + std::to_string(perfect[v]) + " for perfect answers, not " + std::to_string(best));
      const bool is_worse = value.better == Better::kHigher ? wrong[v] < perfect[v] : wrong[v] > perfect[v];
      if (!std::isnan(wrong[v]) && !is_worse) fail("wrong_scores_worse", value.name + " is " + std::to_string(wrong[v]) + " for wrong answers and " + std::to_string(perfect[v]) + " for perfect ones");
    }
  }

  void check_defined_and_in_range() {
    for (const auto* predictions : {&sample_.perfect, &sample_.wrong, &sample_.mixed}) {
      const Row result = score(*predictions);
      for (std::size_t v = 0; v < values_.size(); ++v) {
        if (std::isnan(result[v])) fail("is_defined", values_[v].name + " is not a number");
        else if (!in_range(values_[v], result[v])) fail("stays_in_range", values_[v].name + " is " + std::to_string(result[v]));
      }
    }
  }

  void check_single_items() {
    for (std::size_t v = 0; v < values_.size(); ++v) {
      if (!values_[v].per_item) continue;
      if (!metric_.additive()) {
        fail("scores_single_items", values_[v].name + " is a matter of ranks, a single item has none");
        continue;
      }
      for (std::size_t i = 0; i < sample_.mixed.size(); ++i) {
        const double number = evaluate(statistics(sample_.mixed[i], sample_.targets[i]))[v];
        if (!std::isnan(number) && in_range(values_[v], number)) continue;
        fail("scores_single_items", values_[v].name + " is " + std::to_string(number) + " for " + sample_.mixed[i].id);
        break;
      }
    }
  }

  void check_weights() {
    const std::size_t size = metric_.statistics_size(sample_.task);
    const Row rows = table(sample_.mixed), once = evaluate(rows);
    if (!nearly(evaluate(rows, 2), once)) fail("doubling_changes_nothing", "values change when every item counts twice");
    Row reversed, repeated, weights;
    for (std::size_t i = rows.size() / std::max<std::size_t>(size, 1); i-- > 0;) {
      const Row row(rows.begin() + i * size, rows.begin() + (i + 1) * size);
      append(reversed, row);
      const int times = static_cast<int>(i % 5);
      for (int time = 0; time < times; ++time) append(repeated, row);
      weights.push_back(times);
    }
    if (!nearly(evaluate(reversed), once)) fail("order_changes_nothing", "values change when the items come in another order");
    if (!nearly(metric_.over(sample_.task, {reversed, size})(weights), evaluate(repeated))) fail("weights_are_counts", "a row of weight 2 does not count as two items, or one of weight 0 is not left out");
  }

  void check_no_items() {
    for (const Row& result : {evaluate({}), evaluate(table(sample_.mixed), 0)}) {
      for (std::size_t v = 0; v < values_.size(); ++v) {
        if (!std::isnan(result[v])) return void(fail("is_undefined_without_items", values_[v].name + " is " + std::to_string(result[v]) + " without items"));
      }
    }
  }

  void check_unscored() {
    Prediction prediction = sample_.perfect.front();
    prediction.nll_tokens = 0;
    prediction.nll = 0;
    if (std::ranges::any_of(statistics(prediction, {}), [](double number) { return number != 0; })) {
      fail("leaves_out_unscored_items", "an item without reference and likelihood has statistics");
    }
  }

  void check_references() {
    const Task task = sample_.task.task;
    if (task != Task::kClassification && task != Task::kQuestionAnswering && task != Task::kGeneration) return;
    Row rows;
    for (std::size_t i = 0; i < sample_.perfect.size(); ++i) append(rows, statistics(sample_.perfect[i], {sample_.wrong[i].value, sample_.targets[i].front()}));
    if (!nearly(evaluate(rows), score(sample_.perfect))) fail("accepts_any_reference", "an answer that equals the second reference is not as good as one that equals the only one");
  }

  void check_foreign_answers() {
    const std::vector<Target> answers = {Label{"no such label"}, Labels{{"no such label"}}, Tags{{"O"}}, Tags{}, Spans{}, Text{""}, Score{std::nan("")}};
    for (const Target& answer : answers) {
      Prediction prediction = sample_.wrong.front();
      prediction.value = answer;
      try {
        Row rows = table(sample_.mixed);
        append(rows, statistics(prediction, sample_.targets.front()));
        const Row result = evaluate(rows);
        if (sample_.task.task == Task::kRegression) continue;  // NaN is a number's own answer to a number
        if (std::ranges::all_of(result, [](double number) { return std::isnan(number); })) fail("takes_any_answer", "all values are undefined because of one answer");
      } catch (const std::exception& error) {
        fail("takes_any_answer", std::string("an answer of another kind throws: ") + error.what());
        return;
      }
    }
  }

  const Metric& metric_;
  const MetricSample sample_;
  const std::vector<MetricValue> values_;
  Failures& failures_;
};

}  // namespace

Failures metric_failures(const Metric& metric) {
  Failures failures;
  bool applies = false;
  for (const Task task : {Task::kClassification, Task::kMultiLabel, Task::kRegression, Task::kTokenClassification, Task::kQuestionAnswering,
                          Task::kGeneration, Task::kLanguageModeling}) {
    if (!metric.applies_to(task)) continue;
    applies = true;
    TaskChecks(metric, task, failures).run();
  }
  if (!applies) failures.push_back({"scores_a_task", "it applies to no task"});
  return failures;
}

}  // namespace temper::testing
