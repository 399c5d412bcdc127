// Small studies of every task on random weights: a tokenizer, rows, an experiment file, its record, and what the programs answer.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "launch/study_folder.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {

inline constexpr const char* kBert = R"(plugin = "bert"
tokenizer = "wordpiece"
config = { vocab_size = 40, hidden_size = 32, num_hidden_layers = 2, num_attention_heads = 2, intermediate_size = 64, max_position_embeddings = 48, initializer_range = 0.1 }
)";
inline constexpr const char* kGpt2 = R"(plugin = "gpt2"
tokenizer = "bytes"
config = { vocab_size = 260, n_positions = 64, n_embd = 32, n_layer = 2, n_head = 2, initializer_range = 0.1 }
)";

class TaskStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const char* word : {"a", "b", "c", "d", "red", "blue", "tree", "lake", "anna", "rome", "met", "in", "who", "where", "not", "un", "##do", ".", "?"}) vocabulary += std::string(word) + "\n";
    std::filesystem::create_directory(folder.path() / "wordpiece");
    folder.write("wordpiece/vocab.txt", vocabulary);
    std::filesystem::create_directory(folder.path() / "bytes");
    folder.write("bytes/tokenizer.json", byte_bpe_json({{"r", "e"}, {"l", "a"}, {" ", "t"}}).dump());
  }

  // Lines of train.jsonl and test.jsonl, by the number of the row.
  template <class Row>
  void write_rows(Row row) const {
    std::string train, test;
    for (int i = 0; i < 48; ++i) train += with_id(row(i), i) + "\n";
    for (int i = 48; i < 58; ++i) test += with_id(row(i), i) + "\n";
    folder.write("train.jsonl", train);
    folder.write("test.jsonl", test);
  }
  static std::string with_id(Json row, int i) {
    row["id"] = "item-" + std::to_string(i);
    return row.dump();
  }

  // Runs it and reads the record of its first trial.
  record::TrialRecord run(const std::string& task, const char* model, const std::string& training = {}, const std::string& strategies = "[[strategy]]\nplugin = \"supervised\"\n",
                          const std::string& top = {}) const {
    folder.write("study.toml", "name = \"study\"\ntask = \"" + task + "\"\nthreads = 1\n" + top + R"(
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
id = "id"
[training]
batch_size = 8
learning_rate = 5e-3
)" + (training.find("epochs") == std::string::npos ? "epochs = 6\n" : "") + training + "[model]\n" + model + strategies);
    const ProgramResult result = run_temper("run study.toml", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    return record::read_trial(launch::trial_folder(folder / "results/study", 1) / "trial.h5");
  }

  static void expect_learned(const record::TrialRecord& trial) {
    ASSERT_TRUE(trial.evaluation);
    const auto* loss = trial.evaluation->find("validation_loss");
    ASSERT_TRUE(loss);
    EXPECT_LT(loss->values.back(), loss->values.front());
  }

  // What `temper predict` says of the test rows under `member`, in the record's words.
  void expect_same_answers(const record::TrialRecord& trial, const std::string& member) const {
    const ProgramResult result = run_shell("'" + temper_program() + "' predict results/study < test.jsonl", folder.path());
    ASSERT_EQ(result.status, 0) << result.all();
    std::istringstream lines(result.out);
    std::map<std::string, Json> answers;
    for (std::string line; std::getline(lines, line);) answers[Json::parse(line).at("id")] = Json::parse(line);
    ASSERT_EQ(trial.test->predictions.id.size(), 10u);
    for (std::size_t i = 0; i < trial.test->predictions.id.size(); ++i) {
      const Json& answer = answers[trial.test->predictions.id[i]].at(member);
      const std::string& recorded = trial.test->predictions.prediction[i];
      if (answer.is_string()) EXPECT_EQ(answer.get<std::string>(), recorded);
      else if (answer.is_number()) EXPECT_NEAR(answer.get<double>(), std::stod(recorded), 1e-5) << trial.test->predictions.id[i];
      else EXPECT_EQ(answer, Json::parse(recorded)) << trial.test->predictions.id[i];
    }
  }

  Json exported_config() const {
    EXPECT_EQ(run_temper("export results/study exported", folder.path()).status, 0);
    std::ifstream file(folder / "exported/config.json");
    return Json::parse(file);
  }
  void expect_model_folder_answers(const std::string& member) const {
    std::filesystem::remove_all(folder / "exported/temper");
    const ProgramResult result = run_shell("'" + temper_program() + "' predict --model exported < test.jsonl", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
    EXPECT_TRUE(Json::parse(result.out.substr(0, result.out.find('\n'))).contains(member)) << result.out;
  }

  static double metric(const record::TrialRecord& trial, const std::string& name) {
    for (const auto& value : trial.test->metrics) {
      if (value.name == name) return value.value;
    }
    ADD_FAILURE() << "no metric " << name;
    return 0;
  }

  TemporaryFolder folder;
};

inline const char* word(int i) {
  const char* words[] = {"a", "b", "c", "d", "tree", "lake"};
  return words[i % 6];
}

}  // namespace temper::testing
