// Strategies that go on from others: from a TOML file to records, checkpoints, answers and exported folders, and after the plug was pulled.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "launch/study_folder.h"
#include "record/compare_studies.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class FromStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}, {" f", "in"}}).dump());
    const auto rows = [](const std::string& prefix, int count) {
      const char* good[] = {"fine", "the best", "fun", "bright"};
      const char* bad[] = {"thin", "the worst", "dull", "grey"};
      std::string lines;
      for (int i = 0; i < count; ++i)
        lines += Json({{"id", prefix + std::to_string(i)}, {"text", std::string(i % 3 == 0 ? bad[i / 3 % 4] : good[i % 4]) + " day " + std::to_string(i % 5)}, {"label", i % 3 == 0 ? "bad" : "good"}}).dump() + '\n';
      return lines;
    };
    folder.write("train.jsonl", rows("train-", 40));
    folder.write("test.jsonl", rows("test-", 12));
    folder.write("docs.jsonl", "{\"id\": \"d1\", \"text\": \"a thin grey day is bad\"}\n{\"id\": \"d2\", \"text\": \"a fine bright day is good\"}\n");
    folder.write("ask.jsonl", rows("test-", 12));
  }

  void write_experiment(const std::string& strategies) const {
    folder.write("from.toml", R"(name = "from"
task = "classification"
threads = 1
seeds = [1, 2]
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
id = "id"
[model]
plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 262, n_positions = 96, n_embd = 32, n_layer = 2, n_head = 2 }
[training]
epochs = 3
batch_size = 8
snapshot_steps = 2
logging_steps = 1
[sweep]
learning_rate = [1e-3, 1e-2]
)" + strategies);
  }

  ProgramResult run(const std::string& more = {}) const { return run_temper("run from.toml" + more, folder.path()); }
  fs::path trial(int number) const { return launch::trial_folder(folder / "results/from", number); }
  record::TrialRecord read(int number) const { return record::read_trial(trial(number) / "trial.h5"); }
  std::map<std::string, Value> parameters(int number) const {
    const record::TrialRecord record = read(number);
    return {record.parameters.begin(), record.parameters.end()};
  }

  // The test items' labels by id: as recorded, and as `temper predict ARGUMENTS` gives them.
  std::map<std::string, std::string> recorded(int number) const {
    const record::Predictions predictions = read(number).test->predictions;
    std::map<std::string, std::string> labels;
    for (std::size_t i = 0; i < predictions.id.size(); ++i) labels[predictions.id[i]] = predictions.prediction[i];
    return labels;
  }
  std::map<std::string, std::string> predicted(const std::string& arguments) const {
    const ProgramResult answers = run_shell("'" + temper_program() + "' predict " + arguments + " < ask.jsonl", folder.path());
    EXPECT_EQ(answers.status, 0) << answers.all();
    std::map<std::string, std::string> labels;
    std::istringstream lines(answers.out);
    for (std::string line; std::getline(lines, line);) {
      const Json answer = Json::parse(line);
      labels[answer.at("id")] = answer.at("label");
    }
    return labels;
  }

  TemporaryFolder folder;
};

// Trials 1 to 4: the base, two rates and two seeds; 5 to 8: rag from each; 9 to 12: full from the best, two rates and two seeds; then
// rag from the best of these, shots and the majority.
const char* const kStrategies = R"(
[[strategy]]
plugin = "supervised"
name = "head"
tune = "head"
[[strategy]]
plugin = "rag"
corpus = "docs.jsonl"
k = 1
from = "head"
[[strategy]]
plugin = "supervised"
name = "second"
from_best = "head"
[[strategy]]
plugin = "rag"
name = "rag_second"
corpus = "docs.jsonl"
k = 1
from_best = "second"
[[strategy]]
plugin = "few_shot"
shots = [0, 1]
[[strategy]]
plugin = "majority"
)";

TEST_F(FromStudy, RunsRecordsAnswersAndExports) {
  write_experiment(kStrategies);
  const ProgramResult result = run();
  ASSERT_EQ(result.status, 0) << result.all();
  const record::StudySummary summary = record::read_summary(folder / "results/from/study.h5");
  ASSERT_EQ(summary.trials.size(), 18u);
  std::map<std::string, int> of;
  for (const auto& t : summary.trials) {
    EXPECT_EQ(t.status, "complete") << t.error;
    EXPECT_FALSE(std::isnan(t.objective)) << t.strategy;
    if (!of.contains(t.strategy)) of[t.strategy] = static_cast<int>(t.number);
  }
  ASSERT_TRUE(summary.comparison);
  for (const std::int64_t best : summary.comparison->best_trial) EXPECT_GT(best, 0);

  // From each of them.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(read(5 + i).from_trial, 1 + i);
    EXPECT_EQ(read(5 + i).seed, read(1 + i).seed);
    EXPECT_EQ(parameters(5 + i).at("from.training.learning_rate"), parameters(1 + i).at("training.learning_rate"));
    EXPECT_EQ(parameters(5 + i).at("from"), Value("head"));
    EXPECT_FALSE(read(5 + i).evaluation);
  }
  // From the best by the mean over seeds.
  const double first = read(1).objective + read(2).objective, second = read(3).objective + read(4).objective;
  const int best = second < first ? 3 : 1;
  EXPECT_EQ(read(9).from_trial, best);
  EXPECT_EQ(read(10).from_trial, best + 1);
  EXPECT_EQ(parameters(9).at("from_best"), Value("head"));
  // It begins where that ended.
  const auto begun = *read(9).evaluation, ended = *read(best).evaluation;
  EXPECT_NEAR(begun.find("validation_loss")->values.front(), ended.find("validation_loss")->values.back(), 1e-6);
  EXPECT_TRUE(read(of.at("rag_second")).from_trial >= 9);

  // Of each strategy one checkpoint is kept: complete, though those of its bases may be gone.
  for (const auto& [strategy, number] : of) {
    int kept = 0;
    for (const auto& t : summary.trials) {
      const fs::path checkpoint = trial(static_cast<int>(t.number)) / "checkpoint";
      if (t.strategy != strategy || !fs::exists(checkpoint)) continue;
      ++kept;
      EXPECT_EQ(fs::exists(checkpoint / "model"), strategy == "head" || strategy == "second") << strategy;
      EXPECT_EQ(fs::exists(checkpoint / "base/trial.json"), strategy == "rag" || strategy == "second" || strategy == "rag_second") << strategy;
      const std::string name = std::to_string(t.number);
      EXPECT_EQ(predicted("results/from --trial " + name), recorded(static_cast<int>(t.number))) << strategy;
      if (strategy == "few_shot" || strategy == "majority") continue;
      const ProgramResult exported = run_temper("export results/from exported-" + strategy + " --trial " + name, folder.path());
      ASSERT_EQ(exported.status, 0) << exported.all();
      EXPECT_TRUE(fs::exists(folder / ("exported-" + strategy + "/model.safetensors")));
      EXPECT_EQ(fs::exists(folder / ("exported-" + strategy + "/temper/strategy/passages.jsonl")), strategy == "rag" || strategy == "rag_second");
      EXPECT_EQ(predicted("--model exported-" + strategy), recorded(static_cast<int>(t.number))) << strategy;
    }
    EXPECT_EQ(kept, 1) << strategy;
  }
  const ProgramResult again = run();
  EXPECT_NE(again.err.find("18 of 18 trials are done already"), std::string::npos) << again.err;

  // A new strategy needs checkpoints that were not kept: these trials run again, and nothing of them changes.
  const double objective = read(1).objective;
  write_experiment(std::string(kStrategies) + "[[strategy]]\nplugin = \"few_shot\"\nname = \"late\"\nshots = 1\nfrom = \"head\"\n");
  const ProgramResult late = run();
  ASSERT_EQ(late.status, 0) << late.all();
  EXPECT_NE(late.err.find("runs again"), std::string::npos) << late.err;
  EXPECT_EQ(read(1).objective, objective);
  EXPECT_EQ(read(19).from_trial, 1);
}

TEST_F(FromStudy, ComesOutTheSameAfterThePlugWasPulled) {
  write_experiment(kStrategies);
  const ProgramResult unbroken = run(" --results unbroken");
  ASSERT_EQ(unbroken.status, 0) << unbroken.all();
  for (const char* patience : {"1.2", "1.7", "2.3", "3"}) run_shell("timeout -s KILL " + std::string(patience) + " '" + temper_program() + "' run from.toml --workers 2", folder.path());
  const ProgramResult resumed = run(" --workers 2");
  ASSERT_EQ(resumed.status, 0) << resumed.all();
  EXPECT_EQ(record::compare_studies(folder / "unbroken/from/study.h5", folder / "results/from/study.h5"), std::vector<std::string>());
}

TEST_F(FromStudy, ATrialWhoseBaseFailedSaysSoAndRunsWithItLater) {
  write_experiment("[[strategy]]\nplugin = \"supervised\"\n[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nfrom = \"supervised\"\n");
  folder.write("results/from/trials/0001/snapshot", "a file where a folder is wanted");
  folder.write("results/from/trials.json", "{\"format\": \"temper-trials\", \"version\": 1, \"created\": \"2026-01-01T00:00:00Z\", \"threads\": 1, \"trials\": []}");
  const ProgramResult result = run();
  EXPECT_EQ(result.status, 1) << result.all();
  EXPECT_EQ(read(5).status, "failed");
  EXPECT_NE(read(5).error.find("trial 1 (supervised, learning_rate 0.001, seed 1), which it goes on from, failed"), std::string::npos) << read(5).error;
  EXPECT_EQ(read(6).status, "complete");
  fs::remove_all(folder / "results/from/trials/0001");
  const ProgramResult again = run();
  EXPECT_EQ(again.status, 0) << again.all();
  EXPECT_EQ(read(5).status, "complete");
  EXPECT_EQ(read(5).from_trial, 1);
}

TEST_F(FromStudy, AWorkerThatDiesInAJobTakesOnlyTheTrialAlongThatRan) {
  write_experiment("[[strategy]]\nplugin = \"supervised\"\ntune = \"head\"\ntraining = { epochs = 40, learning_rate = [1e-3, 2e-3, 5e-3, 1e-2] }\n");
  folder.write("from.toml", "seeds = [1]\n" + folder.read("from.toml").replace(folder.read("from.toml").find("seeds = [1, 2]\n"), 15, ""));
  EXPECT_NE(run_temper("plan from.toml", folder.path()).out.find("4 trials in 1 job"), std::string::npos);
  const pid_t run = ::fork();
  if (run == 0) {
    if (::chdir(folder.path().c_str()) != 0 || !std::freopen("/dev/null", "w", stdout) || !std::freopen("stderr.txt", "w", stderr)) ::_exit(126);
    ::execl(temper_program().c_str(), "temper", "run", "from.toml", nullptr);
    ::_exit(127);
  }
  int status = 0;
  const auto steps = [&] {
    std::ifstream events(trial(2) / "events.jsonl");
    return std::string(std::istreambuf_iterator<char>(events), {}).find("\"learning_rate\"") != std::string::npos;
  };
  while (!steps() && ::waitpid(run, &status, WNOHANG) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::ifstream children("/proc/" + std::to_string(run) + "/task/" + std::to_string(run) + "/children");
  pid_t worker = 0;
  if (!(children >> worker)) GTEST_SKIP() << "this kernel does not tell a process's children";
  ::kill(worker, SIGKILL);
  ::waitpid(run, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << folder.read("stderr.txt");
  EXPECT_EQ(read(2).status, "failed");
  EXPECT_NE(read(2).error.find("was killed by SIGKILL"), std::string::npos) << read(2).error;
  for (const int number : {1, 3, 4}) EXPECT_EQ(read(number).status, "complete");
  EXPECT_EQ(read(1).cost->shared_with, std::vector<std::string>());
  EXPECT_EQ(read(4).cost->shared_with, std::vector<std::string>{"0003"});  // of the process that ran it
}

}  // namespace
}  // namespace temper::testing
