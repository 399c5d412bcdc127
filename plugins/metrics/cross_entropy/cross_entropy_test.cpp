// The plugin cross_entropy: the contract of metrics, then likelihoods and probabilities.
#include <temper/testing/metric.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper {
namespace {

TEST(CrossEntropy, KeepsTheMetricContract) { testing::check_metric("cross_entropy"); }

const TaskInfo kTask{Task::kClassification, {"no", "yes"}};

double cross_entropy(const TaskInfo& task, const std::vector<Prediction>& predictions, const Targets& targets) {
  const auto metric = registry::installed().create<Metric>("cross_entropy");
  std::vector<double> sum(2, 0.0), row(2, 0.0);
  for (const Prediction& prediction : predictions) {
    row.assign(2, 0.0);
    metric->statistics(task, prediction, targets, row);
    sum[0] += row[0];
    sum[1] += row[1];
  }
  return metric->evaluate(task, sum).at(0);
}

TEST(CrossEntropy, IsTheMeanOverItemsFromProbabilities) {
  Prediction sure, unsure;
  sure.probabilities = {0.25, 0.75};
  unsure.probabilities = {0.5, 0.5};
  EXPECT_DOUBLE_EQ(cross_entropy(kTask, {sure, unsure}, {Label{"yes"}}), -(std::log(0.75) + std::log(0.5)) / 2);
}
TEST(CrossEntropy, TakesTheLikelihoodWhereThereIsOne) {
  Prediction prediction;
  prediction.probabilities = {0.25, 0.75};
  prediction.nll = 6;
  prediction.nll_tokens = 3;
  EXPECT_DOUBLE_EQ(cross_entropy({Task::kLanguageModeling, {}}, {prediction}, {}), 2);
}
TEST(CrossEntropy, StaysFiniteForAProbabilityOfZero) {
  Prediction prediction;
  prediction.probabilities = {1, 0};
  EXPECT_DOUBLE_EQ(cross_entropy(kTask, {prediction}, {Label{"yes"}}), -std::log(std::numeric_limits<double>::epsilon()));
  EXPECT_DOUBLE_EQ(cross_entropy(kTask, {prediction}, {Label{"a label without a probability"}}), -std::log(std::numeric_limits<double>::epsilon()));
}
TEST(CrossEntropy, DoesNotHideThatALikelihoodIsNoNumber) {
  Prediction prediction;
  prediction.nll = std::nan("");
  prediction.nll_tokens = 1;
  EXPECT_TRUE(std::isnan(cross_entropy(kTask, {prediction}, {Label{"yes"}})));
}
TEST(CrossEntropy, LeavesOutItemsWithNeither) { EXPECT_TRUE(std::isnan(cross_entropy(kTask, {Prediction{}}, {Label{"yes"}}))); }

}  // namespace
}  // namespace temper
