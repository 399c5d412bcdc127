// What a strategy says that it needs is what it gets: else trials would be taken for the same that are not.
#include <gtest/gtest.h>

#include <cstdlib>

#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

TEST(Needs, AStrategyThatSaysItReadsNoPromptIsGivenNone) {
  const TemporaryFolder folder;
  folder.write("train.jsonl", ids_lines(0, 20));
  folder.write("test.jsonl", ids_lines(100, 5));
  folder.write("needs.toml", R"(name = "needs"
task = "classification"
[dataset]
plugin = "jsonl"
train = "train.jsonl"
test = "test.jsonl"
[[strategy]]
plugin = "asks_unsaid"
when = ["adapt", "predict", "never"]
)");
  const ProgramResult result = run_shell("TEMPER_PLUGIN_PATH='" TEMPER_BUILD_DIRECTORY "/lib/temper/fixture_plugins' '" + temper_program() + "' run needs.toml", folder.path());
  EXPECT_EQ(result.status, 1) << result.all();
  for (const char* number : {"0001", "0002"}) {
    const record::TrialRecord trial = record::read_trial(folder / (std::string("results/needs/trials/") + number + "/trial.h5"));
    EXPECT_EQ(trial.status, "failed");
    EXPECT_NE(trial.error.find("\"asks_unsaid\" asks how items are spelled, and says that it reads no [prompt]"), std::string::npos) << trial.error;
  }
  EXPECT_EQ(record::read_trial(folder / "results/needs/trials/0003/trial.h5").status, "complete");
}

// The trials of an experiment with these strategies, as `temper plan` tells them; no model is trained.
std::string planned(const std::string& strategies) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "epochs = 1");
  std::string toml = folder.read("ids.toml");
  toml.resize(toml.find("[[strategy]]"));
  folder.write("ids.toml", toml + strategies);
  const ProgramResult result = run_temper("plan ids.toml", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
  return result.out;
}

TEST(Needs, ANestedOptionThatOthersMakeMeaninglessMakesNoTrials) {
  const std::string prompts = "[[strategy]]\nplugin = \"few_shot\"\nshots = 0\nanswer = \"generation\"\n";
  EXPECT_NE(planned(prompts + "generation = { temperature = [0.5, 1.0, 2.0], top_k = [0, 5] }\n").find("1 trial"), std::string::npos);
  // Greedy is one trial, whatever the temperature; drawing is one for each of three.
  const std::string both = planned(prompts + "generation = { do_sample = [false, true], temperature = [0.5, 1.0, 2.0] }\n");
  EXPECT_NE(both.find("4 trials"), std::string::npos) << both;
}

TEST(Needs, AdaptersMultiplyTheTrainingsThatHaveThem) {
  const std::string plan = planned("[[strategy]]\nplugin = \"supervised\"\ntune = [\"head\", \"last_layers\", \"lora\"]\nlast_layers = [1, 2]\nlora = { r = [2, 4, 8] }\n");
  EXPECT_NE(plan.find("6 trials"), std::string::npos) << plan;  // 1 + 2 + 3
}

}  // namespace
}  // namespace temper::testing
