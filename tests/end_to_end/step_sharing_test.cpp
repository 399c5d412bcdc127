// Trainings of several lengths take their common steps once: every record is what it would be alone, and the steps are really not taken.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "launch/study_folder.h"
#include "record/compare_studies.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class StepSharing : public ::testing::Test {
 protected:
  // 12 steps an epoch. Epochs that end between evaluations and between logged steps.
  void write(const std::string& training) const {
    write_ids_experiment(folder, "batch_size = 4\nlearning_rate = 1e-2\n" + training, "[sweep]\nepochs = [1, 3, 2.2, 5]\n");
  }
  std::string run(const std::string& results, const std::string& more = {}) const {
    const ProgramResult result = run_temper("run ids.toml --results " + results + more, folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    return result.err;
  }
  // What differs between the studies, but for the option that makes the difference.
  std::vector<std::string> differences() const {
    std::vector<std::string> lines = record::compare_studies(folder / "shared/ids/study.h5", folder / "alone/ids/study.h5");
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("/experiment") || line.find("share_steps") != std::string::npos; });
    return lines;
  }
  static inline const std::string kAlone = " --set training.share_steps=false";
  TemporaryFolder folder;
};

TEST_F(StepSharing, LeavesEveryRecordAsItWouldBeAlone) {
  const struct {
    const char* training;
    const char* told;  // of epochs 1, 2.2, 3, 5: 12, 27, 36 and 60 steps
  } cases[] = {
      {"lr_scheduler_type = \"constant\"", "3 trials went on from shorter ones: 75 optimizer steps"},
      {"lr_scheduler_type = \"constant\"\nlogging_steps = 5\neval_steps = 7\nkeep = \"best\"\ngradient_accumulation_steps = 2", "3 trials went on"},
      {"lr_scheduler_type = \"constant_with_warmup\"\nwarmup_steps = 5\nearly_stopping_patience = 1\nearly_stopping_threshold = 0.2\neval_steps = 5\nkeep = \"best\"", "went on from shorter ones"},
      // The trunk is left 3 steps before the end of each: the first of the last 4 still has the peak rate.
      {"lr_scheduler_type = \"warmup_stable_decay\"\nwarmup_steps = 3\ndecay_steps = 4", "3 trials went on from shorter ones: 66 optimizer steps"},
  };
  for (const auto& [training, told] : cases) {
    write(training);
    for (const char* results : {"shared", "alone"}) fs::remove_all(folder / results);
    const std::string notes = run("shared");
    EXPECT_NE(notes.find(told), std::string::npos) << training << '\n' << notes;
    EXPECT_EQ(run("alone", kAlone).find("went on from"), std::string::npos);
    EXPECT_EQ(differences(), std::vector<std::string>()) << training;
  }
}

TEST_F(StepSharing, TellsWhoTookTheFirstSteps) {
  write("lr_scheduler_type = \"constant\"");
  run("shared");
  EXPECT_EQ(record::read_trial(launch::trial_folder(folder / "shared/ids", 1) / "trial.h5").cost->shared_with, std::vector<std::string>());
  EXPECT_EQ(record::read_trial(launch::trial_folder(folder / "shared/ids", 3) / "trial.h5").cost->shared_with, std::vector<std::string>{"0001"});  // 2.2 epochs
  EXPECT_EQ(record::read_trial(launch::trial_folder(folder / "shared/ids", 2) / "trial.h5").cost->shared_with, std::vector<std::string>{"0003"});  // 3 epochs
  EXPECT_NE(run_temper("plan ids.toml", folder.path()).out.find("4 trials in 1 job"), std::string::npos);
}

TEST_F(StepSharing, IsNotDoneWhereTheScheduleScalesWithTheLength) {
  write("lr_scheduler_type = \"linear\"");
  EXPECT_EQ(run("shared").find("went on from"), std::string::npos);
  EXPECT_NE(run_temper("plan ids.toml", folder.path()).out.find("4 trials in 4 jobs"), std::string::npos);
}

TEST_F(StepSharing, ALongerTrialThatIsAddedLaterTrainsFromItsBeginning) {
  write("lr_scheduler_type = \"constant\"");
  run("shared", " --set 'sweep.epochs=[1, 3]'");
  run("shared", " --set 'sweep.epochs=[1, 3, 2.2, 5]'");
  run("alone", kAlone + " --set 'sweep.epochs=[1, 3]'");
  run("alone", kAlone + " --set 'sweep.epochs=[1, 3, 2.2, 5]'");
  EXPECT_EQ(differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace temper::testing
