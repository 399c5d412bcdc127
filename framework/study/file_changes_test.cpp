// What a changed experiment file means for trials that a study has planned.
#include "study/file_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/study.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FileChangesTest : public ::testing::Test {
 protected:
  std::vector<Trial> trials(const std::string& rates, const std::string& training = "", const std::string& seeds = "[1]") const {
    return study.read("task = \"classification\"\nseeds = " + seeds + "\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\n" + kModel + "[training]\n" + training + "\n[sweep]\nlearning_rate = " + rates + "\n" + kSupervised).trials;
  }
  // "changed 1 2, removed 3, added 1"
  std::string changes(const std::vector<Trial>& now) const {
    const FileChanges found = file_changes(ledger, now);
    std::string text = "changed";
    for (const ChangedTrial& change : found.changed) text += ' ' + std::to_string(change.before->number);
    text += ", removed";
    for (const Ledger::Entry* entry : found.removed) text += ' ' + std::to_string(entry->number);
    return text + ", added " + std::to_string(found.added);
  }
  void plan(std::vector<Trial> planned) { ledger.plan(planned); }
  MadeUpStudy study;
  Ledger ledger;
};

TEST_F(FileChangesTest, OfANewStudyAllIsAdded) { EXPECT_EQ(changes(trials("[0.1, 0.2]")), "changed, removed, added 2"); }

TEST_F(FileChangesTest, ASameFileChangesNothing) {
  plan(trials("[0.1, 0.2]"));
  EXPECT_EQ(changes(trials("[0.1, 0.2]")), "changed, removed, added 0");
  EXPECT_EQ(changes(trials("[0.2, 0.1]")), "changed, removed, added 0");
}

TEST_F(FileChangesTest, ValuesOfAnAxisComeAndGo) {
  plan(trials("[0.1, 0.2]"));
  EXPECT_EQ(changes(trials("[0.1, 0.15, 0.2]")), "changed, removed, added 1");
  EXPECT_EQ(changes(trials("[0.2]")), "changed, removed 1, added 0");
  EXPECT_EQ(changes(trials("[0.1, 0.3]")), "changed, removed 2, added 1");
  EXPECT_EQ(changes(trials("[0.1, 0.2]", "", "[1, 2]")), "changed, removed, added 2");
}

TEST_F(FileChangesTest, AnotherOptionChangesTheTrialsInTheirPlaces) {
  plan(trials("[0.1, 0.2]"));
  const std::vector<Trial> now = trials("[0.1, 0.3]", "weight_decay = 0.5");
  EXPECT_EQ(changes(now), "changed 1, removed 2, added 1");
  EXPECT_EQ(file_changes(ledger, now).changed.front().now, &now.front());
}

TEST_F(FileChangesTest, WhatTheStudyHadBeforeIsNoChange) {
  plan(trials("[0.1]"));
  plan(trials("[0.1]", "weight_decay = 0.5"));
  EXPECT_EQ(changes(trials("[0.1]")), "changed, removed 2, added 0");  // the first is known
}

TEST_F(FileChangesTest, OptionsThatChangeOnlyHowATrialRunsAreNone) {
  plan(trials("[0.1]"));
  EXPECT_EQ(changes(trials("[0.1]", "eval_batch_size = 3")), "changed, removed, added 0");
}

}  // namespace
}  // namespace temper::study
