// Scores: values, standard errors and scores of single items, with a metric made here.
#include "evaluation/score.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <temper/error.h>

namespace temper::evaluation {
namespace {

// Mean of the answers' numbers, and its square; items without a reference take no part.
class Mean final : public Metric {
 public:
  bool applies_to(Task) const override { return true; }
  std::vector<MetricValue> values(const TaskInfo&) const override {
    return {{.name = "mean", .per_item = true, .is_default = true}, {.name = "square", .better = Better::kLower}};
  }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo&, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    out[0] = std::get<Score>(prediction.value).value;
    out[1] = 1;
  }
  std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override {
    const double mean = sum[0] / sum[1];
    return {mean, mean * mean};
  }
};

MetricSet mean_metric() {
  MetricSet set;
  set.task = {Task::kRegression, {}};
  auto metric = std::make_unique<Mean>();
  auto values = metric->values(set.task);
  set.plugins.push_back({"mean", std::move(metric), std::move(values)});
  set.choices = {{0, 1}, {0, 0}};
  return set;
}
std::vector<Prediction> numbers(const std::vector<double>& values) {
  std::vector<Prediction> predictions;
  for (const double value : values) predictions.emplace_back().value = Score{value};
  return predictions;
}
std::vector<Targets> references(std::size_t size) { return std::vector<Targets>(size, {Score{0}}); }

TEST(Scores, GiveTheChosenValuesInTheirOrder) {
  const Scores scores = score_predictions(mean_metric(), numbers({1, 2, 3, 6}), references(4));
  ASSERT_EQ(scores.values.size(), 2u);
  EXPECT_EQ(scores.values[0].name, "square");
  EXPECT_EQ(scores.values[0].better, Better::kLower);
  EXPECT_DOUBLE_EQ(scores.values[0].value, 9);
  EXPECT_EQ(scores.values[1].name, "mean");
  EXPECT_DOUBLE_EQ(scores.values[1].value, 3);
  EXPECT_EQ(scores.values[1].items, 4u);
}
TEST(Scores, TheJackknifeOfAMeanIsTheUsualStandardError) {
  const Scores scores = score_predictions(mean_metric(), numbers({1, 2, 3, 6}), references(4));
  EXPECT_NEAR(scores.values[1].standard_error, std::sqrt(14.0 / 3 / 4), 1e-12);  // squares 4 + 1 + 0 + 9
}
TEST(Scores, TheJackknifeFollowsItsDefinition) {
  const std::vector<double> values = {1, 2, 2, 2, 3, 6, 6};
  std::vector<double> without;
  double mean = 0;
  for (std::size_t left_out = 0; left_out < values.size(); ++left_out) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += i == left_out ? 0 : values[i];
    without.push_back(std::pow(sum / 6, 2));
    mean += without.back() / 7;
  }
  double squares = 0;
  for (const double value : without) squares += std::pow(value - mean, 2);
  EXPECT_NEAR(score_predictions(mean_metric(), numbers(values), references(7)).values[0].standard_error, std::sqrt(6.0 / 7 * squares), 1e-12);
}
TEST(Scores, EachItemHasAScoreWhereThatMeansSomething) {
  const Scores scores = score_predictions(mean_metric(), numbers({1, 2, 2}), std::vector<Targets>{{Score{0}}, {}, {Score{0}}});
  ASSERT_EQ(scores.items.size(), 1u);
  EXPECT_EQ(scores.items[0].name, "score_mean");
  EXPECT_DOUBLE_EQ(scores.items[0].values[0], 1);
  EXPECT_TRUE(std::isnan(scores.items[0].values[1]));
  EXPECT_DOUBLE_EQ(scores.items[0].values[2], 2);
}
TEST(Scores, ItemsWithoutReferenceDoNotCount) {
  const Scores scores = score_predictions(mean_metric(), numbers({1, 2, 3, 6, 100}), std::vector<Targets>{{Score{0}}, {Score{0}}, {Score{0}}, {Score{0}}, {}});
  EXPECT_EQ(scores.values[1].items, 4u);
  EXPECT_DOUBLE_EQ(scores.values[1].value, 3);
  EXPECT_NEAR(scores.values[1].standard_error, std::sqrt(14.0 / 3 / 4), 1e-12);
}
TEST(Scores, OneItemHasNoStandardErrorAndNoItemsNoValue) {
  EXPECT_TRUE(std::isnan(score_predictions(mean_metric(), numbers({1}), references(1)).values[1].standard_error));
  const Scores scores = score_predictions(mean_metric(), {}, {});
  EXPECT_TRUE(std::isnan(scores.values[1].value));
  EXPECT_TRUE(std::isnan(scores.values[1].standard_error));
}
TEST(Scores, KeepTheStatisticsOfItemsForPairedTests) {
  const Scores scores = score_predictions(mean_metric(), numbers({1, 2, 1}), references(3), {.standard_errors = false, .item_scores = false});
  ASSERT_EQ(scores.statistics.size(), 1u);
  EXPECT_EQ(scores.statistics[0].items(), 3u);
  EXPECT_EQ(scores.statistics[0].distinct_rows(), 2u);
  EXPECT_EQ(scores.statistics[0].item(2)[0], 1);
  EXPECT_EQ(scores.statistics[0].sum(), (std::vector<double>{4, 3}));
  EXPECT_TRUE(scores.items.empty());
  EXPECT_TRUE(std::isnan(scores.values[0].standard_error));
}
// The median: no function of a sum.
class Median final : public RankMetric {
 public:
  bool applies_to(Task) const override { return true; }
  std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "median", .is_default = true}}; }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo&, const Prediction& prediction, const Targets&, std::span<double> out) const override {
    out[0] = std::get<Score>(prediction.value).value;
    out[1] = 1;
  }
  WeightedValues over(const TaskInfo&, StatisticsRows rows) const override {
    return [rows](std::span<const double> weights) {
      std::vector<double> all;
      for (std::size_t row = 0; row < rows.count(); ++row) all.insert(all.end(), static_cast<std::size_t>(weights[row]), rows[row][0]);
      std::sort(all.begin(), all.end());
      return std::vector<double>{(all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2};
    };
  }
};
MetricSet median_metric() {
  MetricSet set;
  set.task = {Task::kRegression, {}};
  set.plugins.push_back({"median", std::make_unique<Median>(), Median().values(set.task)});
  set.choices = {{0, 0}};
  return set;
}
TEST(Scores, ARankMetricSeesAllRowsAndIsLeftOneOut) {
  const Scores scores = score_predictions(median_metric(), numbers({5, 1, 2, 2, 9}), references(5));
  EXPECT_DOUBLE_EQ(scores.values[0].value, 2);
  // Without 5: 2; without 1: 3.5; without a 2, twice: 3.5; without 9: 2. Their mean is 2.9, their squares sum to 2.7.
  EXPECT_NEAR(scores.values[0].standard_error, std::sqrt(4.0 / 5 * 2.7), 1e-12);
  EXPECT_EQ(scores.values[0].items, 5u);
}
TEST(Scores, ManyRowsOfARankMetricAreLeftOutInGroups) {
  // The median of n numbers drawn evenly from [0, 1] has a standard error of 1 / (2 sqrt(n)), but its jackknife is inconsistent (Efron and
  // Tibshirani 1993, section 11.7); leaving out groups repairs that. 4,001 different rows are more than are left out singly.
  std::vector<double> values;
  for (int i = 0; i < 4001; ++i) values.push_back(std::fmod(0.5 + i * 0.6180339887498949, 1.0));
  const Scores scores = score_predictions(median_metric(), numbers(values), references(values.size()));
  EXPECT_NEAR(scores.values[0].value, 0.5, 0.01);
  EXPECT_GT(scores.values[0].standard_error, 0);
  EXPECT_LT(scores.values[0].standard_error, 0.05);
}
TEST(Scores, RefuseUnequalLengths) { EXPECT_THROW(score_predictions(mean_metric(), numbers({1, 2}), references(1)), Error); }

TEST(ItemStatistics, RefuseARowOfAnotherSize) {
  ItemStatistics statistics(2);
  EXPECT_THROW(statistics.add(std::vector<double>{1, 2, 3}), Error);
}

}  // namespace
}  // namespace temper::evaluation
