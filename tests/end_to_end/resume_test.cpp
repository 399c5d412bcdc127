// Pulls the plug: studies that are killed or interrupted go on with the same command, and come out as if nothing had happened.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "record/compare_studies.h"
#include "record/event_log.h"
#include "record/study_file.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/stopped_run.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

const char* const kTraining = R"(epochs = 12
batch_size = 4
gradient_accumulation_steps = 2
learning_rate = 1e-3
snapshot_steps = 5
eval_steps = 6
early_stopping_patience = 20
keep = "best")";

TEST(Resume, CurvesAfterKillsAreThoseOfAnUnbrokenRun) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kTraining);
  const ProgramResult unbroken = run_temper("run ids.toml --results unbroken", folder.path());
  ASSERT_EQ(unbroken.status, 0) << unbroken.err;

  int kills = 0, status = 0;
  for (const int step : {7, 12, 31}) kills += stop_at_step(start_run(folder), folder, step, SIGKILL, &status) ? 1 : 0;
  EXPECT_GT(kills, 0);
  const ProgramResult resumed = run_temper("run ids.toml", folder.path());
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(record::compare_studies(folder / "unbroken/ids/study.h5", folder / "results/ids/study.h5"), std::vector<std::string>());
}

TEST(Resume, StartsATrialOverWhoseEventsLostTheirEnd) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kTraining);
  ASSERT_EQ(run_temper("run ids.toml --results unbroken", folder.path()).status, 0);
  int status = 0;
  ASSERT_TRUE(stop_at_step(start_run(folder), folder, 7, SIGKILL, &status));
  ASSERT_FALSE(std::filesystem::is_empty(folder / "results/ids/trials/0001/snapshot"));
  std::filesystem::resize_file(folder / "results/ids/trials/0001/events.jsonl", 100);
  const ProgramResult resumed = run_temper("run ids.toml", folder.path());
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(record::compare_studies(folder / "unbroken/ids/study.h5", folder / "results/ids/study.h5"), std::vector<std::string>());
}

TEST(Resume, AnInterruptWritesASnapshotAndLeavesWithStatus130) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, std::string(kTraining) + "\nmax_steps = 100000");
  int status = 0;
  ASSERT_TRUE(stop_at_step(start_run(folder), folder, 8, SIGINT, &status));
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 130) << folder.read("stderr.txt");
  EXPECT_FALSE(std::filesystem::is_empty(folder / "results/ids/trials/0001/snapshot"));
  EXPECT_NE(folder.read("stderr.txt").find("the same command goes on from here"), std::string::npos);
}

TEST(Resume, AnInterruptWhileCheckpointsAreOpenedLeavesAtOnceAndWritesNothing) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 3");
  std::string text = folder.read("ids.toml");
  const std::string layers = "num_hidden_layers = 2";
  text.replace(text.find(layers), layers.size(), "num_hidden_layers = 9999");  // minutes, if nobody stops it
  folder.write("ids.toml", text);
  const pid_t run = start_run(folder);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  ::kill(run, SIGINT);
  int status = 0;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  pid_t ended = 0;
  while ((ended = ::waitpid(run, &status, WNOHANG)) == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  if (ended == 0) {
    ::kill(run, SIGKILL);
    ::waitpid(run, &status, 0);
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 130) << folder.read("stderr.txt");
  EXPECT_FALSE(std::filesystem::exists(folder / "results"));
}

TEST(Resume, ASecondRunOfARunningStudySaysWhoHoldsItAndStops) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, std::string(kTraining) + "\nmax_steps = 100000");
  const pid_t first = start_run(folder);
  int status = 0;
  while (last_step(folder / "results/ids/trials/0001/events.jsonl") < 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const ProgramResult second = run_temper("run ids.toml", folder.path());
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.err.find("is being written by process " + std::to_string(first)), std::string::npos) << second.err;
  ::kill(first, SIGKILL);
  ::waitpid(first, &status, 0);
}

TEST(Resume, ARunThatCannotWriteEndsWithStatus1AndGoesOnLater) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 3");
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  folder.write("results/ids/trials/0002", "a file where a folder is wanted");
  const ProgramResult broken = run_temper("run ids.toml --set 'seeds=[1,2]'", folder.path());
  EXPECT_EQ(broken.status, 1) << broken.err;
  EXPECT_NE(broken.err.find("trials/0002"), std::string::npos) << broken.err;
  std::filesystem::remove(folder / "results/ids/trials/0002");
  const ProgramResult again = run_temper("run ids.toml --set 'seeds=[1,2]'", folder.path());
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_NE(again.err.find("1 of 2 trials are done already"), std::string::npos) << again.err;
}

TEST(Resume, AFolderOfOtherFilesIsLeftAlone) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 3");
  folder.write("results/ids/thesis.tex", "not a study");
  for (const char* arguments : {"run ids.toml", "run ids.toml --fresh"}) {
    const ProgramResult result = run_temper(arguments, folder.path());
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_NE(result.err.find("holds files but no study"), std::string::npos) << result.err;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "results/ids"), std::filesystem::directory_iterator()), 1);
}

TEST(Resume, AFinishedStudyRunsNothingAgain) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 3");
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  const auto before = std::filesystem::last_write_time(folder / "results/ids/trials/0001/trial.h5");
  const ProgramResult again = run_temper("run ids.toml", folder.path());
  EXPECT_EQ(again.status, 0);
  EXPECT_NE(again.err.find("1 of 1 trials are done already"), std::string::npos) << again.err;
  EXPECT_EQ(std::filesystem::last_write_time(folder / "results/ids/trials/0001/trial.h5"), before);
}

}  // namespace
}  // namespace temper::testing
