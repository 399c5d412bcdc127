// Folds, groups and dropped rows, from the experiment file to what the study's file says of its data.
#include <gtest/gtest.h>

#include <set>

#include "record/comparison.h"
#include "record/hdf5.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Texts = std::vector<std::string>;
using Counts = std::vector<std::int64_t>;

TEST(Folds, MakeATrialPerFoldAndAreComparedTogether) {
  const TemporaryFolder folder;
  std::string rows = "text,label,document\n";
  for (int i = 0; i < 40; ++i) rows += "text " + std::to_string(i) + (i % 4 == 0 ? ",no," : ",yes,") + std::to_string(i / 2) + "\n";
  folder.write("rows.csv", rows + "of other columns,yes\n");
  folder.write("f.toml", "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"rows.csv\"\ntest = 0.25\nfolds = 3\ngroup = \"document\"\nstratify = true\non_bad_row = \"drop\"\n"
                         "[[strategy]]\nplugin = \"majority\"\n");
  const ProgramResult plan = run_temper("plan f.toml", folder.path());
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_NE(plan.out.find("1 bad rows dropped"), std::string::npos) << plan.out;
  const ProgramResult result = run_temper("run f.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  std::int64_t validated = 0;
  for (int fold = 1; fold <= 3; ++fold) {
    const record::TrialRecord trial = record::read_trial(folder / ("results/f/trials/" + record::trial_name(fold) + "/trial.h5"));
    EXPECT_EQ(trial.swept, Texts{"dataset.fold"});
    ASSERT_TRUE(trial.data);
    EXPECT_EQ(trial.data->split, (Texts{"train", "validation", "test"}));
    EXPECT_EQ(trial.data->rows_dropped, (Counts{1, 0, 0}));
    EXPECT_EQ(trial.data->rows_read[0], 40);
    EXPECT_EQ(trial.data->rows_used[2], 10);
    EXPECT_EQ(trial.data->rows_used[0] + trial.data->rows_used[1], 30);
    EXPECT_NE(trial.data->notes[1].find("fold " + std::to_string(fold) + " of 3 of the train rows, whole groups of \"document\", each label in its share"), std::string::npos) << trial.data->notes[1];
    validated += trial.data->rows_used[1];
  }
  EXPECT_EQ(validated, 30);
  const ProgramResult again = run_temper("run f.toml", folder.path());  // the same folds, so nothing is left to do
  EXPECT_EQ(again.status, 0) << again.err;
}

// Where folds are for testing, the comparison is that of all rows, each answered by the trial that did not train on it.
TEST(Folds, ThatAreTestedAreComparedOnEveryRowOnce) {
  const TemporaryFolder folder;
  std::string rows = "text,label\n";
  for (int i = 0; i < 50; ++i) rows += std::string(i % 10 == 3 ? "odd" : i % 2 ? "dull" : "fine") + " text number " + std::to_string(i) + (i % 2 ? ",no\n" : ",yes\n");
  folder.write("rows.csv", rows);
  folder.write("f.toml", "task = \"classification\"\nmetrics = [\"accuracy\"]\n[dataset]\nplugin = \"csv\"\ntrain = \"rows.csv\"\nfolds = 5\nfold_is = \"test\"\n"
                         "[[strategy]]\nplugin = \"majority\"\n[[strategy]]\nplugin = \"nearest_neighbour\"\nfeatures = \"words\"\nk = 1\n");
  const ProgramResult result = run_temper("run f.toml", folder.path());
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  const auto right_of = [&](int first, std::set<std::string>& tested) {
    double right = 0;
    for (int number = first; number < first + 5; ++number) {
      const record::TrialRecord trial = record::read_trial(folder / ("results/f/trials/" + record::trial_name(number) + "/trial.h5"));
      EXPECT_EQ(trial.data->split, (Texts{"train", "test"}));
      EXPECT_EQ(trial.data->rows_used, (Counts{40, 10}));
      const record::Predictions& predictions = trial.test->predictions;
      for (std::size_t i = 0; i < predictions.id.size(); ++i) {
        EXPECT_TRUE(tested.insert(predictions.id[i]).second) << predictions.id[i] << " was tested twice";
        right += predictions.prediction[i] == predictions.reference[i];
      }
    }
    return right / 50;
  };
  std::set<std::string> majority_tested, neighbour_tested;
  const double majority = right_of(1, majority_tested), neighbour = right_of(6, neighbour_tested);
  EXPECT_EQ(majority_tested.size(), 50u);
  EXPECT_EQ(neighbour_tested, majority_tested);

  const record::Hdf5File study = record::Hdf5File::open(folder / "results/f/study.h5");
  const std::optional<record::Comparison> comparison = record::read_comparison(study);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->n_seeds, (Counts{1, 1}));
  EXPECT_EQ(comparison->n_folds, (Counts{5, 5}));
  ASSERT_EQ(comparison->metrics.size(), 1u);
  const record::ComparedMetric& accuracy = comparison->metrics[0];
  EXPECT_NEAR(accuracy.value[0], majority, 1e-12);
  EXPECT_NEAR(accuracy.value[1], neighbour, 1e-12);
  EXPECT_NEAR(accuracy.difference[1 * 2 + 0], neighbour - majority, 1e-12);
  EXPECT_GT(neighbour, majority + 0.2);
  EXPECT_LT(accuracy.p_value[1], 0.05);
  EXPECT_LT(accuracy.low[0], majority);
  EXPECT_GT(accuracy.high[0], majority);
}

TEST(Folds, WithoutATestSplitAreToldThatNothingIsCompared) {
  const TemporaryFolder folder;
  folder.write("rows.csv", "text,label\na,yes\nb,no\nc,yes\nd,no\n");
  folder.write("f.toml", "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"rows.csv\"\nfolds = 2\n[[strategy]]\nplugin = \"majority\"\n");
  const ProgramResult plan = run_temper("plan f.toml", folder.path());
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_NE(plan.out.find("fold_is = \"test\" tests each row in its fold"), std::string::npos) << plan.out;
}

}  // namespace
}  // namespace temper::testing
