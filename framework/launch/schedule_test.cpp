// The order of a study's trials: bases first, the best when all have ended, and what failed takes its successors along.
#include "launch/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace temper::launch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

study::Trial trial(std::int64_t number, const std::string& strategy, double rate, std::int64_t seed) {
  study::Trial trial;
  trial.number = number;
  trial.identity = "identity " + std::to_string(number);
  trial.strategy = strategy;
  trial.seed = seed;
  trial.options = Value::Table{{"training", Value::Table{{"learning_rate", rate}}}, {"strategy", Value::Table{{"plugin", strategy}}}};
  return trial;
}

study::Trial from(study::Trial trial, std::vector<std::int64_t> bases, bool best = false) {
  trial.base = study::Base{"base", best, {}, best ? 0 : bases.front(), {}, {}};
  for (const std::int64_t base : bases) trial.base->candidates.push_back("identity " + std::to_string(base));
  return trial;
}

class ScheduleTest : public ::testing::Test {
 protected:
  // 1, 2: the base at a rate of 0.1 with two seeds; 3, 4: at 0.2.
  std::vector<study::Trial> base = {trial(1, "base", 0.1, 1), trial(2, "base", 0.1, 2), trial(3, "base", 0.2, 1), trial(4, "base", 0.2, 2)};
  std::set<std::int64_t> checkpoints;

  Schedule schedule(std::vector<study::Trial> more, std::int64_t workers = 1) {
    std::vector<study::Trial> all = base;
    all.insert(all.end(), more.begin(), more.end());
    return Schedule(all, workers, Better::kLower, [this](std::int64_t number) { return checkpoints.contains(number); });
  }
  std::vector<std::int64_t> all_next(Schedule& schedule) {
    std::vector<std::int64_t> numbers;
    while (const auto job = schedule.next())
      for (const study::Trial& t : job->trials) numbers.push_back(t.number);
    return numbers;
  }
  void end(Schedule& schedule, std::int64_t number, double objective, const std::string& status = "complete") {
    schedule.ended(number, status, objective);
    if (status == "complete") checkpoints.insert(number);
    schedule.settle();
  }
};

TEST_F(ScheduleTest, ATrialWaitsForItsBase) {
  Schedule s = schedule({from(trial(5, "rag", 0, 1), {2})});
  s.settle();
  EXPECT_THAT(all_next(s), ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(s.is_needed(2));
  EXPECT_FALSE(s.is_needed(1));
  end(s, 1, 0.5);
  EXPECT_FALSE(s.has_next());
  end(s, 2, 0.5);
  EXPECT_THAT(all_next(s), ElementsAre(5));
  EXPECT_TRUE(s.is_needed(2));
  end(s, 5, 0.5);
  EXPECT_FALSE(s.is_needed(2));
}

TEST_F(ScheduleTest, TheBestIsChosenByTheMeanOverSeedsAndTakenUnderTheSameSeed) {
  Schedule s = schedule({from(trial(5, "rag", 0, 2), {1, 2, 3, 4}, true)});
  s.settle();
  all_next(s);
  end(s, 1, 0.1);
  end(s, 2, 0.9);  // mean 0.5
  end(s, 3, 0.4);
  EXPECT_FALSE(s.has_next());
  EXPECT_TRUE(s.is_needed(1));
  end(s, 4, 0.4);
  const auto job = s.next();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->trials.front().base->number, 4);
  EXPECT_EQ(s.trial(5).base->number, 4);
  EXPECT_FALSE(s.is_needed(1));
  EXPECT_TRUE(s.is_needed(4));
}

TEST_F(ScheduleTest, AFailedOrDivergedBaseTakesItsSuccessorsAlong) {
  Schedule s = schedule({from(trial(5, "rag", 0, 1), {1}), from(trial(6, "rag", 0, 1), {3}), from(trial(7, "raft", 0, 1), {5})});
  s.settle();
  all_next(s);
  end(s, 1, record::kNaN, "failed");
  end(s, 3, record::kNaN, "diverged");
  const auto lost = s.take_lost();
  ASSERT_EQ(lost.size(), 3u);
  EXPECT_THAT(lost[0].why, HasSubstr("trial 1 (base, seed 1), which it goes on from, failed"));
  EXPECT_THAT(lost[1].why, HasSubstr("ended as diverged"));
  EXPECT_EQ(lost[2].trial.number, 7);
  EXPECT_THAT(s.take_lost(), IsEmpty());
  EXPECT_FALSE(s.has_next());
}

TEST_F(ScheduleTest, ABaseWhoseCheckpointIsGoneRunsAgainForANewSuccessor) {
  Schedule s = schedule({from(trial(5, "rag", 0, 1), {1})});
  for (const std::int64_t number : {1, 2, 3, 4}) s.restore(number, {.status = "complete", .objective = 0.5});
  s.settle();
  EXPECT_THAT(s.run_again(), ElementsAre(1));
  EXPECT_EQ(s.done(), 3);
  EXPECT_THAT(all_next(s), ElementsAre(1));
  end(s, 1, 0.5);
  EXPECT_THAT(all_next(s), ElementsAre(5));
}

TEST_F(ScheduleTest, WhatIsDoneNeedsNoCheckpointOfItsBase) {
  Schedule s = schedule({from(trial(5, "rag", 0, 1), {1})});
  for (const std::int64_t number : {1, 2, 3, 4}) s.restore(number, {.status = "complete", .objective = 0.5});
  s.restore(5, {.status = "complete", .objective = 0.5, .from_trial = 1});
  s.settle();
  EXPECT_THAT(s.run_again(), IsEmpty());
  EXPECT_EQ(s.done(), 5);
}

TEST_F(ScheduleTest, AnotherBestThanTheRecordedOneMeansRunningAgainWithAllThatCameOfIt) {
  Schedule s = schedule({from(trial(5, "rag", 0, 1), {1, 3}, true), from(trial(6, "raft", 0, 1), {5})});
  checkpoints = {1, 3, 5};
  s.restore(1, {.status = "complete", .objective = 0.5});
  s.restore(3, {.status = "failed"});
  s.restore(5, {.status = "complete", .objective = 0.5, .from_trial = 1});
  s.restore(6, {.status = "complete", .objective = 0.5, .from_trial = 5});
  s.settle();
  EXPECT_THAT(all_next(s), ElementsAre(2, 3, 4));
  EXPECT_EQ(s.done(), 3);
  end(s, 3, 0.25);
  EXPECT_THAT(all_next(s), ElementsAre(5));
  end(s, 5, 0.5);
  EXPECT_THAT(all_next(s), ElementsAre(6));
}

TEST_F(ScheduleTest, TheRestOfAJobGoesToAnotherWorkerAfterACrash) {
  for (study::Trial& t : base) t.sharing_key = "frozen";
  Schedule s = schedule({});
  s.settle();
  const auto job = s.next();
  ASSERT_EQ(job->trials.size(), 4u);
  s.ended(1, "failed", record::kNaN);
  s.give_back({job->trials.begin() + 1, job->trials.end()});
  s.settle();
  EXPECT_THAT(all_next(s), ElementsAre(2, 3, 4));
}

TEST_F(ScheduleTest, ThousandsOfTrialsAreGroupedIntoJobsOnce) {
  std::vector<study::Trial> many;
  for (std::int64_t number = 5; number <= 5000; ++number) many.push_back(trial(number, "many", 0.1, number));
  Schedule s = schedule(many);
  s.settle();
  std::int64_t ended = 0;
  while (s.has_next()) {
    const auto job = s.next();
    ASSERT_EQ(job->trials.size(), 1u);
    ASSERT_EQ(job->trials.front().number, ++ended);
    end(s, ended, 0.5);
    EXPECT_THAT(s.take_lost(), IsEmpty());
    EXPECT_FALSE(s.is_needed(ended));
  }
  EXPECT_EQ(ended, 5000);
  EXPECT_EQ(s.times_planned(), 1u);
}

TEST_F(ScheduleTest, AJobIsSplitSoThatEveryWorkerHasWork) {
  for (study::Trial& t : base) t.sharing_key = "frozen";
  Schedule s = schedule({}, 2);
  s.settle();
  EXPECT_EQ(s.next()->trials.size(), 2u);
  EXPECT_TRUE(s.has_next());
}

}  // namespace
}  // namespace temper::launch
