// The plugin f1: the contract of metrics, then cases worked out by hand; tests/interop compares thousands with scikit-learn.
#include <temper/testing/metric.h>

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper {
namespace {

TEST(F1, KeepsTheMetricContract) { testing::check_metric("f1"); }

using Values = std::map<std::string, double>;

Values scores(const TaskInfo& task, const std::vector<Target>& answers, const std::vector<Targets>& references) {
  const auto metric = registry::installed().create<Metric>("f1");
  std::vector<double> sum(metric->statistics_size(task), 0.0), row(sum.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    row.assign(row.size(), 0.0);
    Prediction prediction;
    prediction.value = answers[i];
    metric->statistics(task, prediction, references[i], row);
    for (std::size_t s = 0; s < row.size(); ++s) sum[s] += row[s];
  }
  Values result;
  const auto values = metric->values(task);
  const auto numbers = metric->evaluate(task, sum);
  for (std::size_t v = 0; v < values.size(); ++v) result[values[v].name] = numbers[v];
  return result;
}
Values of_labels(std::vector<std::string> labels, const std::vector<std::string>& answers, const std::vector<std::string>& references) {
  std::vector<Target> given;
  std::vector<Targets> wanted;
  for (const std::string& answer : answers) given.push_back(Label{answer});
  for (const std::string& reference : references) wanted.push_back({Label{reference}});
  return scores({Task::kClassification, std::move(labels)}, given, wanted);
}

TEST(F1, AveragesOverClassesItemsAndSupport) {
  // a: tp 1, fp 1, fn 1; b: tp 1, fp 1, fn 1; c: never answered, once the reference, so fn 1; all other items are of b and a.
  Values values = of_labels({"a", "b", "c"}, {"a", "a", "b", "b", "b"}, {"a", "b", "b", "a", "c"});
  EXPECT_DOUBLE_EQ(values["f1_a"], 2.0 / 4);
  EXPECT_DOUBLE_EQ(values["f1_b"], 2.0 / 5);
  EXPECT_DOUBLE_EQ(values["f1_c"], 0);
  EXPECT_DOUBLE_EQ(values["f1_macro"], (0.5 + 0.4) / 3);
  EXPECT_DOUBLE_EQ(values["f1_micro"], 2.0 / 5);
  EXPECT_DOUBLE_EQ(values["f1_weighted"], (2 * 0.5 + 2 * 0.4) / 5);
  EXPECT_DOUBLE_EQ(values["precision_b"], 1.0 / 3);
  EXPECT_DOUBLE_EQ(values["recall_b"], 1.0 / 2);
}
TEST(F1, LeavesClassesThatDoNotOccurOutOfTheMacroAverage) {
  EXPECT_DOUBLE_EQ(of_labels({"a", "b", "unseen"}, {"a", "b"}, {"a", "b"})["f1_macro"], 1);
}
TEST(F1, CountsAnAnswerThatIsNoClassAsWrong) {
  Values values = of_labels({"a", "b"}, {"a", "nonsense"}, {"a", "b"});
  EXPECT_DOUBLE_EQ(values["f1_macro"], 0.5);
  EXPECT_DOUBLE_EQ(values["f1_micro"], 0.5);  // as the accuracy
}
TEST(F1, ComparesSetsOfLabels) {
  Values values = scores({Task::kMultiLabel, {"a", "b", "c"}}, {Labels{{"a", "b"}}, Labels{}}, {{Labels{{"a"}}}, {Labels{{"a", "b"}}}});
  EXPECT_DOUBLE_EQ(values["f1_a"], 2.0 / 3);
  EXPECT_DOUBLE_EQ(values["f1_micro"], 2.0 / 5);
  EXPECT_DOUBLE_EQ(values["f1_macro"], 2.0 / 9);  // over all three, as scikit-learn for indicator matrices
}
TEST(F1, AveragesOverItemsOfSeveralLabels) {
  Values values = scores({Task::kMultiLabel, {"a", "b", "c"}}, {Labels{{"a", "b"}}, Labels{}, Labels{{"c"}}}, {{Labels{{"a"}}}, {Labels{{"a", "b"}}}, {Labels{{"c"}}}});
  EXPECT_DOUBLE_EQ(values["f1_samples"], (2.0 / 3 + 0 + 1) / 3);
  EXPECT_DOUBLE_EQ(values["precision_samples"], (0.5 + 0 + 1) / 3);
  EXPECT_FALSE(of_labels({"a", "b"}, {"a"}, {"a"}).contains("f1_samples"));
}
TEST(F1, KeepsAnAverageApartFromALabelOfItsName) {
  Values values = of_labels({"macro", "other"}, {"other", "other"}, {"other", "macro"});
  EXPECT_DOUBLE_EQ(values["f1_label:macro"], 0);
  EXPECT_DOUBLE_EQ(values["f1_macro"], 1.0 / 3);
}
TEST(F1, IsUndefinedWithoutItems) {
  for (const auto& [name, value] : of_labels({"a", "b"}, {}, {})) EXPECT_TRUE(std::isnan(value)) << name;
}

}  // namespace
}  // namespace temper
