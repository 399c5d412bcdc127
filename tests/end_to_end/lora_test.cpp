// Low-rank adapters from a TOML file to PEFT's folders: trials, what goes on from them, answers, and models exported plain and merged.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "launch/study_folder.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

using Answers = std::map<std::string, Json>;  // the line of each item, by its id

class LoraStudy : public ::testing::Test {
 protected:
  // A checkpoint to adapt: a small GPT-2 whose head a first study trained a little.
  void SetUp() override {
    fs::create_directory(folder.path() / "tokenizer");
    folder.write("tokenizer/tokenizer.json", byte_bpe_json({{"t", "h"}, {"i", "n"}, {" ", "f"}, {"th", "e"}}).dump());
    folder.write("train.jsonl", rows("train-", 40));
    folder.write("test.jsonl", rows("test-", 12));
    folder.write("docs.jsonl", "{\"id\": \"d1\", \"text\": \"a thin grey day is bad\"}\n{\"id\": \"d2\", \"text\": \"a fine bright day is good\"}\n");
    write_experiment("first", R"(plugin = "gpt2"
tokenizer = "tokenizer"
config = { vocab_size = 262, n_positions = 96, n_embd = 32, n_layer = 2, n_head = 2, initializer_range = 0.2 }
)", "[[strategy]]\nplugin = \"supervised\"\ntune = \"head\"\n");
    succeed("run first.toml");
    succeed("export results/first base-model");
  }

  static std::string rows(const std::string& prefix, int count) {
    const char* good[] = {"fine", "the best", "fun", "bright"};
    const char* bad[] = {"thin", "the worst", "dull", "grey"};
    std::string lines;
    for (int i = 0; i < count; ++i) {
      lines += Json({{"id", prefix + std::to_string(i)}, {"text", std::string(i % 3 == 0 ? bad[i / 3 % 4] : good[i % 4]) + " day " + std::to_string(i % 5)}, {"label", i % 3 == 0 ? "bad" : "good"}}).dump() + '\n';
    }
    return lines;
  }

  void write_experiment(const std::string& name, const std::string& model, const std::string& strategies) const {
    folder.write(name + ".toml", "name = \"" + name + R"("
task = "classification"
threads = 1
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
id = "id"
[training]
epochs = 2
batch_size = 8
learning_rate = 1e-2
[model]
)" + model + strategies);
  }

  ProgramResult succeed(const std::string& arguments) const {
    const ProgramResult result = run_temper(arguments, folder.path());
    EXPECT_EQ(result.status, 0) << arguments << '\n' << result.all();
    return result;
  }
  fs::path trial(std::int64_t number, const std::string& study = "adapters") const { return launch::trial_folder(folder / ("results/" + study), number); }
  record::TrialRecord read(std::int64_t number, const std::string& study = "adapters") const { return record::read_trial(trial(number, study) / "trial.h5"); }

  Answers predicted(const std::string& arguments) const {
    const ProgramResult result = run_shell("'" + temper_program() + "' predict --logits " + arguments + " < test.jsonl", folder.path());
    EXPECT_EQ(result.status, 0) << arguments << '\n' << result.all();
    Answers answers;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      const Json answer = Json::parse(line);
      answers[answer.at("id")] = answer;
    }
    EXPECT_EQ(answers.size(), 12u) << arguments;
    return answers;
  }

  static void expect_alike(const Answers& one, const Answers& other, double tolerance) {
    for (const auto& [id, answer] : one) {
      EXPECT_EQ(answer.at("label"), other.at(id).at("label")) << id;
      for (const auto& [label, probability] : answer.at("probabilities").items()) {
        EXPECT_NEAR(probability.get<double>(), other.at(id).at("probabilities").at(label).get<double>(), tolerance) << id << ' ' << label;
      }
    }
  }
  void expect_as_recorded(const Answers& answers, std::int64_t number) const {
    const record::Predictions predictions = read(number).test->predictions;
    for (std::size_t i = 0; i < predictions.id.size(); ++i) EXPECT_EQ(answers.at(predictions.id[i]).at("label"), predictions.prediction[i]) << predictions.id[i];
  }

  TemporaryFolder folder;
};

TEST_F(LoraStudy, IsRunSavedAsAdaptersGoneOnFromAndExported) {
  write_experiment("adapters", "checkpoint = \"base-model\"\n", R"(
[[strategy]]
plugin = "supervised"
name = "lora"
tune = "lora"
lora = { r = [2, 4] }
[[strategy]]
plugin = "rag"
corpus = "docs.jsonl"
k = 1
from = "lora"
[[strategy]]
plugin = "supervised"
name = "whole"
from_best = "lora"
[[strategy]]
plugin = "supervised"
name = "again"
tune = "lora"
from_best = "lora"
[[strategy]]
plugin = "supervised"
name = "bitfit"
tune = "bitfit"
)");
  succeed("run adapters.toml");
  const record::StudySummary summary = record::read_summary(folder / "results/adapters/study.h5");
  std::map<std::string, std::int64_t> kept;  // the trial of each strategy whose checkpoint is there
  for (const auto& t : summary.trials) {
    EXPECT_EQ(t.status, "complete") << t.strategy << ": " << t.error;
    if (fs::exists(trial(t.number) / "checkpoint")) kept[t.strategy] = t.number;
  }
  ASSERT_EQ(summary.trials.size(), 7u);
  ASSERT_EQ(kept.size(), 5u);
  EXPECT_LT(read(1).cost->trainable_parameters, read(2).cost->trainable_parameters);
  EXPECT_NE(read(1).objective, read(2).objective);

  // Adapters over the checkpoint that the experiment names; over weights that a trial changed, the whole model.
  const fs::path model = trial(kept.at("lora")) / "checkpoint/model";
  EXPECT_FALSE(fs::exists(model / "model.safetensors"));
  EXPECT_TRUE(fs::exists(model / "adapter_model.safetensors"));
  EXPECT_TRUE(fs::exists(model / "tokenizer.json"));
  const Json config = Json::parse(folder.read(fs::relative(model / "adapter_config.json", folder.path())));
  EXPECT_TRUE(fs::path(config.at("base_model_name_or_path").get<std::string>()).is_absolute());
  EXPECT_TRUE(fs::equivalent(config.at("base_model_name_or_path").get<std::string>(), folder / "base-model"));
  for (const char* strategy : {"whole", "again", "bitfit"}) {
    EXPECT_TRUE(fs::exists(trial(kept.at(strategy)) / "checkpoint/model/model.safetensors")) << strategy;
    EXPECT_FALSE(fs::exists(trial(kept.at(strategy)) / "checkpoint/model/adapter_config.json")) << strategy;
  }

  // What goes on from adapters begins where they ended.
  const double ended = read(kept.at("lora")).evaluation->find("validation_loss")->values.back();
  for (const char* strategy : {"whole", "again"}) EXPECT_NEAR(read(kept.at(strategy)).evaluation->find("validation_loss")->values.front(), ended, 1e-5) << strategy;

  for (const auto& [strategy, number] : kept) {
    const std::string one = " --trial " + std::to_string(number);
    const Answers answers = predicted("results/adapters" + one);
    expect_as_recorded(answers, number);
    succeed("export results/adapters " + strategy + one);
    const ProgramResult merging = succeed("export results/adapters " + strategy + "-merged --merge" + one);
    const bool is_adapter = strategy == "lora" || strategy == "rag";
    EXPECT_EQ(merging.err.find("has no adapters") == std::string::npos, is_adapter) << strategy;
    EXPECT_EQ(fs::exists(folder / (strategy + "/adapter_model.safetensors")), is_adapter) << strategy;
    EXPECT_FALSE(fs::exists(folder / (strategy + "-merged/adapter_config.json"))) << strategy;
    EXPECT_TRUE(fs::exists(folder / (strategy + "-merged/model.safetensors"))) << strategy;
    EXPECT_EQ(fs::exists(folder / (strategy + "-merged/temper/strategy/passages.jsonl")), strategy == "rag");
    expect_alike(answers, predicted("--model " + strategy), 1e-6);
    expect_alike(answers, predicted("--model " + strategy + "-merged"), 1e-5);
  }
}

TEST_F(LoraStudy, ItsAdaptersAreACheckpointAndFindTheirBaseWhereItIsSaid) {
  write_experiment("adapters", "checkpoint = \"base-model\"\n", "[[strategy]]\nplugin = \"supervised\"\ntune = \"lora\"\n");
  succeed("run adapters.toml");
  succeed("export results/adapters lora");
  const Answers answers = predicted("--model lora");
  const auto differs_from_base = [&] {
    for (const auto& [id, answer] : predicted("--model base-model")) {
      if (std::abs(answer.at("logits").at(0).get<double>() - answers.at(id).at("logits").at(0).get<double>()) > 1e-3) return true;
    }
    return false;
  };
  EXPECT_TRUE(differs_from_base());

  write_experiment("on", "checkpoint = \"lora\"\n", "[[strategy]]\nplugin = \"supervised\"\ntune = \"head\"\n[[strategy]]\nplugin = \"supervised\"\nname = \"more\"\ntune = \"lora\"\n");
  succeed("run on.toml");
  const double ended = read(1).evaluation->find("validation_loss")->values.back();
  for (const int number : {1, 2}) EXPECT_NEAR(read(number, "on").evaluation->find("validation_loss")->values.front(), ended, 1e-5);
  EXPECT_NE(succeed("run on.toml").err.find("2 of 2 trials are done already"), std::string::npos);
  EXPECT_TRUE(fs::exists(trial(2, "on") / "checkpoint/model/model.safetensors"));

  fs::rename(folder / "base-model", folder / "moved");
  const ProgramResult lost = run_temper("predict --model lora --input test.jsonl", folder.path());
  EXPECT_NE(lost.status, 0);
  EXPECT_NE(lost.err.find("--base"), std::string::npos) << lost.err;
  expect_alike(answers, predicted("--model lora --base moved"), 1e-6);
  folder.write("pairs.jsonl", "{\"context\": \"a fine\", \"continuation\": \" day\"}\n");
  const ProgramResult scored = succeed("score --model lora --base moved --input pairs.jsonl");
  EXPECT_TRUE(std::isfinite(Json::parse(scored.out).at("logprob").get<double>()));
  EXPECT_NE(run_temper("predict --model moved --base lora --input test.jsonl", folder.path()).status, 0);
}

}  // namespace
}  // namespace temper::testing
