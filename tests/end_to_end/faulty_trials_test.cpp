// Trials that crash, hang, exit, or use too much: each is recorded for what it is, and the study goes on.
#include <gmock/gmock.h>

#include <ostream>
#include <set>

#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Matcher;
using ::testing::Not;
using ::testing::StartsWith;

struct Fault {
  std::string name, options;                     // of the broken strategy
  std::string limits;                            // lines of [limits]
  std::vector<Matcher<const std::string&>> says;  // what the record's @error says
  std::string when = "adapt";
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }
std::string name_of(const ::testing::TestParamInfo<Fault>& info) {
  return (info.param.name[0] == '_' ? "quiet" : "") + info.param.name + (info.param.when == "adapt" ? "" : "_in_" + info.param.when);
}

class FaultyStudy : public ::testing::Test {
 protected:
  // Trial 1 is broken, 2 and 3 are not.
  void write_experiment(const std::string& broken, const std::string& limits = {}) const {
    folder.write("train.csv", "text,label\ngood,yes\nbad,no\nfine,yes\nwell,yes\n");
    folder.write("test.csv", "text,label\ngood,yes\nbad,no\n");
    folder.write("faulty.toml", "task = \"classification\"\nmetrics = [\"accuracy\"]\nthreads = 1\n[limits]\n" + limits +
                                    "[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\ntest = \"test.csv\"\n"
                                    "[[strategy]]\nplugin = \"faulty\"\nname = \"broken\"\n" + broken +
                                    "[[strategy]]\nplugin = \"faulty\"\nname = \"whole\"\nvariant = [1, 2]\n");
  }
  ProgramResult run(const std::string& more = {}) const {
    return run_shell("TEMPER_PLUGIN_PATH='" TEMPER_BUILD_DIRECTORY "/lib/temper/fixture_plugins' '" + temper_program() + "' run faulty.toml" + more, folder.path());
  }
  fs::path record_file(int number) const { return folder / ("results/faulty/trials/000" + std::to_string(number) + "/trial.h5"); }
  record::TrialRecord read(int number) const { return record::read_trial(record_file(number)); }

  TemporaryFolder folder;
};

class FaultyTrial : public FaultyStudy, public ::testing::WithParamInterface<Fault> {};

TEST_P(FaultyTrial, IsRecordedForWhatItIsAndTheOthersComplete) {
  const Fault& fault = GetParam();
  write_experiment("fault = \"" + fault.name + "\"\nwhen = \"" + fault.when + "\"\n" + fault.options, fault.limits);
  const ProgramResult result = run();
  EXPECT_EQ(result.status, 1) << result.all();
  const record::TrialRecord broken = read(1);
  EXPECT_EQ(broken.status, "failed");
  for (const auto& says : fault.says) EXPECT_THAT(broken.error, says);
  ASSERT_TRUE(broken.cost);
  EXPECT_EQ(broken.cost->attempts, 1);
  const record::StudySummary summary = record::read_summary(folder / "results/faulty/study.h5");
  ASSERT_EQ(summary.trials.size(), 3u);
  EXPECT_EQ(summary.trials[0].status, "failed");
  EXPECT_EQ(summary.trials[0].error, broken.error);
  for (int number : {2, 3}) {
    EXPECT_EQ(summary.trials[static_cast<std::size_t>(number) - 1].status, "complete");
    EXPECT_EQ(read(number).cost->attempts, 1);
  }
}

const std::vector<Fault> kFaults{
    {"segfault", "", "",
     {StartsWith("the worker was killed by SIGSEGV (Segmentation fault); the last lines of its log:\nadapting variant 0\nabout to segfault\n"),
      HasSubstr("\nbacktrace of SIGSEGV (Segmentation fault), address 0x10:\nlibfaulty.so: "), HasSubstr("\nlibtemper.so: temper::study::run_trial("), Not(HasSubstr("temper-worker: "))}},
    {"segfault", "", "", {HasSubstr("about to segfault\n"), HasSubstr("libfaulty.so: ")}, "predict"},
    {"abort", "", "", {StartsWith("the worker was killed by SIGABRT (Aborted)"), HasSubstr("\nbacktrace of SIGABRT (Aborted):\n"), HasSubstr(": abort\n"), HasSubstr("\nlibfaulty.so: ")}},
    {"terminate", "", "", {StartsWith("the worker was killed by SIGABRT (Aborted)"), HasSubstr("thrown where nobody catches"), HasSubstr("\nbacktrace of SIGABRT")}},
    {"overflow", "", "", {StartsWith("the worker was killed by SIGSEGV (Segmentation fault)"), HasSubstr("\nbacktrace of SIGSEGV (Segmentation fault), the stack overflowed:\nlibfaulty.so: "), HasSubstr(" times")}},
    {"divide", "", "", {StartsWith("the worker was killed by SIGFPE"), HasSubstr("\nbacktrace of SIGFPE (Floating point exception):\nlibfaulty.so: ")}},
    {"throw", "", "", {StartsWith("no luck today")}},
    {"throw_number", "", "", {StartsWith("a plugin threw something that is no exception")}},
    {"bad_alloc", "", "", {StartsWith("out of memory: an allocation was refused (std::bad_alloc)")}},
    {"exit", "", "",
     {StartsWith("the worker exited with status 0 in the middle of the trial: something in it called exit; the last lines of its log:\nadapting variant 0\nabout to exit\n"),
      HasSubstr("\nbacktrace of a call of exit:\n"), HasSubstr("\nlibfaulty.so: ")}},
    {"_exit", "", "", {StartsWith("the worker exited with status 0 in the middle of the trial: something in it called exit; the last lines of its log:\nadapting variant 0\nabout to _exit"), Not(HasSubstr("backtrace"))}},
    {"killed", "", "", {StartsWith("the worker was killed by SIGKILL (Killed), "), HasSubstr("because the system ran out of memory")}},
    {"hog", "megabytes = 1500\n", "memory = \"1500 MiB\"\n",
     {StartsWith("the trial used 1."), HasSubstr(" GiB of memory, limits.memory allows 1.5 GiB, and its worker was ended; the last lines of its log:\nadapting variant 0\nabout to hog\n"),
      HasSubstr("\nbacktrace of where it stood:\n")}},
    {"loop", "", "time = \"2 s\"\n",
     {StartsWith("the trial ran for longer than the 2 s that limits.time allows, and its worker was ended"), HasSubstr("\nbacktrace of where it stood:\nlibfaulty.so: ")}},
    {"sleep", "", "silence = \"3 s\"\n",
     {StartsWith("the trial gave no sign of life for longer than the 3 s that limits.silence allows, and its worker was ended"), HasSubstr("\nbacktrace of where it stood:\n")}},
};

INSTANTIATE_TEST_SUITE_P(Each, FaultyTrial, ::testing::ValuesIn(kFaults), name_of);

TEST_F(FaultyStudy, RunsWhatFailedOnceMoreAndNothingElse) {
  write_experiment("fault = \"_exit\"\nuntil = \"" + (folder / "marker").string() + "\"\n");
  EXPECT_EQ(run().status, 1);
  const auto written = fs::last_write_time(record_file(2));
  const ProgramResult second = run();
  EXPECT_EQ(second.status, 0) << second.all();
  EXPECT_THAT(second.err, AllOf(HasSubstr("2 of 3 trials are done already"), HasSubstr("1 trial that failed runs again")));
  EXPECT_EQ(read(1).status, "complete");
  EXPECT_EQ(read(1).error, "");
  EXPECT_EQ(fs::last_write_time(record_file(2)), written);
}

TEST_F(FaultyStudy, QuotesTheLogOfThePresentRunAlone) {
  write_experiment("fault = \"abort\"\n");
  EXPECT_EQ(run().status, 1);
  folder.write("faulty.toml", folder.read("faulty.toml") + "\n");
  EXPECT_EQ(run().status, 1);
  const std::string error = read(1).error;
  EXPECT_EQ(error.find("adapting variant"), error.rfind("adapting variant")) << error;
}

TEST_F(FaultyStudy, TriesATrialAgainWhoseWorkerDiedIfAsked) {
  write_experiment("fault = \"segfault\"\nuntil = \"" + (folder / "marker").string() + "\"\n");
  const ProgramResult result = run(" --retries 1 --workers 2");
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_THAT(result.err, HasSubstr("trial 1 (broken) is tried again (1 of 1): the worker was killed by SIGSEGV (Segmentation fault)"));
  EXPECT_EQ(read(1).status, "complete");
  EXPECT_EQ(read(1).cost->attempts, 2);
}

TEST_F(FaultyStudy, TriesATrialAgainAsOftenAsAskedAndNoError) {
  write_experiment("fault = [\"segfault\", \"throw\"]\n", "retries = 2\n");
  EXPECT_EQ(run().status, 1);
  EXPECT_THAT(read(1).error, StartsWith("attempt 3: the worker was killed by SIGSEGV"));
  EXPECT_EQ(read(1).cost->attempts, 3);
  EXPECT_THAT(read(2).error, StartsWith("no luck today"));
  EXPECT_EQ(read(2).cost->attempts, 1);
}

TEST_F(FaultyStudy, TakesWhatSpeaksForAlive) {
  write_experiment("fault = \"chatty\"\n", "silence = \"3 s\"\n");
  const ProgramResult result = run();
  EXPECT_EQ(result.status, 0) << result.all();
}

// Heads over one model are one job: what crashes in it ends its own trial, and the rest goes on in another worker.
TEST_F(FaultyStudy, GoesOnWithTheOtherTrialsOfAJobInANewWorker) {
  write_ids_experiment(folder, "epochs = 1\nlearning_rate = 1e-3");
  std::string text = folder.read("ids.toml");
  text.replace(text.find("plugin = \"supervised\""), std::string::npos, "plugin = \"faulty\"\ntrains = true\nfault = \"segfault\"\nwhen = \"predict\"\nuntil = \"" + (folder / "marker").string() + "\"\nvariant = [1, 2, 3]\n");
  folder.write("faulty.toml", text.replace(text.find("\"ids\""), 5, "\"faulty\""));
  const ProgramResult result = run();
  EXPECT_EQ(result.status, 1) << result.all();
  EXPECT_EQ(read(1).status, "failed");
  EXPECT_THAT(read(1).error, HasSubstr("SIGSEGV"));
  EXPECT_TRUE(read(1).training) << "the curves until then are kept";
  EXPECT_EQ(read(2).status, "complete");
  EXPECT_EQ(read(3).status, "complete");
  EXPECT_EQ(read(3).cost->shared_with, std::vector<std::string>{"0002"}) << "they were one job still";
  EXPECT_EQ(run().status, 0);
  EXPECT_EQ(read(1).status, "complete");
}

}  // namespace
}  // namespace temper::testing
