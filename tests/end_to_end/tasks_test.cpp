// Every task from a TOML file to answers: a small study on random weights, its record, the same answers from `temper predict`, and the
// folder that `temper export` writes.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "support/task_study.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

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

// Every fourth text is longer than max_length: counted per split, and told by `temper predict`.
TEST_F(TaskStudy, CountsTheRowsThatItsModelReadsAPartOf) {
  write_rows([](int i) {
    const std::string text = std::string(i % 2 == 0 ? "red " : "blue ") + word(i) + (i % 4 == 0 ? " tree lake tree lake tree lake" : "");
    return Json{{"text", text}, {"label", i % 2 == 0 ? "warm" : "cold"}};
  });
  const record::TrialRecord trial = run("classification", kBert, "max_length = 7\nepochs = 1\n");
  ASSERT_TRUE(trial.data);
  const record::DataRecord& data = *trial.data;
  EXPECT_EQ(data.split, (std::vector<std::string>{"train", "validation", "test"}));
  EXPECT_EQ(data.rows_used, (std::vector<std::int64_t>{36, 12, 10}));
  EXPECT_EQ(data.rows_truncated[0] + data.rows_truncated[1], 12);
  EXPECT_EQ(data.rows_truncated[2], 3);  // items 48, 52 and 56
  const ProgramResult result = run_shell("'" + temper_program() + "' predict results/study < test.jsonl", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_NE(result.err.find("3 of 10 lines were too long for the model and lost their last 9 tokens"), std::string::npos) << result.err;  // 8 words and two special tokens are 10
  fs::remove_all(folder / "results");
  const record::TrialRecord whole = run("classification", kBert, "epochs = 2\n");
  EXPECT_EQ(whole.data->rows_truncated, (std::vector<std::int64_t>{0, 0, 0}));
}

// Also where nothing is trained: what the strategy reads of train, the answers to validation for the objective, and those to test.
TEST_F(TaskStudy, CountsTheRowsThatEmbeddingsReadAPartOf) {
  write_rows([](int i) {
    std::string text = i % 2 == 0 ? "red" : "blue";
    for (int k = 0; i % 4 == 0 && k < 50; ++k) text += " tree";
    return Json{{"text", text}, {"label", i % 2 == 0 ? "warm" : "cold"}};
  });
  const record::TrialRecord trial = run("classification", kBert, "epochs = 1\n", "[[strategy]]\nplugin = \"nearest_neighbour\"\n");
  EXPECT_EQ(trial.data->rows_truncated[0] + trial.data->rows_truncated[1], 12);
  EXPECT_GT(trial.data->rows_truncated[1], 0);
  EXPECT_EQ(trial.data->rows_truncated[2], 3);
}

// Weights of labels move the answers of a trial whose labels are rare; evaluations stay as they were, and the options are in its record.
TEST_F(TaskStudy, WeighsLabelsInTrainingAlone) {
  write_rows([](int i) { return Json{{"text", "red tree"}, {"label", i % 8 == 0 ? "rare" : "common"}}; });
  const record::TrialRecord plain = run("classification", kBert, "epochs = 4\n");
  const auto loss_at_start = [](const record::TrialRecord& trial) { return trial.evaluation->find("validation_loss")->values.front(); };
  const auto rare_answers = [](const record::TrialRecord& trial) { return std::count(trial.test->predictions.prediction.begin(), trial.test->predictions.prediction.end(), "rare"); };
  fs::remove_all(folder / "results");
  const record::TrialRecord weighed = run("classification", kBert, "epochs = 4\nclass_weights = { rare = 100 }\n");
  EXPECT_EQ(loss_at_start(weighed), loss_at_start(plain));
  EXPECT_NE(weighed.training->loss.front(), plain.training->loss.front());
  EXPECT_EQ(rare_answers(weighed), 10);
  EXPECT_EQ(rare_answers(plain), 0);
  const auto parameter = [](const record::TrialRecord& trial, const std::string& path) {
    for (const auto& [name, value] : trial.parameters)
      if (name == path) return to_json(value);
    return std::string("none");
  };
  EXPECT_EQ(parameter(plain, "training.class_weights"), "\"none\"");
  EXPECT_EQ(parameter(weighed, "training.class_weights.rare"), "100.0");
  fs::remove_all(folder / "results");
  const record::TrialRecord balanced = run("classification", kBert, "epochs = 4\nclass_weights = \"balanced\"\n");
  EXPECT_NE(balanced.training->loss.front(), plain.training->loss.front());
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
