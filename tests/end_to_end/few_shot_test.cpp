// Prompts from a TOML file to answers: the trials that are planned, the same answers however prefixes are shared, and from a checkpoint.
#include <gtest/gtest.h>

#include <filesystem>

#include "launch/study_folder.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class FewShotStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}, {" f", "in"}}).dump());
    const auto rows = [](const std::string& prefix, const std::vector<std::pair<std::string, std::string>>& texts) {
      std::string lines;
      for (std::size_t i = 0; i < texts.size(); ++i)
        lines += Json({{"id", prefix + std::to_string(i)}, {"text", texts[i].first}, {"label", texts[i].second}}).dump() + '\n';
      return lines;
    };
    folder.write("train.jsonl", rows("train-", {{"the best of days", "good"}, {"thin soup", "bad"}, {"a fine thing", "good"}, {"the worst of days", "bad"}, {"nothing", "bad"}}));
    folder.write("test.jsonl", rows("test-", {{"a fine day", "good"}, {"thin air, canary", "bad"}, {"the end", "bad"}}));
  }

  std::string experiment(const std::string& name, const std::string& strategy) const {
    return "name = \"" + name + R"("
task = "classification"
metrics = ["accuracy", "cross_entropy"]
threads = 1
seeds = [1, 2]
[dataset]
plugin = "jsonl"
train = "train.jsonl"
test = "test.jsonl"
id = "id"
[prompt]
input = "Day: {text}\nMood:"
labels = { good = " fine work", bad = " thin" }
[model]
plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 262, n_positions = 96, n_embd = 32, n_layer = 2, n_head = 2 }
[[strategy]]
plugin = "few_shot"
normalization = "tokens"
)" + strategy + "\n";
  }

  std::vector<record::TrialRecord> run(const std::string& name, const std::string& strategy) {
    folder.write(name + ".toml", experiment(name, strategy));
    const ProgramResult result = run_temper("run " + name + ".toml", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    std::vector<record::TrialRecord> trials;
    for (const auto& trial : record::read_summary(folder / ("results/" + name + "/study.h5")).trials) {
      trials.push_back(record::read_trial(launch::trial_folder(folder / ("results/" + name), trial.number) / "trial.h5"));
    }
    return trials;
  }

  double cross_entropy(const record::TrialRecord& trial) const {
    for (const auto& metric : trial.test->metrics) {
      if (metric.name == "cross_entropy") return metric.value;
    }
    ADD_FAILURE() << "there is no cross_entropy";
    return 0;
  }

  TemporaryFolder folder;
};

TEST_F(FewShotStudy, DrawsRandomWeightsFromEachTrialsOwnSeedThoughOneWorkerRunsAll) {
  const auto both = run("both", "shots = 1");
  std::string text = experiment("second", "shots = 1");
  text.replace(text.find("[1, 2]"), 6, "[2]");
  folder.write("second.toml", text);
  ASSERT_EQ(run_temper("run second.toml", folder.path()).status, 0);
  const auto alone = record::read_trial(folder / "results/second/trials/0001/trial.h5");
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(cross_entropy(both[1]), cross_entropy(alone));
  EXPECT_NE(cross_entropy(both[0]), cross_entropy(both[1]));
}

TEST_F(FewShotStudy, PlansATrialForEveryOrderThatThereIs) {
  folder.write("plan.toml", experiment("plan", "shots = [0, 2]\norder = [0, 1, 2]"));
  const ProgramResult plan = run_temper("plan plan.toml", folder.path());
  EXPECT_EQ(plan.status, 0) << plan.all();
  // No example has no order and needs no seed; two have three orders under each of two seeds.
  EXPECT_NE(plan.out.find("7 trials"), std::string::npos) << plan.out;
}

TEST_F(FewShotStudy, AnswersAlikeWithAndWithoutSharedPrefixes) {
  const auto shared = run("shared", "shots = [0, 2]\norder = [0, 1]"), alone = run("alone", "shots = [0, 2]\norder = [0, 1]\nshare_prefixes = false");
  ASSERT_EQ(shared.size(), 5u);
  ASSERT_EQ(alone.size(), 5u);
  for (std::size_t i = 0; i < shared.size(); ++i) {
    EXPECT_EQ(shared[i].status, record::kComplete);
    EXPECT_EQ(shared[i].test->predictions.prediction, alone[i].test->predictions.prediction);
    EXPECT_EQ(shared[i].test->predictions.used_ids, alone[i].test->predictions.used_ids);
    EXPECT_NEAR(cross_entropy(shared[i]), cross_entropy(alone[i]), 1e-5);
  }
  EXPECT_TRUE(shared[0].test->predictions.used_ids.empty());
  for (std::size_t i = 1; i < 5; ++i) {
    for (const auto& ids : shared[i].test->predictions.used_ids) {
      EXPECT_EQ(ids.size(), 2u);
      for (const std::string& id : ids) EXPECT_TRUE(id.starts_with("train-")) << id;
    }
  }
  EXPECT_NE(cross_entropy(shared[0]), cross_entropy(shared[1]));
}

TEST_F(FewShotStudy, DropsExamplesThatDoNotFit) {
  for (const auto& trial : run("long", "shots = 5")) {
    EXPECT_FALSE(trial.test->predictions.dropped_ids.empty());
    for (std::size_t i = 0; i < trial.test->predictions.id.size(); ++i)
      EXPECT_EQ(trial.test->predictions.used_ids[i].size() + trial.test->predictions.dropped_ids[i].size(), 5u);
  }
}

TEST_F(FewShotStudy, PredictsFromItsCheckpointWithoutTheData) {
  const auto trials = run("nearest", "shots = 2\nselection = \"nearest\"");
  ASSERT_EQ(trials.size(), 1u);
  for (const char* file : {"train.jsonl", "test.jsonl"}) fs::remove(folder / file);
  folder.write("ask.jsonl", "{\"text\": \"a fine day\"}\n{\"text\": \"thin air, canary\"}\n{\"text\": \"the end\"}\n");
  const ProgramResult answers = run_shell("'" + temper_program() + "' predict results/nearest --trial 1 < ask.jsonl", folder.path());
  ASSERT_EQ(answers.status, 0) << answers.all();
  std::size_t begin = 0;
  for (const std::string& expected : trials[0].test->predictions.prediction) {
    const std::size_t end = answers.out.find('\n', begin);
    ASSERT_NE(end, std::string::npos) << answers.out;
    EXPECT_NE(answers.out.substr(begin, end - begin).find("\"label\": \"" + expected + '"'), std::string::npos) << answers.out;
    begin = end + 1;
  }
}

}  // namespace
}  // namespace temper::testing
