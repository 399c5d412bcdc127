// temper verify: a replay gives the stored record to the bit; a record that was tampered with is found; what cannot be replayed is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/hdf5.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Verify : public ::testing::Test {
 protected:
  // Two learning rates and a baseline, and one that goes on from the better one.
  void SetUp() override {
    write_ids_experiment(folder, "batch_size = 8\nlearning_rate = 1e-3\nlr_scheduler_type = \"constant\"\neval_steps = 4");
    folder.write("ids.toml", folder.read("ids.toml") + "name = \"full\"\ntraining = { epochs = [1, 2] }\n[[strategy]]\nplugin = \"supervised\"\nname = \"further\"\ntune = \"head\"\nfrom_best = \"full\"\ntraining = { epochs = 1 }\n"
                                    "[[strategy]]\nplugin = \"majority\"\n");
    const ProgramResult run = run_temper("run ids.toml", folder.path());
    ASSERT_EQ(run.status, 0) << run.err;
  }
  ProgramResult verify(const std::string& arguments = "") const { return run_temper("verify results/ids" + arguments, folder.path()); }
  // Changes the record of a trial as somebody would who knows the format.
  void tamper_with_trial(const char* name) const {
    const std::filesystem::path file = folder / "results/ids/trials" / name / "trial.h5";
    record::TrialRecord record = record::read_trial(file);
    record.evaluation->columns.at(0).values.at(1) += 1e-9;
    record::write_trial(file, record);
  }
  TemporaryFolder folder;
};

TEST_F(Verify, ATrialComesOutBitByBitEvenIfItSharedItsSteps) {
  const ProgramResult cheapest = verify();
  EXPECT_EQ(cheapest.status, 0) << cheapest.all();
  EXPECT_THAT(cheapest.out, HasSubstr("the replay gave the stored record, bit by bit"));
  EXPECT_THAT(cheapest.err, AllOf(HasSubstr("replaying trial "), HasSubstr("the cheapest"), Not(HasSubstr("majority"))));
  EXPECT_EQ(verify(" --trial 2").status, 0);  // went on from the first
  EXPECT_EQ(verify(" --trial 4").status, 0);  // majority
}

TEST_F(Verify, ATrialThatGoesOnFromAnotherOneIsReplayedWithThat) {
  const ProgramResult result = verify(" --trial 3");
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_THAT(result.err, AllOf(HasSubstr("replaying trial 3 (further from the best full"), HasSubstr("which it goes on from")));
}

TEST_F(Verify, AValueThatWasTamperedWithIsFoundWithItsPlaceAndBothValues) {
  tamper_with_trial("0001");
  const ProgramResult result = verify(" --trial 1");
  EXPECT_EQ(result.status, 1) << result.all();
  EXPECT_THAT(result.out, AllOf(HasSubstr("trials/0001/trial.h5: /trial/evaluation/train_loss[1]: "), HasSubstr(" in the study, "), HasSubstr(" in the replay"), HasSubstr("another record")));
  EXPECT_THAT(result.out, Not(HasSubstr("study.h5: ")));
  // The same in study.h5: the next run puts it together of what the trials left.
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  EXPECT_THAT(verify(" --trial 1").out, HasSubstr("study.h5: /trials/0001/evaluation/train_loss[1]: "));
}

TEST_F(Verify, ADamagedRecordIsNoProof) {
  std::filesystem::resize_file(folder / "results/ids/trials/0001/trial.h5", 1000);
  const ProgramResult result = verify(" --trial 1");
  EXPECT_EQ(result.status, 1) << result.all();
  EXPECT_THAT(result.out, HasSubstr("trials/0001/trial.h5"));
}

TEST_F(Verify, AnInputThatChangedIsNamedAndTheStatusIs2) {
  folder.write("train.jsonl", ids_lines(0, 61));
  const ProgramResult result = verify();
  EXPECT_EQ(result.status, 2) << result.all();
  EXPECT_THAT(result.err, HasSubstr((std::filesystem::canonical(folder.path()) / "train.jsonl").string() + " holds other contents than when the study was planned"));
  std::filesystem::remove(folder / "train.jsonl");
  EXPECT_EQ(verify().status, 2);
}

TEST_F(Verify, WhatCannotBeReplayedIsStatus2) {
  EXPECT_EQ(verify(" --trial 9").status, 2);
  EXPECT_EQ(run_temper("verify nowhere", folder.path()).status, 2);
  ASSERT_EQ(run_temper("run ids.toml --keep --set 'strategy.full.training.epochs=[1]'", folder.path()).status, 0);
  const ProgramResult removed = verify(" --trial 2");
  EXPECT_EQ(removed.status, 2);
  EXPECT_THAT(removed.err, HasSubstr("trial 2 is no longer in the experiment file"));
}

}  // namespace
}  // namespace temper::testing
