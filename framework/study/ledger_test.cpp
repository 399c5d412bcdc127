// Numbers of trials: given once, never reused, kept through changes of the experiment file.
#include "study/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/event_line.h"
#include "record/trial_record.h"
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
using ::testing::AllOf;
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

TEST_F(LedgerTest, OfADamagedFileTheCopyIsTakenAndSaidSo) {
  planned("[0.1, 0.3]");
  EXPECT_THAT(planned("[0.1, 0.2, 0.3]"), ElementsAre(1, 3, 2));
  const std::string whole = results.read(kLedgerFile);
  for (const char* text : {"", "{", "[]", "{}", R"({"format": "other"})", R"({"format": "temper-trials", "version": 1, "created": "", "trials": 3})",
                           R"({"format": "temper-trials", "version": 1, "created": "", "trials": [{"number": 1}]})",
                           R"({"format": "temper-trials", "version": 1, "created": "", "trials": [7]})"}) {
    results.write(kLedgerFile, text);
    EXPECT_THAT(Ledger::read(results.path()).note(), AllOf(HasSubstr((results / kLedgerFile).string() + " is damaged ("), HasSubstr("its copy is taken"))) << text;
    EXPECT_THAT(planned("[0.1, 0.2, 0.3]"), ElementsAre(1, 3, 2)) << text;
    EXPECT_EQ(results.read(kLedgerFile), whole) << text;
  }
  std::filesystem::remove(results / kLedgerFile);
  EXPECT_THAT(Ledger::read(results.path()).note(), HasSubstr("trials.json is missing: its copy is taken"));
  EXPECT_THAT(planned("[0.1, 0.2, 0.3]"), ElementsAre(1, 3, 2));
}

TEST_F(LedgerTest, ADamagedCopyIsWrittenAgainWithoutAWord) {
  planned("[0.1]");
  results.write(kLedgerCopy, "{");
  Ledger ledger = Ledger::read(results.path());
  EXPECT_EQ(ledger.note(), "");
  EXPECT_TRUE(ledger.is_changed());
  planned("[0.1]");
  EXPECT_EQ(results.read(kLedgerCopy), results.read(kLedgerFile));
}

TEST_F(LedgerTest, NumbersThatDoNotRiseAreDamage) {
  planned("[0.1, 0.2]");
  std::string text = results.read(kLedgerFile);
  text.replace(text.find("\"number\": 2"), 11, "\"number\": 1");
  results.write(kLedgerFile, text);
  EXPECT_THAT(Ledger::read(results.path()).note(), HasSubstr("numbers of trials must rise"));
}

TEST_F(LedgerTest, EveryTruncationIsFoundOrWhole) {
  planned("[0.1, 0.2]");
  const std::string whole = results.read(kLedgerFile);
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {  // the last byte is a newline
    results.write(kLedgerFile, whole.substr(0, length));
    EXPECT_NE(Ledger::read(results.path()).note(), "") << length;
  }
}

TEST_F(LedgerTest, AFileOfANewerTemperIsAnErrorAndNothingTakesItsPlace) {
  planned("[0.1]");
  results.write(kLedgerFile, R"({"format": "temper-trials", "version": 2})");
  EXPECT_THAT(message_of([&] { Ledger::read(results.path()); }), AllOf(HasSubstr("trials.json has version 2, this temper reads 1"), HasSubstr("--fresh")));
}

// Both files are damaged. Of five trials the second's record, the fourth's events and the fifth's record of an experiment of before are left.
TEST_F(LedgerTest, WithoutFileAndCopyTheTrialsTellTheirNumbers) {
  EXPECT_THAT(planned("[0.1, 0.2, 0.3, 0.4, 0.5]"), ElementsAre(1, 2, 3, 4, 5));
  const Ledger before = Ledger::read(results.path());
  const auto identity = [&](std::size_t number) { return before.entries()[number - 1].identity; };
  record::TrialRecord record;
  record.strategy = "supervised";
  for (const std::size_t number : {2u, 5u}) {
    record.identity = identity(number);
    std::filesystem::create_directories(results / "trials" / record::trial_name(static_cast<std::int64_t>(number)));
    record::write_trial(results / "trials" / record::trial_name(static_cast<std::int64_t>(number)) / "trial.h5", record);
  }
  results.write("trials/0004/events.jsonl", record::header_line() + record::to_line(record::TrialStarted{4, "supervised", 1, identity(4)}));
  results.write("trials/0003/events.jsonl", record::header_line() + "{\"event\":\"star");  // cut
  results.write("trials/0001/trial.h5", "cut");
  results.write("experiment.resolved.toml", "threads = 3\n");
  results.write(kLedgerFile, "{");
  results.write(kLedgerCopy, "");

  const Ledger rebuilt = Ledger::read(results.path());
  EXPECT_THAT(rebuilt.note(), AllOf(HasSubstr("and so is its copy"), HasSubstr("of which 3 tell theirs")));
  EXPECT_EQ(rebuilt.threads, 3);
  // The second and the fourth keep their numbers, the others have those of their places, and the fifth's is not given again.
  EXPECT_THAT(planned("[0.1, 0.2, 0.3, 0.4]"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(planned("[0.1, 0.2, 0.3, 0.4, 0.6]"), ElementsAre(1, 2, 3, 4, 6));
}

}  // namespace
}  // namespace temper::study
