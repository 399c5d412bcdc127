// Metrics of ranks through a whole study: values and standard errors of trials, intervals and paired tests of strategies.
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/comparison.h"
#include "record/hdf5.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

TEST(RankMetrics, AreComparedBetweenStrategies) {
  const TemporaryFolder folder;
  std::string train = "text,label\n", test = "text,label\n";
  for (int i = 0; i < 12; ++i) train += "a good day " + std::to_string(i) + ",yes\na bad night " + std::to_string(i) + ",no\n";
  for (int i = 0; i < 30; ++i) test += "good day " + std::to_string(i) + ",yes\nbad night " + std::to_string(i) + ",no\n";
  folder.write("train.csv", train);
  folder.write("test.csv", test);
  folder.write("e.toml", R"(name = "e"
task = "classification"
metrics = ["auroc", "average_precision_no", "brier", "ece:bins=10", "balanced_accuracy"]
[dataset]
plugin = "csv"
train = "train.csv"
test = "test.csv"
[[strategy]]
plugin = "majority"
[[strategy]]
plugin = "logistic_regression"
features = "tfidf"
)");
  const ProgramResult result = run_temper("run e.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();

  const record::TrialRecord trial = record::read_trial(folder / "results/e/trials/0002/trial.h5");
  std::map<std::string, bool> additive;
  for (const record::StatisticsRecord& statistics : trial.test->statistics) additive[statistics.metric] = statistics.additive;
  EXPECT_EQ(additive, (std::map<std::string, bool>{{"auroc", false}, {"average_precision", false}, {"balanced_accuracy", true}, {"brier", true}, {"ece", true}}));
  EXPECT_EQ(trial.test->metrics.at(0).name, "auroc");
  EXPECT_DOUBLE_EQ(trial.test->metrics.at(0).value, 1);
  EXPECT_DOUBLE_EQ(trial.test->metrics.at(0).standard_error, 0);

  const record::Hdf5File file = record::Hdf5File::open(folder / "results/e/study.h5");
  const auto comparison = record::read_comparison(file);
  ASSERT_TRUE(comparison);
  const record::ComparedMetric& auroc = comparison->metrics.at(0);
  EXPECT_EQ(auroc.name, "auroc");
  EXPECT_THAT(auroc.value, ::testing::ElementsAre(0.5, 1));  // the same probabilities for all items are all ties
  EXPECT_DOUBLE_EQ(auroc.low.at(1), 1);
  EXPECT_DOUBLE_EQ(auroc.difference.at(2), 0.5);
  EXPECT_LT(auroc.p_value.at(2), 0.01);
}

}  // namespace
}  // namespace temper::testing
