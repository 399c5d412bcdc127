// The experiment file changes between two runs: added trials run, removed ones are kept and marked, changed ones are told before
// anything runs, and nothing that has results is given up or run anew without a word of the user's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ChangedFile : public ::testing::Test {
 protected:
  void SetUp() override {
    write_ids_experiment(folder, "max_steps = 2\nbatch_size = 8\nlearning_rate = 1e-3", "[sweep]\nlearning_rate = [1e-3, 1e-2]\n");
    ASSERT_EQ(run().status, 0);
  }
  ProgramResult run(const std::string& arguments = "") const { return run_temper("run ids.toml" + arguments, folder.path()); }
  std::string sweep(const std::string& rates) const { return " --set 'sweep.learning_rate=" + rates + "'"; }
  record::StudySummary summary() const { return record::read_summary(folder / "results/ids"); }
  std::vector<std::string> rows() const {
    std::vector<std::string> lines;
    for (const record::TrialSummary& trial : summary().trials) lines.push_back(std::to_string(trial.number) + ' ' + trial.status + (trial.in_file ? "" : " gone"));
    return lines;
  }
  std::string identity(std::int64_t number) const { return record::read_trial(folder / "results/ids/trials" / record::trial_name(number) / "trial.h5").identity; }
  TemporaryFolder folder;
};

TEST_F(ChangedFile, AnAddedTrialRunsAndNothingElse) {
  const std::string first = identity(1), second = identity(2);
  const ProgramResult result = run(sweep("[1e-3, 5e-3, 1e-2]"));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("2 of 3 trials are done already"), Not(HasSubstr("changed"))));
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete", "3 complete"));
  EXPECT_EQ(identity(1), first);
  EXPECT_EQ(identity(2), second);
}

TEST_F(ChangedFile, ARemovedTrialStaysInStudyAndTableWithAMarkAndOutOfTheComparison) {
  const ProgramResult result = run(sweep("[1e-3]"));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("trial 2 is no longer in the file: what it gave is kept, and marked"));
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete gone"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 trial (1 complete) and 1 of earlier versions of the file"), HasSubstr("in file"), HasSubstr("best (lowest validation_loss): trial 1")));
  EXPECT_THAT(summary().comparison->n_seeds, ElementsAre(1));
  EXPECT_THAT(summary().comparison->best_trial, ElementsAre(1));
  EXPECT_EQ(run().status, 0);  // back again: nothing runs
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete"));
}

TEST_F(ChangedFile, TrialsThatChangedAreToldAndNothingIsTouched) {
  const std::string before = folder.read("results/ids/trials.json");
  const ProgramResult result = run(" --set training.weight_decay=0.125");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("trials 1, 2 changed since they ran: training.weight_decay was 0 and is 0.125"), HasSubstr("--keep"), HasSubstr("--fresh")));
  EXPECT_EQ(folder.read("results/ids/trials.json"), before);
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete"));
  const ProgramResult plan = run_temper("plan ids.toml --set training.weight_decay=0.125", folder.path());
  EXPECT_EQ(plan.status, 0);
  EXPECT_THAT(plan.out, AllOf(HasSubstr("trials 1, 2 changed since they ran: training.weight_decay was 0 and is 0.125"), HasSubstr("--keep")));
}

TEST_F(ChangedFile, OtherContentsOfAnInputAreNamed) {
  folder.write("test.jsonl", ids_lines(200, 30));
  const ProgramResult result = run();
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("trials 1, 2 changed since they ran: the contents of dataset.test ("), HasSubstr("test.jsonl")));
}

TEST_F(ChangedFile, KeepRunsThemUnderNewNumbersBesideTheOldResults) {
  const std::string first = identity(1);
  const ProgramResult result = run(" --keep --set training.weight_decay=0.125");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("They run under new numbers; the old results are kept"));
  EXPECT_THAT(rows(), ElementsAre("1 complete gone", "2 complete gone", "3 complete", "4 complete"));
  EXPECT_EQ(identity(1), first);
  EXPECT_EQ(run(" --set training.weight_decay=0.125").status, 0);  // nothing is left to ask
  EXPECT_EQ(run().status, 0);                                      // the old file again: its results are there
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete", "3 complete gone", "4 complete gone"));
}

TEST_F(ChangedFile, FreshStartsOver) {
  EXPECT_EQ(run(" --fresh --set training.weight_decay=0.125").status, 0);
  EXPECT_THAT(rows(), ElementsAre("1 complete", "2 complete"));
  EXPECT_EQ(run(" --fresh --keep").status, 2);
}

}  // namespace
}  // namespace temper::testing
