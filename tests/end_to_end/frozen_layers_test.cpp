// Trials that train above frozen layers share a worker's model and its states: each one's record is what it would be alone.
#include <gtest/gtest.h>

#include <filesystem>

#include "launch/study_folder.h"
#include "record/compare_studies.h"
#include "record/hdf5.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class FrozenLayers : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}}).dump());
    write_rows("good", "bad");
    write_experiment("base", "plugin = \"gpt2\"\ntokenizer = \"tokenizer\"\nconfig = { vocab_size = 262, n_positions = 64, n_embd = 32, n_layer = 3, n_head = 2 }\n", "[1]", "[1e-2]", "plugin = \"supervised\"\n");
    run("base");
    const ProgramResult exported = run_temper("export results/base model", folder.path());
    ASSERT_EQ(exported.status, 0) << exported.all();
  }

  void write_rows(const std::string& good, const std::string& bad) const {
    for (const auto& [name, count] : {std::pair("train.jsonl", 40), std::pair("test.jsonl", 16)}) {
      std::string lines;
      for (int i = 0; i < count; ++i) lines += Json({{"text", std::string(i % 3 == 0 ? "thin and grey" : "the fine one") + " on day " + std::to_string(i % 7)}, {"label", i % 3 == 0 ? bad : good}}).dump() + '\n';
      folder.write(name, lines);
    }
  }

  void write_experiment(const std::string& name, const std::string& model, const std::string& seeds, const std::string& rates, const std::string& strategies) const {
    folder.write(name + ".toml", "name = \"" + name + "\"\ntask = \"classification\"\nthreads = 1\nseeds = " + seeds + R"(
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
[model]
)" + model + R"(
[training]
epochs = 2
batch_size = 8
logging_steps = 1
[sweep]
learning_rate = )" + rates + "\n[[strategy]]\n" + strategies);
  }

  void run(const std::string& name) const {
    const ProgramResult result = run_temper("run " + name + ".toml", folder.path());
    ASSERT_EQ(result.status, 0) << result.all();
  }

  record::Hdf5File record(const std::string& study, int number) const {
    return record::Hdf5File::open(launch::trial_folder(folder / ("results/" + study), number) / "trial.h5");
  }

  // Trials of all these, run by one worker in this order, beside each of them in a process of its own.
  void expect_trials_as_if_alone() const {
    const std::string model = "checkpoint = \"model\"\n";
    const std::vector<std::string> strategies = {
        "plugin = \"supervised\"\nname = \"head\"\ntune = \"head\"\n",
        "plugin = \"supervised\"\nname = \"last\"\ntune = \"last_layers\"\nlast_layers = 1\n",
        "plugin = \"supervised\"\nname = \"short\"\ntune = \"head\"\ntraining = { max_length = 6 }\n",
        "plugin = \"supervised\"\nname = \"low\"\ntune = \"last_layers\"\nlast_layers = 2\n",
        "plugin = \"logistic_regression\"\n",
    };
    const std::vector<std::string> rates = {"1e-3", "2e-2"}, seeds = {"1", "2"};
    std::string all;
    for (const std::string& strategy : strategies) all += (all.empty() ? "" : "[[strategy]]\n") + strategy;
    write_experiment("shared", model, "[1, 2]", "[1e-3, 2e-2]", all);
    run("shared");
    int number = 0;
    for (const std::string& strategy : strategies) {
      const bool trains = strategy.find("supervised") != std::string::npos;
      for (const std::string& rate : trains ? rates : std::vector<std::string>{"1e-3"}) {
        for (const std::string& seed : trains ? seeds : std::vector<std::string>{"1"}) {
          const std::string name = "alone-" + std::to_string(++number);
          write_experiment(name, model, "[" + seed + "]", "[" + rate + "]", strategy);
          run(name);
          EXPECT_EQ(record::compare_groups(record(name, 1), record("shared", number)), std::vector<std::string>()) << strategy << "rate " << rate << ", seed " << seed;
        }
      }
    }
    EXPECT_FALSE(fs::exists(launch::trial_folder(folder / "results/shared", number + 1)));
  }

  TemporaryFolder folder;
};

TEST_F(FrozenLayers, UnderAHeadOfTheCheckpointLeaveEveryTrialAsIfAlone) { expect_trials_as_if_alone(); }

TEST_F(FrozenLayers, UnderAHeadOfTheSeedLeaveEveryTrialAsIfAlone) {
  write_rows("up", "down");  // labels that the checkpoint does not know
  expect_trials_as_if_alone();
}

}  // namespace
}  // namespace temper::testing
