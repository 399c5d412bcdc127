// Every task from a TOML file to answers: a small study on random weights, its record, the same answers from `temper predict`, and the
// folder that `temper export` writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "launch/study_folder.h"
#include "record/trial_record.h"
#include "support/run_program.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBert = R"(plugin = "bert"
tokenizer = "wordpiece"
config = { vocab_size = 40, hidden_size = 32, num_hidden_layers = 2, num_attention_heads = 2, intermediate_size = 64, max_position_embeddings = 48, initializer_range = 0.1 }
)";
constexpr const char* kGpt2 = R"(plugin = "gpt2"
tokenizer = "bytes"
config = { vocab_size = 260, n_positions = 64, n_embd = 32, n_layer = 2, n_head = 2, initializer_range = 0.1 }
)";

class TaskStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const char* word : {"a", "b", "c", "d", "red", "blue", "tree", "lake", "anna", "rome", "met", "in", "who", "where", "not", "un", "##do", ".", "?"}) vocabulary += std::string(word) + "\n";
    fs::create_directory(folder.path() / "wordpiece");
    folder.write("wordpiece/vocab.txt", vocabulary);
    fs::create_directory(folder.path() / "bytes");
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
    fs::remove_all(folder / "exported/temper");
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

const char* word(int i) {
  const char* words[] = {"a", "b", "c", "d", "tree", "lake"};
  return words[i % 6];
}

TEST_F(TaskStudy, TagsWordsOfSeveralPieces) {
  write_rows([](int i) {
    const bool has_place = i % 2 == 0;
    return Json{{"tokens", {"undo", i % 3 == 0 ? "anna" : "met", "in", has_place ? "rome" : word(i), "undo"}},
                {"tags", {"O", i % 3 == 0 ? "B-per" : "O", "O", has_place ? "B-loc" : "O", "O"}}};
  });
  const record::TrialRecord trial = run("token_classification", kBert);
  expect_learned(trial);
  EXPECT_EQ(trial.test->predictions.prediction, trial.test->predictions.reference);
  expect_same_answers(trial, "tags");
  const Json config = exported_config();
  EXPECT_EQ(config.at("architectures"), Json({"BertForTokenClassification"}));
  EXPECT_EQ(config.at("id2label").at("0"), "B-loc");
  expect_model_folder_answers("tags");
}

TEST_F(TaskStudy, FindsSpansInContextsThatAreReadInWindows) {
  write_rows([](int i) {
    std::string context = "anna met";
    for (int k = 0; k < 4 + i % 9; ++k) context += std::string(" ") + word(i * 5 + k);
    const int begin = static_cast<int>(context.size()) + 4;
    context += " in rome a b c d";
    return Json{{"question", i % 2 == 0 ? "where ?" : "who ?"}, {"context", context},
                {"answers", {{"text", {i % 2 == 0 ? "rome" : "anna"}}, {"answer_start", {i % 2 == 0 ? begin : 0}}}}};
  });
  const record::TrialRecord trial = run("question_answering", kBert, "max_length = 16\ndoc_stride = 4\nepochs = 12\n");
  expect_learned(trial);
  expect_same_answers(trial, "spans");
  EXPECT_EQ(exported_config().at("architectures"), Json({"BertForQuestionAnswering"}));
  expect_model_folder_answers("spans");
}

TEST_F(TaskStudy, AnswersNothingWhereTrainHasQuestionsWithoutAnswer) {
  write_rows([](int i) {
    const bool has_answer = i % 2 == 0;
    Json answers = {{"text", Json::array()}, {"answer_start", Json::array()}};
    if (has_answer) answers = {{"text", {"rome"}}, {"answer_start", {12}}};
    return Json{{"question", "where ?"}, {"context", has_answer ? "anna met in rome" : std::string("anna met ") + word(i)}, {"answers", answers}};
  });
  const record::TrialRecord trial = run("question_answering", kBert, "epochs = 12\n");
  const record::Predictions& answers = trial.test->predictions;
  EXPECT_NE(std::find(answers.prediction.begin(), answers.prediction.end(), "[]"), answers.prediction.end());
  expect_same_answers(trial, "spans");
}

TEST_F(TaskStudy, MeasuresPairs) {
  write_rows([](int i) { return Json{{"text", word(i)}, {"text_pair", i % 2 == 0 ? word(i) : "red"}, {"score", i % 2 == 0 ? 4.5 : 1.0}}; });
  const record::TrialRecord trial = run("regression", kBert, "epochs = 24\n");
  expect_learned(trial);
  for (std::size_t i = 0; i < trial.test->predictions.id.size(); ++i) {
    EXPECT_NEAR(std::stod(trial.test->predictions.prediction[i]), std::stod(trial.test->predictions.reference[i]), 1.5);
  }
  expect_same_answers(trial, "score");
  const Json config = exported_config();
  EXPECT_EQ(config.at("problem_type"), "regression");
  EXPECT_EQ(config.at("id2label").size(), 1u);
  expect_model_folder_answers("score");
}

TEST_F(TaskStudy, GivesSeveralLabels) {
  write_rows([](int i) {
    Json labels = Json::array();
    if (i % 2 == 0) labels.push_back("colour");
    if (i % 3 == 0) labels.push_back("nature");
    return Json{{"text", std::string(i % 2 == 0 ? "red" : "not") + (i % 3 == 0 ? " tree" : " a")}, {"labels", labels}};
  });
  const record::TrialRecord trial = run("multi_label", kBert, "epochs = 24\n");
  expect_learned(trial);
  EXPECT_EQ(trial.test->predictions.prediction, trial.test->predictions.reference);
  expect_same_answers(trial, "labels");
  EXPECT_EQ(exported_config().at("problem_type"), "multi_label_classification");
  expect_model_folder_answers("labels");
}

TEST_F(TaskStudy, ClassifiesPairs) {
  write_rows([](int i) { return Json{{"text", word(i)}, {"text_pair", i % 2 == 0 ? "red" : "blue"}, {"label", i % 2 == 0 ? "same" : "other"}}; });
  const record::TrialRecord trial = run("classification", kBert);
  EXPECT_EQ(trial.test->predictions.prediction, trial.test->predictions.reference);
  expect_same_answers(trial, "label");
}

std::string sentence(int i) { return std::string("red tree ") + word(i) + " lake " + word(i + 1) + " red tree " + word(i); }

TEST_F(TaskStudy, ModelsLanguageInBlocksAndScoresWholeTexts) {
  write_rows([](int i) { return Json{{"text", sentence(i)}}; });
  const record::TrialRecord trial = run("language_modeling", kGpt2, "max_length = 24\n");
  expect_learned(trial);
  const double perplexity = metric(trial, "perplexity");
  EXPECT_GT(perplexity, 1);
  EXPECT_LT(perplexity, 30);  // 260 were it at chance
  const ProgramResult result = run_shell("'" + temper_program() + "' predict results/study < test.jsonl", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  double nats = 0, tokens = 0;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    nats += Json::parse(line).at("nll").get<double>();
    tokens += Json::parse(line).at("nll_tokens").get<double>();
  }
  EXPECT_NEAR(std::exp(nats / tokens), perplexity, 1e-4 * perplexity);
  EXPECT_EQ(exported_config().at("architectures"), Json({"GPT2LMHeadModel"}));
}

TEST_F(TaskStudy, ModelsLanguageByMaskedTokens) {
  write_rows([](int i) { return Json{{"text", sentence(i)}}; });
  expect_learned(run("language_modeling", kBert, "epochs = 12\n"));
  EXPECT_EQ(exported_config().at("architectures"), Json({"BertForMaskedLM"}));
}

TEST_F(TaskStudy, LearnsToWriteAnswers) {
  write_rows([](int i) { return Json{{"prompt", std::string("say ") + word(i)}, {"completion", word(i)}}; });
  const record::TrialRecord trial = run("generation", kGpt2, "epochs = 20\n", "[[strategy]]\nplugin = \"supervised\"\n[strategy.generation]\nmax_new_tokens = 8\n");
  expect_learned(trial);
}

TEST_F(TaskStudy, EndsAnswersWithTheTokenThatGenerationStopsAt) {
  write_rows([](int i) { return Json{{"prompt", std::string("say ") + word(i)}, {"completion", word(i)}}; });
  std::string model = kGpt2;
  model.insert(model.find("vocab_size"), "eos_token_id = 7, ");  // not the tokenizer's
  const record::TrialRecord trial = run("generation", model.c_str(), "epochs = 20\n", "[[strategy]]\nplugin = \"supervised\"\n[strategy.generation]\nmax_new_tokens = 12\n");
  expect_learned(trial);
  for (const std::string& finish : trial.test->predictions.written.finish) EXPECT_EQ(finish, "stop_token");
}

TEST_F(TaskStudy, GoesOnWithPretrainingBeforeItLearnsTheTask) {
  write_rows([](int i) { return Json{{"text", std::string(i % 2 == 0 ? "red " : "blue ") + word(i)}, {"label", i % 2 == 0 ? "warm" : "cold"}}; });
  std::string domain, general;
  for (int i = 0; i < 60; ++i) domain += sentence(i) + "\n";
  for (int i = 0; i < 20; ++i) general += "anna met anna in rome . who ? anna .\n";
  folder.write("domain.txt", domain);
  folder.write("general.txt", general);
  for (const char* model : {kBert, kGpt2}) {
    fs::remove_all(folder / "results");
    const record::TrialRecord trial = run("classification", model, {}, R"(
[[strategy]]
plugin = "domain_adaptive"
corpus = "domain.txt"
general = "general.txt"
documents = "lines"
pretraining = { epochs = 4, max_length = 24 }
then = "full"
[[strategy]]
plugin = "domain_adaptive"
name = "alone"
corpus = "domain.txt"
tune = "lora"
pretraining = { max_steps = 3 }
[[strategy]]
plugin = "supervised"
name = "after"
from = "alone"
)");
    const auto* forgetting = trial.evaluation->find("forgetting_loss");
    ASSERT_TRUE(forgetting);
    EXPECT_TRUE(std::isfinite(forgetting->values.front()));
    EXPECT_TRUE(std::isnan(forgetting->values.back()));  // the second phase has a classifier's head
    EXPECT_EQ(trial.evaluation->phase.back(), 1);
    EXPECT_EQ(trial.test->predictions.prediction, trial.test->predictions.reference);
    expect_same_answers(trial, "label");
    const record::TrialRecord after = record::read_trial(launch::trial_folder(folder / "results/study", 3) / "trial.h5");
    EXPECT_EQ(after.status, "complete");
  }
}

}  // namespace
}  // namespace temper::testing
