// The plugin accuracy: the contract of metrics, then its own three tasks.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper {
namespace {

TEST(Accuracy, KeepsTheMetricContract) { testing::check_metric("accuracy"); }

double accuracy(Task task, const std::vector<Target>& answers, const std::vector<Targets>& references) {
  const auto metric = registry::installed().create<Metric>("accuracy");
  std::vector<double> sum(2, 0.0), row(2, 0.0);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    row.assign(2, 0.0);
    Prediction prediction;
    prediction.value = answers[i];
    metric->statistics({task, {}}, prediction, references[i], row);
    sum[0] += row[0];
    sum[1] += row[1];
  }
  return metric->evaluate({task, {}}, sum).at(0);
}

TEST(Accuracy, IsTheShareOfRightLabels) {
  EXPECT_DOUBLE_EQ(accuracy(Task::kClassification, {Label{"a"}, Label{"b"}, Label{"a"}, Label{"a"}}, {{Label{"a"}}, {Label{"a"}}, {Label{"a"}}, {Label{"b"}}}), 0.5);
}
TEST(Accuracy, ComparesNamesByEveryByte) {
  EXPECT_DOUBLE_EQ(accuracy(Task::kClassification, {Label{"A"}, Label{"a "}}, {{Label{"a"}}, {Label{"a"}}}), 0);
}
TEST(Accuracy, TakesSetsOfLabelsAsSets) {
  EXPECT_DOUBLE_EQ(accuracy(Task::kMultiLabel, {Labels{{"b", "a", "b"}}, Labels{{"a"}}, Labels{}}, {{Labels{{"a", "b"}}}, {Labels{{"a", "b"}}}, {Labels{}}}), 2.0 / 3);
}
TEST(Accuracy, CountsTagsNotSentences) {
  EXPECT_DOUBLE_EQ(accuracy(Task::kTokenClassification, {Tags{{"O", "B"}}, Tags{{"O"}}}, {{Tags{{"O", "O"}}}, {Tags{{"O", "B", "B"}}}}), 2.0 / 5);
}
TEST(Accuracy, IsUndefinedWithoutReferences) { EXPECT_TRUE(std::isnan(accuracy(Task::kClassification, {Label{"a"}}, {{}}))); }

}  // namespace
}  // namespace temper
