// `temper plan`: what a study will cost, told without writing anything.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "launch/study_folder.h"
#include "record/trial_record.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

std::string plan(const TemporaryFolder& folder, const std::string& arguments) {
  const ProgramResult result = run_temper("plan " + arguments, folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
  return result.out;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::recursive_directory_iterator(folder), fs::recursive_directory_iterator()));
}

TEST(PlanVerb, EstimatesTimeMemoryAndDiskAndWritesNothing) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "batch_size = 8\n", "[sweep]\nepochs = [1, 4]\n");
  const std::size_t before = files_in(folder.path());
  const std::string text = plan(folder, "ids.toml --workers 2");
  EXPECT_TRUE(has(text, "epochs  steps  tokens")) << text;
  EXPECT_TRUE(has(text, "time  memory  disk")) << text;
  EXPECT_TRUE(has(text, "\nestimates\n  time    about ")) << text;
  EXPECT_TRUE(has(text, "with 2 workers")) << text;
  EXPECT_TRUE(has(text, "2 trials by parameters x tokens over the speed of matrix products here, ")) << text;
  EXPECT_EQ(files_in(folder.path()), before);
}

TEST(PlanVerb, TellsFromWhatEarlierTrialsHaveCostOnThisMachine) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "batch_size = 8\nepochs = 2");
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  const std::string same = plan(folder, "ids.toml --set training.epochs=4");
  EXPECT_TRUE(has(same, "1 trial by what trials of the same kind have cost on this machine")) << same;
  EXPECT_TRUE(has(plan(folder, "ids.toml --set training.epochs=4 --set 'name=\"other\"'"), "by what trials of the same kind")) << "another study of the same trials";
  EXPECT_TRUE(has(plan(folder, "ids.toml --set training.batch_size=16"), "by parameters x tokens"));
  EXPECT_TRUE(has(plan(folder, "ids.toml --set threads=2"), "by parameters x tokens")) << "other threads, other speed";
}

TEST(PlanVerb, MeasuresByProbesInATemporaryFolder) {
  const TemporaryFolder folder, place;
  write_ids_experiment(folder, "batch_size = 8\n", "[sweep]\nlearning_rate = [1e-3, 1e-2]\n[[strategy]]\nplugin = \"majority\"\n");
  const std::size_t before = files_in(folder.path());
  const ProgramResult result = run_shell("TMPDIR='" + place.path().string() + "' '" + temper_program() + "' plan ids.toml --measure", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_TRUE(has(result.out, "3 trials by probes that ran just now")) << result.out;
  EXPECT_EQ(files_in(folder.path()), before);
  EXPECT_EQ(files_in(place.path()), 0u);
}

TEST(PlanVerb, TellsWhatSharingSaves) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "batch_size = 4\nlr_scheduler_type = \"constant\"\n", "[sweep]\nepochs = [1, 3]\n");
  EXPECT_TRUE(has(plan(folder, "ids.toml"), ": saves 12 optimizer steps")) << plan(folder, "ids.toml");
  EXPECT_FALSE(has(plan(folder, "ids.toml --set training.share_steps=false"), "saves"));
}

TEST(PlanVerb, KnowsTheStepsOfBlocksAndWindows) {
  const TemporaryFolder folder;
  std::string train, test;
  for (int i = 0; i < 40; ++i) (i < 32 ? train : test) += "{\"id\": \"" + std::to_string(i) + "\", \"text\": \"" + std::string(static_cast<std::size_t>(20 + i * 3), 'a') + "\"}\n";
  folder.write("train.jsonl", train);
  folder.write("test.jsonl", test);
  folder.write("bytes/tokenizer.json", byte_bpe_json({{"r", "e"}}).dump());
  folder.write("study.toml", R"(name = "study"
task = "language_modeling"
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
id = "id"
[training]
batch_size = 4
epochs = 2
[model]
plugin = "gpt2"
tokenizer = "bytes"
config = { vocab_size = 260, n_positions = 64, n_embd = 32, n_layer = 2, n_head = 2 }
[[strategy]]
plugin = "supervised"
)");
  const std::string text = plan(folder, "study.toml");
  ASSERT_EQ(run_temper("run study.toml", folder.path()).status, 0);
  const record::TrialRecord trial = record::read_trial(launch::trial_folder(folder / "results/study", 1) / "trial.h5");
  ASSERT_TRUE(trial.training);
  const std::string steps = std::to_string(trial.training->step.back()), tokens = std::to_string(trial.cost->train_tokens);
  EXPECT_TRUE(has(text, "  " + steps + "    " + tokens + "  ") || has(text, " " + steps + "  ")) << steps << " steps, " << tokens << " tokens\n" << text;
}

TEST(PlanVerb, GoesOnWhereAModelCannotBeOpened) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "batch_size = 8\n");
  const std::string text = plan(folder, "ids.toml --set model.config.num_attention_heads=5");
  EXPECT_TRUE(has(text, "supervised: no estimate from its model, ")) << text;
  EXPECT_TRUE(has(text, "1 trial without an estimate of time")) << text;
}

}  // namespace
}  // namespace temper::testing
