// The progress of a study, and the block of lines that shows it.
#include "report/live_view.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/terminal_screen.h"

namespace temper::report {
namespace {

using record::kNaN;

constexpr Terminal kFile{};  // nothing is cut or coloured

// 18 trials of the study "tweets", 2 done by this run in 60 s; two workers, of which the first has a job of trials 3 and 4.
Progress example() {
  Progress progress;
  progress.study = "tweets";
  progress.objective = "validation_loss";
  progress.trials_total = 18;
  progress.elapsed_seconds = 60;
  progress.workers.resize(2);
  for (const std::int64_t trial : {1, 2}) {
    begin_job(progress, {{trial, "full"}});
    end_trial(progress, trial, "full, seed " + std::to_string(trial), trial == 2, trial == 1 ? 0.75 : kNaN);
  }
  begin_job(progress, {{3, "lora, learning_rate 5e-5"}, {4, "lora, learning_rate 1e-4"}});
  return progress;
}

std::string shown(const Progress& progress, const Terminal& terminal = kFile) {
  std::string text;
  for (const std::string& line : live_view(progress, terminal)) text += line + '\n';
  return text;
}

TEST(LiveView, ShowsTheStudyALinePerWorkerAndTheBest) {
  Progress progress = example();
  update(progress, 3, record::PhaseStarted{0, "supervised", 0, 200});
  update(progress, 3, record::StepRow{.step = 90, .epoch = 0.9, .seconds = 9, .tokens = 9000, .loss = 1});
  update(progress, 3, record::EvaluationRow{90, 0.9, 0, {{"train_loss", 0.8}, {"validation_loss", 0.95}}});
  update(progress, 3, record::StepRow{.step = 100, .epoch = 1, .seconds = 10, .tokens = 10500, .loss = 0.91234});
  const std::string bar = "████░░░░░░░░░░░░░░░░░░░░░░░░░░";
  EXPECT_EQ(shown(progress), "tweets  2 of 18 trials, 1 failed  " + bar + "  13 %  1 min, about 6 min left\n"
                             "1 | trial 3  lora, learning_rate 5e-5 | epoch 1.00 | step 100/200 | loss 0.9123 | validation loss 0.95 | 1500 tokens/s\n"
                             "2 | waits\n"
                             "best  trial 1  full, seed 1 | validation_loss 0.75\n");
}

TEST(LiveView, TellsWhatAWorkerDoesThatDoesNotTrain) {
  Progress progress = example();
  update(progress, 3, record::Note{"predicting 1000 test items"});
  update(progress, 3, 0, 0, 320);
  EXPECT_NE(shown(progress).find("1 | trial 3  lora, learning_rate 5e-5 | predicting 1000 test items: 320 done\n"), std::string::npos) << shown(progress);
  end_trial(progress, 3, "lora", false, 0.7);
  EXPECT_NE(shown(progress).find("1 | begins the next trial\n"), std::string::npos);
  update(progress, 4, record::Note{"tokenizing"});
  EXPECT_NE(shown(progress).find("1 | trial 4  lora, learning_rate 1e-4 | tokenizing\n"), std::string::npos);
}

TEST(LiveView, FollowsStepsThatAreNotLogged) {
  Progress progress = example();
  update(progress, 3, 7, 200, 0);
  EXPECT_NE(shown(progress).find("| step 7/200\n"), std::string::npos) << shown(progress);
  update(progress, 4, 50, 200, 0);  // not the one that runs
  EXPECT_NE(shown(progress).find("| step 7/200\n"), std::string::npos);
}

TEST(LiveView, FitsEveryWindow) {
  Progress progress = example();
  progress.study = "日本語の研究, a study with a very long name indeed";
  begin_trial(progress, 4);
  update(progress, 4, record::PhaseStarted{0, "supervised", 0, 189});
  update(progress, 4, record::StepRow{.step = 40, .epoch = 1.25, .seconds = 4, .tokens = 1000, .loss = 0.5});
  for (const int width : {200, 120, 100, 80, 60, 40, 20, 5}) {
    for (const std::string& line : live_view(progress, {true, width, false, 24})) EXPECT_LT(display_width(line), width) << line;
  }
  EXPECT_NE(shown(progress, {true, 40, false, 24}).find("step 40/189"), std::string::npos) << shown(progress, {true, 40, false, 24});
  // The label stays readable before what can be left out is shown.
  EXPECT_NE(shown(progress, {true, 70, false, 24}).find("trial 4  lora, learning_rate 1e-4 | step 40/189 | loss 0.5\n"), std::string::npos) << shown(progress, {true, 70, false, 24});
  EXPECT_NE(shown(progress, {true, 40, false, 24}).find("validation_loss 0.75\n"), std::string::npos) << "the best objective is always shown";
  progress.workers.resize(40);
  for (const int height : {24, 4, 3, 2, 1}) EXPECT_LE(live_view(progress, {true, 80, false, height}).size(), static_cast<std::size_t>(std::max(1, height - 1))) << height;
  EXPECT_NE(shown(progress, {true, 80, false, 24}).find("and 20 more workers\n"), std::string::npos) << shown(progress, {true, 80, false, 24});
}

TEST(LiveView, UsesStylesOnlyWhereTheyAreWantedAndCountsTheirColumnsAsNone) {
  const Progress progress = example();
  EXPECT_EQ(shown(progress, {true, 80, false, 24}).find('\x1b'), std::string::npos);
  testing::TerminalScreen screen(80);
  screen.write(draw_block(live_view(progress, {true, 80, true, 24})));
  EXPECT_GT(screen.styles(), 0);
  EXPECT_EQ(screen.wrapped(), 0);
  EXPECT_EQ(screen.text(), shown(progress, {true, 80, false, 24}));
}

TEST(LiveBlock, ReplacesTheLastOneAndLeavesNothing) {
  testing::TerminalScreen screen(20);
  screen.write("before\r\n");
  screen.write("\r" + draw_block({"one", "two long", "three"}));
  EXPECT_EQ(screen.text(), "before\none\ntwo long\nthree\n");
  EXPECT_EQ(screen.column(), 0);
  screen.write(draw_block({"1", "two"}));
  EXPECT_EQ(screen.text(), "before\n1\ntwo\n");
  screen.write(erase_block() + "after\r\n");
  EXPECT_EQ(screen.text(), "before\nafter\n");
}

TEST(Progress, TellsNoTimeWhileThereIsNothingToTellFrom) {
  Progress progress;
  progress.trials_total = 4;
  EXPECT_EQ(seconds_left(progress), std::nullopt);
  progress.trials_done = progress.trials_earlier = 2;  // of an earlier run: they took none of this run's time
  progress.elapsed_seconds = 5;
  EXPECT_EQ(seconds_left(progress), std::nullopt);
  EXPECT_EQ(done_share(progress), 0.5);
  end_trial(progress, 3, "", false, kNaN);
  EXPECT_EQ(seconds_left(progress), 5);
  end_trial(progress, 4, "", true, kNaN);
  EXPECT_EQ(seconds_left(progress), 0);
  EXPECT_EQ(done_share(progress), 1);
}

TEST(Progress, WeighsTrialsByTheirWork) {
  Progress progress;
  progress.trials_total = 3;
  set_work(progress, {{1, 10}, {2, 30}, {3, 60}});
  progress.elapsed_seconds = 20;
  end_trial(progress, 1, "", false, kNaN);
  EXPECT_DOUBLE_EQ(done_share(progress), 0.1);
  EXPECT_DOUBLE_EQ(*seconds_left(progress), 180);
  begin_job(progress, {{3, ""}});
  update(progress, 3, record::PhaseStarted{0, "", 0, 4});
  update(progress, 3, record::StepRow{.step = 2});
  EXPECT_DOUBLE_EQ(done_share(progress), 0.4);
  EXPECT_DOUBLE_EQ(*seconds_left(progress), 30);
}

TEST(Progress, TheBestIsTheFirstOfEqualOnesInTheObjectivesDirection) {
  Progress progress;
  progress.trials_total = 9;
  consider_best(progress, 5, "five", 0.5);
  consider_best(progress, 6, "six", kNaN);
  consider_best(progress, 7, "seven", 0.5);
  EXPECT_EQ(progress.best->trial, 5);
  consider_best(progress, 2, "two", 0.5);
  EXPECT_EQ(progress.best->trial, 2);
  progress.better = Better::kHigher;
  end_trial(progress, 8, "eight", false, 0.6);
  EXPECT_EQ(progress.best->label, "eight");
}

TEST(Progress, ATrialThatIsTriedAgainHasNotEnded) {
  Progress progress = example();
  const std::int64_t done = progress.trials_done, failed = progress.trials_failed;
  give_back_trial(progress, 3, {4});
  EXPECT_EQ(progress.trials_done, done);
  EXPECT_EQ(progress.trials_failed, failed);
  EXPECT_EQ(worker_of(progress, 3), nullptr);
  EXPECT_EQ(worker_of(progress, 4), nullptr);
  begin_job(progress, {{3, "again"}});
  ASSERT_NE(worker_of(progress, 3), nullptr);
  EXPECT_EQ(worker_of(progress, 3)->trial, 3);
}

TEST(Progress, ATrialThatIsTakenFromItsWorkerLeavesItFree) {
  Progress progress = example();
  end_trial(progress, 3, "", true, kNaN, {4});
  EXPECT_EQ(worker_of(progress, 4), nullptr);
  EXPECT_TRUE(progress.workers[0].job.empty());
  EXPECT_EQ(progress.trials_failed, 2);
  begin_job(progress, {{4, "again"}});
  EXPECT_EQ(worker_of(progress, 4), &progress.workers[0]);
}

}  // namespace
}  // namespace temper::report
