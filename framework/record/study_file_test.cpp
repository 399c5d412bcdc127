// The study's file: put together from trials' files, summed up in a table, and due at the right times.
#include "record/study_file.h"

#include <chrono>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include <temper/error.h>

#include "record/compare_studies.h"
#include "record/event_log.h"
#include "support/example_records.h"
#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::example_trial;
using temper::testing::example_untrained;
using temper::testing::TemporaryFolder;

StudyHeader example_header() {
  StudyHeader header;
  header.name = "tweets";
  header.created = "2026-01-31T12:00:00Z";
  header.experiment = "name = \"tweets\"\n";
  header.objective = "validation_loss";
  return header;
}

StudyTrial trial_of(std::int64_t number, const std::filesystem::path& file) {
  StudyTrial trial;
  trial.number = number;
  trial.file = file;
  return trial;
}

// Two trained trials, one that does not train, one that failed without a file, one still to come.
std::vector<StudyTrial> write_example_trials(const TemporaryFolder& folder) {
  write_trial(folder / "1.h5", example_trial(5e-5, 0.625));
  write_trial(folder / "2.h5", example_trial(1e-4, 0.5));
  write_trial(folder / "3.h5", example_untrained());
  StudyTrial failed = trial_of(4, {});
  failed.status = kFailed;
  failed.strategy = "lora";
  failed.error = "out of memory";
  failed.parameters = {{"training.learning_rate", 1e-3}};
  failed.swept = {"training.learning_rate"};
  StudyTrial pending = trial_of(7, {});
  pending.strategy = "lora";
  return {trial_of(1, folder / "1.h5"), trial_of(2, folder / "2.h5"), trial_of(3, folder / "3.h5"), failed, pending};
}

TEST(StudyFile, HoldsEveryTrialAndATableOfThem) {
  const TemporaryFolder folder;
  write_study(folder / "study.h5", example_header(), write_example_trials(folder));
  const Hdf5File file = Hdf5File::open(folder / "study.h5");
  EXPECT_EQ(file.string_attribute("format"), "temper-study");
  EXPECT_EQ(file.integer_attribute("format_version"), 1);
  EXPECT_EQ(file.read_text("experiment"), "name = \"tweets\"\n");
  EXPECT_EQ(file.group("trials").names(), (std::vector<std::string>{"0001", "0002", "0003", "0004", "0007"}));
  EXPECT_EQ(read_trial(file.group("trials/0002")).objective, 0.5);
  EXPECT_EQ(file.group("trials/0004").string_attribute("error"), "out of memory");

  const Hdf5Group table = file.group("summary");
  EXPECT_EQ(table.read_integers("trial"), (std::vector<std::int64_t>{1, 2, 3, 4, 7}));
  EXPECT_EQ(table.read_strings("strategy"), (std::vector<std::string>{"lora", "lora", "majority", "lora", "lora"}));
  EXPECT_EQ(table.read_strings("status"), (std::vector<std::string>{"complete", "complete", "complete", "failed", "pending"}));
  EXPECT_EQ(table.read_strings("verdict"), (std::vector<std::string>{"good", "good", "undecided", "", ""}));
  const std::vector<double> rates = table.read_floats("training.learning_rate");
  EXPECT_EQ(rates[1], 1e-4);
  EXPECT_TRUE(std::isnan(rates[2]));
  EXPECT_EQ(rates[3], 1e-3);
  EXPECT_EQ(table.read_floats("validation_loss")[0], 0.625);
  EXPECT_TRUE(std::isnan(table.read_floats("validation_loss")[2]));
  EXPECT_EQ(table.read_floats("accuracy")[2], 0.405);
  EXPECT_EQ(table.read_floats("accuracy_stderr")[0], 0.0137);
  EXPECT_TRUE(std::isnan(table.read_floats("f1_macro")[2]));
}

TEST(StudyFile, MarksATrialWhoseFileIsBrokenAsFailedAndKeepsTheOthers) {
  const TemporaryFolder folder;
  const std::vector<StudyTrial> trials = write_example_trials(folder);
  std::filesystem::resize_file(folder / "2.h5", 700);
  write_study(folder / "study.h5", example_header(), trials);
  const StudySummary summary = read_summary(folder.path());
  EXPECT_EQ(summary.trials.at(0).status, "complete");
  EXPECT_EQ(summary.trials.at(1).status, "failed");
  EXPECT_EQ(summary.trials.at(1).error.find("its record cannot be read: "), 0u) << summary.trials.at(1).error;
  EXPECT_NE(summary.trials.at(1).error.find("2.h5"), std::string::npos);
}

TEST(StudyFile, ShowsTheCurvesSoFarOfATrialThatStillRuns) {
  const TemporaryFolder folder;
  EventLog log = EventLog::create(folder / "events.jsonl");
  log.append(PhaseStarted{0, "supervised", 0, 2});
  log.append(EvaluationRow{0, 0, 0, {{"train_loss", 1.5}}});
  StudyTrial running = trial_of(1, {});
  running.events = folder / "events.jsonl";
  write_study(folder / "study.h5", example_header(), {running});
  const Hdf5Group trial = Hdf5File::open(folder / "study.h5").group("trials/0001");
  EXPECT_EQ(trial.string_attribute("status"), "pending");
  EXPECT_EQ(trial.read_floats("evaluation/train_loss"), std::vector<double>{1.5});
  EXPECT_FALSE(trial.has("training"));
}

TEST(StudyFile, IsReadBackForTheTable) {
  const TemporaryFolder folder;
  write_study(folder / "study.h5", example_header(), write_example_trials(folder));
  const StudySummary summary = read_summary(folder.path());  // the folder will do
  EXPECT_EQ(summary.name, "tweets");
  EXPECT_EQ(summary.swept, (std::vector<std::string>{"training.learning_rate"}));
  EXPECT_EQ(summary.metrics, (std::vector<std::string>{"accuracy", "f1_macro"}));
  ASSERT_EQ(summary.trials.size(), 5u);
  EXPECT_TRUE(summary.trials[2].swept.empty());
  EXPECT_EQ(summary.trials[3].error, "out of memory");
  ASSERT_NE(summary.best(), nullptr);
  EXPECT_EQ(summary.best()->number, 2);
  EXPECT_NE(summary.best()->reason, "");
}

TrialSummary ended(const char* status, double objective) {
  TrialSummary trial;
  trial.status = status;
  trial.objective = objective;
  return trial;
}

TEST(StudyFile, FindsTheBestInTheObjectivesDirection) {
  StudySummary summary;
  for (const double objective : {0.5, kNaN, 0.7, 0.6}) summary.trials.push_back(ended(kComplete, objective));
  summary.trials.push_back(ended(kDiverged, 0.1));
  EXPECT_EQ(summary.best()->objective, 0.5);
  summary.objective_better = Better::kHigher;
  EXPECT_EQ(summary.best()->objective, 0.7);
  summary.trials.clear();
  EXPECT_EQ(summary.best(), nullptr);
}

TEST(StudyFile, CanBeOfAStudyWithoutTrialsOrObjective) {
  const TemporaryFolder folder;
  StudyHeader header = example_header();
  header.objective.clear();
  write_study(folder / "study.h5", header, {});
  EXPECT_TRUE(read_summary(folder / "study.h5").trials.empty());
}

TEST(StudyFile, KeepsColumnsApartThatHaveOneName) {
  const TemporaryFolder folder;
  TrialRecord record = example_untrained();
  record.parameters = {{"seed", 3}};
  record.swept = {"seed"};
  write_trial(folder / "1.h5", record);
  write_study(folder / "study.h5", example_header(), {trial_of(1, folder / "1.h5")});
  const StudySummary summary = read_summary(folder.path());
  EXPECT_EQ(summary.trials.at(0).seed, 1);
  EXPECT_EQ(summary.trials.at(0).swept.at(0).second, Value(3));
}

TEST(StudyFile, SaysWhatIsWrongWithAFolderOrFile) {
  const TemporaryFolder folder;
  const auto message = [&](const std::filesystem::path& path) -> std::string {
    try {
      read_summary(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(folder / "absent").find((folder / "absent").string() + ": there is no such study"), 0u);
  EXPECT_EQ(message(folder.path()).find(folder.path().string() + ": there is no study.h5 in this folder"), 0u);
  write_trial(folder / "trial.h5", example_untrained());
  EXPECT_NE(message(folder / "trial.h5").find("it is not the file of a study"), std::string::npos);
}

TEST(CompareStudies, FindsTwoRunsAlikeWhateverTheirTimesAndCosts) {
  const TemporaryFolder folder;
  TrialRecord record = example_trial();
  write_trial(folder / "1.h5", record);
  record.training->seconds = {9, 10, 11};
  record.cost->train_seconds = 99;
  record.cost->shared_with = {};
  write_trial(folder / "2.h5", record);
  StudyHeader header = example_header();
  write_study(folder / "a.h5", header, {trial_of(1, folder / "1.h5")});
  header.host = "another";
  header.created = "2027-01-01T00:00:00Z";
  write_study(folder / "b.h5", header, {trial_of(1, folder / "2.h5")});
  EXPECT_EQ(compare_studies(folder / "a.h5", folder / "b.h5"), std::vector<std::string>{});
}

std::vector<std::string> differences(const TemporaryFolder& folder, const TrialRecord& a, const TrialRecord& b, double tolerance = 0) {
  write_trial(folder / "1.h5", a);
  write_trial(folder / "2.h5", b);
  StudyHeader header = example_header();
  header.objective.clear();
  write_study(folder / "a.h5", header, {trial_of(1, folder / "1.h5")});
  write_study(folder / "b.h5", header, {trial_of(1, folder / "2.h5")});
  return compare_studies(folder / "a.h5", folder / "b.h5", {tolerance});
}

TEST(CompareStudies, NamesEveryDifference) {
  using Lines = std::vector<std::string>;
  const TemporaryFolder folder;
  const TrialRecord a = example_trial();
  TrialRecord b = a;
  b.training->loss[1] = 0.9000000001;
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/training/loss[1]: 0.9 in the first, 0.9000000001 in the second"});
  EXPECT_EQ(differences(folder, a, b, 1e-6), Lines{});
  b = a;
  b.training->loss = {1, 2, 3};
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/training/loss[0]: 1.1 in the first, 1.0 in the second (3 of 3 differ)"});
  b = a;
  b.training->loss[2] = 0.5;
  EXPECT_EQ(differences(folder, a, b, 1e9), Lines{"/trials/0001/training/loss[2]: NaN in the first, 0.5 in the second"});
  b = a;
  b.test->predictions.prediction[0] = "neutral";
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/test/predictions/prediction[0]: \"positive\" in the first, \"neutral\" in the second"});
  b = a;
  b.parameters.pop_back();
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/parameters@dataset.limit.train: only in the first"});
  b = a;
  b.parameters[1].second = 16.0;
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/parameters@training.batch_size: of another type in the second"});
  b = a;
  b.evaluation.reset();
  EXPECT_EQ(differences(folder, a, b), (Lines{"/trials/0001@default: \"evaluation\" in the first, \"training\" in the second",
                                              "/trials/0001/evaluation: only in the first"}));
  b = a;
  b.evaluation->columns[1].values[0] = std::nextafter(1.25, 2);
  EXPECT_EQ(differences(folder, a, b).size(), 1u);
  b = a;
  b.diagnosis->best_step = 2;
  EXPECT_EQ(differences(folder, a, b), Lines{"/trials/0001/diagnosis@best_step: 3 in the first, 2 in the second"});
}

TEST(WritePolicy, WritesAtFirstAfterFivePercentAndAfterThirtySeconds) {
  using std::chrono::seconds;
  const WritePolicy::Time start{};
  WritePolicy policy;
  EXPECT_TRUE(policy.due(0, start));
  policy.written(100, start, start);
  EXPECT_FALSE(policy.due(100, start + seconds(60)));  // nothing new
  EXPECT_FALSE(policy.due(104, start + seconds(29)));
  EXPECT_TRUE(policy.due(105, start + seconds(1)));
  EXPECT_TRUE(policy.due(101, start + seconds(30)));
  policy.written(105, start + seconds(30), start + seconds(30));
  EXPECT_FALSE(policy.due(106, start + seconds(59)));
}

TEST(WritePolicy, SpendsAtMostATenthOfTheTimeOnWriting) {
  using std::chrono::seconds;
  const WritePolicy::Time start{};
  WritePolicy policy;
  policy.written(100, start, start + seconds(5));
  EXPECT_FALSE(policy.due(200, start + seconds(49)));
  EXPECT_TRUE(policy.due(200, start + seconds(50)));
}

// A trial each 10 ms, and a file that takes a millisecond per trial to write.
TEST(WritePolicy, OfTenThousandTrialsWritingTakesATenthOfTheTimeAndIsRare) {
  using std::chrono::milliseconds;
  WritePolicy policy;
  WritePolicy::Time now{};
  WritePolicy::Time::duration writing{};
  int writes = 0;
  for (int ended = 1; ended <= 10000; ++ended) {
    now += milliseconds(10);
    if (!policy.due(ended, now)) continue;
    const WritePolicy::Time begun = now;
    now += milliseconds(ended);
    writing += now - begun;
    ++writes;
    policy.written(ended, begun, now);
  }
  EXPECT_LE(9 * writing, now.time_since_epoch());  // the last one has not been waited for yet
  EXPECT_GE(writes, 10);
  EXPECT_LE(writes, 200);
}

TEST(StudyFile, MarksTrialsThatTheExperimentFileNoLongerHas) {
  const TemporaryFolder folder;
  write_trial(folder / "1.h5", example_trial(5e-5, 0.1));  // the best, if it counted
  write_trial(folder / "2.h5", example_trial(1e-4, 0.5));
  TrialRecord other = example_trial(1e-4, 0.75);
  other.parameters.emplace_back("objective", "validation_accuracy");
  write_trial(folder / "3.h5", other);
  std::vector<StudyTrial> trials = {trial_of(1, folder / "1.h5"), trial_of(2, folder / "2.h5"), trial_of(3, folder / "3.h5")};
  trials[0].in_file = trials[2].in_file = false;
  write_study(folder / "study.h5", example_header(), trials);
  const Hdf5File file = Hdf5File::open(folder / "study.h5");
  EXPECT_EQ(std::get<Hdf5Bools>(file.read("summary/in_file")), (Hdf5Bools{{0, 1, 0}}));
  EXPECT_EQ(file.attribute("in_file", "trials/0001"), Hdf5Attribute(false));
  EXPECT_EQ(file.attribute("in_file", "trials/0002"), std::nullopt);
  const StudySummary summary = read_summary(folder.path());
  EXPECT_FALSE(summary.trials.at(0).in_file);
  EXPECT_TRUE(summary.trials.at(1).in_file);
  EXPECT_EQ(summary.trials.at(0).objective, 0.1);
  EXPECT_TRUE(std::isnan(summary.trials.at(2).objective));  // chosen by something else
  ASSERT_NE(summary.best(), nullptr);
  EXPECT_EQ(summary.best()->number, 2);
}

}  // namespace
}  // namespace temper::record
