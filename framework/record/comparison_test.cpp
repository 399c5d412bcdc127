// Strategies are compared by their best configuration, chosen on validation, over all seeds, item by item.
#include "record/compare_strategies.h"

#include <cmath>

#include <gtest/gtest.h>

#include "evaluation/item_statistics.h"
#include "record/study_file.h"
#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::TemporaryFolder;

// The share of right answers; and, per label, of those that are right among its items: the statistics count by label's order.
class ShareRight final : public Metric {
 public:
  bool applies_to(Task) const override { return true; }
  std::vector<MetricValue> values(const TaskInfo& task) const override {
    std::vector<MetricValue> values{{.name = "right"}};
    for (const std::string& label : task.labels) values.push_back({.name = "right_" + label});
    return values;
  }
  std::size_t statistics_size(const TaskInfo& task) const override { return 2 * task.labels.size(); }
  void statistics(const TaskInfo&, const Prediction&, const Targets&, std::span<double>) const override {}
  std::vector<double> evaluate(const TaskInfo& task, std::span<const double> sum) const override {
    double right = 0, all = 0;
    std::vector<double> values{0};
    for (std::size_t label = 0; label < task.labels.size(); ++label) {
      right += sum[2 * label];
      all += sum[2 * label + 1];
      values.push_back(sum[2 * label] / sum[2 * label + 1]);
    }
    values[0] = right / all;
    return values;
  }
};

evaluation::MetricSet metrics() {
  evaluation::MetricSet set;
  set.task = {Task::kClassification, {"no", "yes"}};
  set.plugins.push_back({"share_right", std::make_unique<ShareRight>(), ShareRight().values(set.task)});
  set.choices = {{0, 0}, {0, 2}};  // right, right_yes
  return set;
}

// A trial that answers the first `right` of 100 items right; even items are "no", odd ones "yes".
TrialRecord answered(const std::string& strategy, std::int64_t seed, double objective, int right, std::vector<std::string> labels = {"no", "yes"}) {
  TrialRecord trial;
  trial.strategy = strategy;
  trial.seed = seed;
  trial.objective = objective;
  trial.test.emplace();
  trial.test->labels = labels;
  evaluation::ItemStatistics statistics(4);
  for (int item = 0; item < 100; ++item) {
    std::vector<double> row(4, 0.0);
    const std::size_t label = labels[0] == "no" ? item % 2 : 1 - item % 2;
    row[2 * label] = item < right;
    row[2 * label + 1] = 1;
    statistics.add(row);
    trial.test->predictions.id.push_back("test:" + std::to_string(item));
    trial.test->predictions.prediction.push_back("yes");
    trial.test->predictions.reference.push_back("no");
  }
  trial.test->statistics.push_back(statistics_record("share_right", statistics));
  trial.cost.emplace();
  trial.cost->train_seconds = 10;
  trial.cost->seconds_per_prediction = 0.5;
  return trial;
}

// A study of these trials, numbered from 1.
Hdf5File study_of(const TemporaryFolder& folder, const std::vector<TrialRecord>& records) {
  std::vector<StudyTrial> trials;
  for (const TrialRecord& record : records) {
    StudyTrial& trial = trials.emplace_back();
    trial.number = static_cast<std::int64_t>(trials.size());
    trial.file = folder / (std::to_string(trial.number) + ".h5");
    write_trial(trial.file, record);
  }
  StudyHeader header;
  header.objective = "validation_loss";
  write_study(folder / "study.h5", header, trials);
  return Hdf5File::open(folder / "study.h5");
}

TrialRecord with_rate(TrialRecord trial, double rate) {
  trial.parameters = {{"training.learning_rate", rate}};
  trial.swept = {"training.learning_rate"};
  return trial;
}

// The same trial as it answers the items of one of two folds alone, which it did not train on.
TrialRecord of_fold(TrialRecord trial, std::int64_t fold) {
  const int begin = fold == 1 ? 0 : 60, end = fold == 1 ? 60 : 100;
  const evaluation::ItemStatistics all = item_statistics(trial.test->statistics[0]);
  evaluation::ItemStatistics own(all.size());
  for (int item = begin; item < end; ++item) own.add(all.item(item));
  trial.test->statistics = {statistics_record("share_right", own)};
  Predictions& predictions = trial.test->predictions;
  for (std::vector<std::string>* column : {&predictions.id, &predictions.prediction, &predictions.reference}) *column = {column->begin() + begin, column->begin() + end};
  trial.parameters = {{"dataset.folds", std::int64_t{2}}, {"dataset.fold", fold}, {"dataset.fold_is", "test"}};
  trial.swept = {"dataset.fold"};
  return trial;
}

TEST(Comparison, PoolsFoldsThatAreTestedSoThatEachItemCountsOnce) {
  const TemporaryFolder whole_folder, folder;
  const std::vector<TrialRecord> trials = {answered("a", 1, 0.5, 70), answered("a", 2, 0.5, 80), answered("b", 0, kNaN, 50)};
  std::vector<TrialRecord> folds;
  for (const std::int64_t fold : {2, 1})
    for (const TrialRecord& trial : trials) folds.push_back(of_fold(trial, fold));
  const Comparison whole = compare_strategies(study_of(whole_folder, trials), Better::kLower, metrics());
  const Comparison comparison = compare_strategies(study_of(folder, folds), Better::kLower, metrics());
  EXPECT_EQ(comparison.n_seeds, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(comparison.n_folds, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(whole.n_folds, (std::vector<std::int64_t>{0, 0}));
  EXPECT_DOUBLE_EQ(comparison.metrics[0].value[0], 0.75);  // the mean over folds, which are of unequal size, would be 0.6875
  EXPECT_DOUBLE_EQ(comparison.metrics[0].difference[1], 0.25);
  for (std::size_t metric = 0; metric < 2; ++metric) {
    EXPECT_EQ(comparison.metrics[metric].value, whole.metrics[metric].value);
    EXPECT_EQ(comparison.metrics[metric].low, whole.metrics[metric].low);
    EXPECT_EQ(comparison.metrics[metric].high, whole.metrics[metric].high);
    EXPECT_EQ(comparison.metrics[metric].p_value, whole.metrics[metric].p_value);
  }
}

TEST(Comparison, TellsNothingOfPooledFoldsOfWhichOneIsMissing) {
  const TemporaryFolder folder;
  const Comparison comparison = compare_strategies(
      study_of(folder, {of_fold(answered("a", 1, 0.5, 70), 1), of_fold(answered("a", 1, 0.5, 70), 2), of_fold(answered("b", 1, 0.5, 50), 1)}), Better::kLower, metrics());
  EXPECT_EQ(comparison.n_folds, (std::vector<std::int64_t>{2, 1}));
  EXPECT_TRUE(std::isnan(comparison.metrics[0].difference[1]));  // of other items
}

TEST(Comparison, CountsSeedsAndFoldsApartWhereAllFoldsAreTestedOnOneSplit) {
  const TemporaryFolder folder;
  std::vector<TrialRecord> trials;
  for (const std::int64_t seed : {1, 2}) {
    for (const std::int64_t fold : {1, 2, 3}) {
      trials.push_back(answered("a", seed, 0.5, static_cast<int>(60 + 3 * fold)));
      trials.back().parameters = {{"dataset.folds", std::int64_t{3}}, {"dataset.fold", fold}, {"dataset.fold_is", "validation"}};
    }
  }
  const Comparison comparison = compare_strategies(study_of(folder, trials), Better::kLower, metrics());
  EXPECT_EQ(comparison.n_seeds, std::vector<std::int64_t>{2});
  EXPECT_EQ(comparison.n_folds, std::vector<std::int64_t>{3});
  EXPECT_DOUBLE_EQ(comparison.metrics[0].value[0], 0.66);
}

TEST(Comparison, ChoosesEachStrategysConfigurationByTheObjectiveOverItsSeeds) {
  const TemporaryFolder folder;
  const Hdf5File study = study_of(folder, {with_rate(answered("lora", 1, 0.1, 90), 1e-3), with_rate(answered("lora", 2, 0.9, 90), 1e-3),
                                           with_rate(answered("lora", 1, 0.4, 60), 1e-4), with_rate(answered("lora", 2, 0.3, 70), 1e-4),
                                           answered("majority", 1, kNaN, 50)});
  const Comparison comparison = compare_strategies(study, Better::kLower, metrics());
  EXPECT_EQ(comparison.strategy, (std::vector<std::string>{"lora", "majority"}));
  EXPECT_EQ(comparison.best_trial, (std::vector<std::int64_t>{4, 5}));  // mean 0.35 beats 0.5, whatever the test split says
  EXPECT_EQ(comparison.n_seeds, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(comparison.train_seconds, (std::vector<double>{40, 10}));
  EXPECT_EQ(comparison.metrics.at(0).name, "right");
  EXPECT_DOUBLE_EQ(comparison.metrics[0].value[0], 0.65);
  EXPECT_DOUBLE_EQ(comparison.metrics[0].value[1], 0.5);
  EXPECT_EQ(comparison.metrics.at(1).name, "right_yes");
  EXPECT_DOUBLE_EQ(comparison.metrics[1].value[0], 0.65);
  EXPECT_LT(comparison.metrics[0].low[1], 0.5);
  EXPECT_GT(comparison.metrics[0].high[1], 0.5);
  EXPECT_NEAR(comparison.metrics[0].high[1] - comparison.metrics[0].low[1], 2 * 1.96 * 0.05, 0.03);  // sqrt(0.25 / 100)
  // Trial 3 answers 10 items more than majority, trial 4 20 more.
  EXPECT_DOUBLE_EQ(comparison.metrics[0].difference[1], 0.15);
  EXPECT_DOUBLE_EQ(comparison.metrics[0].difference[2], -0.15);
  EXPECT_LT(comparison.metrics[0].p_value[1], 0.01);
  EXPECT_EQ(comparison.metrics[0].p_value[1], comparison.metrics[0].p_value[2]);
  EXPECT_EQ(comparison.metrics[0].p_value[0], 1);
}

TEST(Comparison, FindsNoDifferenceBetweenEqualAnswers) {
  const TemporaryFolder folder;
  const Comparison comparison =
      compare_strategies(study_of(folder, {answered("a", 1, 0.5, 60), answered("b", 2, 0.5, 60)}), Better::kLower, metrics());
  EXPECT_EQ(comparison.metrics[0].difference[1], 0);
  EXPECT_EQ(comparison.metrics[0].p_value[1], 1);
}

TEST(Comparison, ChoosesNoConfigurationWhereNothingButTheTestSplitCouldTell) {
  const TemporaryFolder folder;
  TrialRecord failed;
  failed.strategy = "broken";
  failed.status = kFailed;
  const Hdf5File study =
      study_of(folder, {with_rate(answered("few_shot", 1, kNaN, 90), 1), with_rate(answered("few_shot", 1, kNaN, 60), 2), failed});
  const Comparison comparison = compare_strategies(study, Better::kLower, metrics());
  EXPECT_EQ(comparison.best_trial, (std::vector<std::int64_t>{-1, -1}));
  EXPECT_EQ(comparison.n_seeds, (std::vector<std::int64_t>{0, 0}));
  EXPECT_TRUE(std::isnan(comparison.metrics[0].value[0]));
  EXPECT_TRUE(std::isnan(comparison.metrics[0].p_value[1]));
}

TEST(Comparison, CountsLabelsInEachStrategysOrderAndPairsOnlyEqualOnes) {
  const TemporaryFolder folder;
  const Comparison comparison = compare_strategies(
      study_of(folder, {answered("a", 1, 0.5, 61), answered("b", 1, 0.5, 61, {"yes", "no"})}), Better::kLower, metrics());
  EXPECT_DOUBLE_EQ(comparison.metrics[1].value[0], 0.6);  // 30 of the 50 odd items
  EXPECT_DOUBLE_EQ(comparison.metrics[1].value[1], 0.6);
  EXPECT_TRUE(std::isnan(comparison.metrics[1].p_value[1]));
}

TEST(Comparison, PairsOnlyStrategiesThatAnsweredTheSameItems) {
  const TemporaryFolder folder;
  TrialRecord other = answered("b", 1, 0.5, 50);
  other.test->predictions.id[3] = "another item";
  const Comparison comparison = compare_strategies(study_of(folder, {answered("a", 1, 0.5, 60), other}), Better::kLower, metrics());
  EXPECT_DOUBLE_EQ(comparison.metrics[0].value[1], 0.5);
  EXPECT_TRUE(std::isnan(comparison.metrics[0].difference[1]));
}

TEST(Comparison, PairsSeedBySeedAndAStrategyWithoutSeedsWithAll) {
  const TemporaryFolder folder;
  // Seed 2 of b is missing: 1 and 3 pair. Their differences are 0.2 and 0.0.
  const Comparison comparison =
      compare_strategies(study_of(folder, {answered("a", 1, 0.5, 70), answered("a", 2, 0.5, 100), answered("a", 3, 0.5, 50),
                                           answered("b", 1, 0.5, 50), answered("b", 3, 0.5, 50), answered("c", 1, kNaN, 50)}),
                         Better::kLower, metrics());
  EXPECT_NEAR(comparison.metrics[0].difference[0 * 3 + 1], 0.1, 1e-12);
  EXPECT_NEAR(comparison.metrics[0].difference[0 * 3 + 2], (0.2 + 0.5) / 3, 1e-12);
}

TEST(Comparison, ComesBackFromTheStudysFile) {
  const TemporaryFolder folder;
  const evaluation::MetricSet set = metrics();
  study_of(folder, {answered("a", 1, 0.5, 60), answered("b", 1, 0.5, 50)});
  std::vector<StudyTrial> trials(2);
  trials[0].number = 1;
  trials[0].file = folder / "1.h5";
  trials[1].number = 2;
  trials[1].file = folder / "2.h5";
  const auto compare = [&](Hdf5Group& study) {
    EXPECT_EQ(compared_labels(study), set.task.labels);
    write_comparison(study, compare_strategies(study, Better::kLower, set));
  };
  write_study(folder / "study.h5", StudyHeader{}, trials, compare);
  const Hdf5File file = Hdf5File::open(folder / "study.h5");
  const std::optional<Comparison> read = read_comparison(file);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->strategy, (std::vector<std::string>{"a", "b"}));
  EXPECT_DOUBLE_EQ(read->metrics.at(0).value[0], 0.6);
  EXPECT_EQ(file.shape("comparison/paired/right/p_value"), (std::vector<std::int64_t>{2, 2}));
  EXPECT_FALSE(read_comparison(study_of(folder, {})).has_value());
}

}  // namespace
}  // namespace temper::record
