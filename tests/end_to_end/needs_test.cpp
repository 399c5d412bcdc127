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

}  // namespace
}  // namespace temper::testing
