// Numbers of trials: given once, never reused, kept through changes of the experiment file.
#include "study/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/study.h"
#include "support/made_up_study.h"
#include "support/message_of.h"

namespace temper::study {
namespace {

using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::message_of;
using temper::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LedgerTest : public ::testing::Test {
 protected:
  std::vector<Trial> trials(const std::string& rates) const {
    return study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\n" + kModel + "[sweep]\nlearning_rate = " + rates + "\n" + kSupervised).trials;
  }
  // Plans as a new process would, and gives the numbers.
  std::vector<std::int64_t> planned(const std::string& rates) const {
    Ledger ledger = Ledger::read(results.path());
    std::vector<Trial> planned = trials(rates);
    ledger.plan(planned);
    ledger.write(results.path());
    std::vector<std::int64_t> numbers;
    for (const Trial& trial : planned) numbers.push_back(trial.number);
    return numbers;
  }
  MadeUpStudy study;
  TemporaryFolder results;
};

TEST_F(LedgerTest, NumbersTrialsFromOneInTheirOrder) { EXPECT_THAT(planned("[0.1, 0.2]"), ElementsAre(1, 2)); }

TEST_F(LedgerTest, AnUnchangedFileKeepsItsNumbersAndNeedsNoWriting) {
  planned("[0.1, 0.2]");
  const std::string before = results.read(kLedgerFile);
  EXPECT_THAT(planned("[0.1, 0.2]"), ElementsAre(1, 2));
  EXPECT_EQ(results.read(kLedgerFile), before);
  Ledger ledger = Ledger::read(results.path());
  auto same = trials("[0.1, 0.2]");
  ledger.plan(same);
  EXPECT_FALSE(ledger.is_changed());
}

TEST_F(LedgerTest, AValueInsertedIntoAnAxisRenumbersNothing) {
  planned("[0.1, 0.3]");
  EXPECT_THAT(planned("[0.1, 0.2, 0.3]"), ElementsAre(1, 3, 2));
}

TEST_F(LedgerTest, RemovedTrialsAreKeptAndMarkedAndTheirNumbersNeverReused) {
  planned("[0.1, 0.2]");
  EXPECT_THAT(planned("[0.1, 0.3]"), ElementsAre(1, 3));
  const Ledger ledger = Ledger::read(results.path());
  ASSERT_EQ(ledger.entries().size(), 3u);
  EXPECT_TRUE(ledger.entries()[0].is_planned);
  EXPECT_FALSE(ledger.entries()[1].is_planned);
  EXPECT_TRUE(ledger.entries()[2].is_planned);
  EXPECT_THAT(planned("[0.4]"), ElementsAre(4));
}

TEST_F(LedgerTest, ATrialThatComesBackHasItsOldNumber) {
  planned("[0.1, 0.2]");
  planned("[0.1]");
  EXPECT_THAT(planned("[0.2, 0.1]"), ElementsAre(2, 1));
  EXPECT_TRUE(Ledger::read(results.path()).entries()[1].is_planned);
}

TEST_F(LedgerTest, KeepsWhatAPersonNeedsToKnowATrial) {
  planned("[0.1, 0.2]");
  const Ledger::Entry entry = Ledger::read(results.path()).entries()[1];
  EXPECT_EQ(entry.number, 2);
  EXPECT_EQ(entry.strategy, "supervised");
  EXPECT_EQ(entry.seed, 1);
  ASSERT_EQ(entry.swept.size(), 1u);
  EXPECT_EQ(entry.swept[0].first, "training.learning_rate");
  EXPECT_EQ(entry.swept[0].second.as_number(), 0.2);
}

TEST_F(LedgerTest, KeepsTheTimeAndTheThreadsOfTheFirstPlan) {
  Ledger ledger = Ledger::read(results.path());
  EXPECT_TRUE(ledger.is_new());
  ledger.created = "2026-01-31T12:00:00Z";
  ledger.threads = 2;
  auto first = trials("[0.1]");
  ledger.plan(first);
  EXPECT_TRUE(ledger.is_changed());
  ledger.write(results.path());
  const Ledger again = Ledger::read(results.path());
  EXPECT_FALSE(again.is_new());
  EXPECT_EQ(again.created, "2026-01-31T12:00:00Z");
  EXPECT_EQ(again.threads, 2);
}

TEST_F(LedgerTest, OtherThreadsAreAChange) {
  planned("[0.1]");
  Ledger ledger = Ledger::read(results.path());
  EXPECT_FALSE(ledger.is_changed());
  ledger.threads = 4;
  EXPECT_TRUE(ledger.is_changed());
}

TEST_F(LedgerTest, ATrialWithoutASeedHasNone) {
  Ledger ledger;
  std::vector<Trial> one = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n").trials;
  ledger.plan(one);
  ledger.write(results.path());
  EXPECT_FALSE(Ledger::read(results.path()).entries()[0].seed);
}

TEST_F(LedgerTest, DamagedFilesAreErrorsThatNameTheFile) {
  const std::string file = (results / kLedgerFile).string();
  for (const char* text : {"", "{", "[]", "{}", R"({"format": "other"})", R"({"format": "temper-trials", "version": 2})",
                           R"({"format": "temper-trials", "version": 1, "created": "", "trials": 3})",
                           R"({"format": "temper-trials", "version": 1, "created": "", "trials": [{"number": 1}]})",
                           R"({"format": "temper-trials", "version": 1, "created": "", "trials": [7]})"}) {
    results.write(kLedgerFile, text);
    const std::string message = message_of([&] { Ledger::read(results.path()); });
    EXPECT_THAT(message, HasSubstr(file + " is damaged: ")) << text;
    EXPECT_THAT(message, HasSubstr("restore it, or run with --fresh to begin the study again")) << text;
  }
}

TEST_F(LedgerTest, NumbersThatDoNotRiseAreDamage) {
  planned("[0.1, 0.2]");
  std::string text = results.read(kLedgerFile);
  text.replace(text.find("\"number\": 2"), 11, "\"number\": 1");
  results.write(kLedgerFile, text);
  EXPECT_THAT(message_of([&] { Ledger::read(results.path()); }), HasSubstr("numbers of trials must rise"));
}

TEST_F(LedgerTest, EveryTruncationIsFoundOrWhole) {
  planned("[0.1, 0.2]");
  const std::string whole = results.read(kLedgerFile);
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {  // the last byte is a newline
    results.write(kLedgerFile, whole.substr(0, length));
    EXPECT_NE(message_of([&] { Ledger::read(results.path()); }), "no error") << length;
  }
}

}  // namespace
}  // namespace temper::study
