// Folds, groups and dropped rows, from the experiment file to what the study's file says of its data.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace temper::testing
