// Models of every task that temper exports are transformers' own classes, with the same logits and the same answers.
#include <cstdlib>

#include "support/task_study.h"

namespace temper::testing {
namespace {

class TaskExports : public TaskStudy {
 protected:
  void SetUp() override {
    const char* python = std::getenv("TEMPER_PYTHON");
    if (!python || run_shell(std::string(python) + " -c 'import transformers'").status != 0) {
      GTEST_SKIP() << "TEMPER_PYTHON names no python with transformers (scripts/setup --tests makes one)";
    }
    python_ = python;
    TaskStudy::SetUp();
  }

  // Trains, exports, answers test.jsonl with the exported folder, and has transformers do the same.
  void expect_same_in_transformers(const std::string& task, const char* model, const std::string& training = {}) {
    run(task, model, training);
    ProgramResult result = run_shell("'" + temper_program() + "' export results/study exported && '" + temper_program() + "' predict --model exported --logits < test.jsonl > answers.jsonl", folder.path());
    ASSERT_EQ(result.status, 0) << result.all();
    result = run_shell("'" + python_ + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/load_exported_tasks.py' " + task + " exported test.jsonl answers.jsonl", folder.path());
    EXPECT_EQ(result.status, 0) << result.all();
  }

  std::string python_;
};

TEST_F(TaskExports, TokenClassification) {
  write_rows([](int i) {
    return Json{{"tokens", {"undo", i % 3 == 0 ? "anna" : "met", "in", i % 2 == 0 ? "rome" : word(i), "undo"}},
                {"tags", {"O", i % 3 == 0 ? "B-per" : "O", "O", i % 2 == 0 ? "B-loc" : "O", "O"}}};
  });
  expect_same_in_transformers("token_classification", kBert);
}

TEST_F(TaskExports, QuestionAnswering) {
  write_rows([](int i) {
    std::string context = "anna met";
    for (int k = 0; k < 2 + i % 5; ++k) context += std::string(" ") + word(i * 5 + k);
    const int begin = static_cast<int>(context.size()) + 4;
    context += " in rome a b c d";
    return Json{{"question", i % 2 == 0 ? "where ?" : "who ?"}, {"context", context}, {"answers", {{"text", {i % 2 == 0 ? "rome" : "anna"}}, {"answer_start", {i % 2 == 0 ? begin : 0}}}}};
  });
  expect_same_in_transformers("question_answering", kBert, "epochs = 12\n");
}

TEST_F(TaskExports, Regression) {
  write_rows([](int i) { return Json{{"text", word(i)}, {"text_pair", i % 2 == 0 ? word(i) : "red"}, {"score", i % 2 == 0 ? 4.5 : 1.0}}; });
  expect_same_in_transformers("regression", kBert);
}

TEST_F(TaskExports, MultiLabel) {
  write_rows([](int i) {
    Json labels = Json::array();
    if (i % 2 == 0) labels.push_back("colour");
    if (i % 3 == 0) labels.push_back("nature");
    return Json{{"text", std::string(i % 2 == 0 ? "red" : "not") + (i % 3 == 0 ? " tree" : " a")}, {"labels", labels}};
  });
  expect_same_in_transformers("multi_label", kBert);
}

// A decoder's heads too: they pool otherwise.
TEST_F(TaskExports, MultiLabelOfADecoder) {
  write_rows([](int i) {
    Json labels = Json::array();
    if (i % 2 == 0) labels.push_back("colour");
    return Json{{"text", std::string(i % 2 == 0 ? "red" : "not") + (i % 3 == 0 ? " tree" : " a")}, {"labels", i % 3 == 0 ? Json::array({"nature"}) : labels}};
  });
  expect_same_in_transformers("multi_label", kGpt2);
}

// Half of the words are random, half always the same: what was learned of them, transformers must find.
TEST_F(TaskExports, MaskedLanguageModeling) {
  write_rows([](int i) { return Json{{"text", std::string("red tree ") + word(i) + " lake " + word(i / 6)}}; });
  run("language_modeling", kBert, "epochs = 60\n");
  ProgramResult result = run_temper("export results/study exported", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  result = run_shell("'" + python_ + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/load_exported_tasks.py' masked exported test.jsonl", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
}

TEST_F(TaskExports, CausalLanguageModeling) {
  write_rows([](int i) { return Json{{"text", std::string("red tree ") + word(i) + " lake " + word(i / 6)}}; });
  run("language_modeling", kGpt2, "epochs = 3\n");
  ProgramResult result = run_shell("'" + temper_program() + "' export results/study exported && '" + temper_program() + "' predict results/study < test.jsonl > answers.jsonl", folder.path());
  ASSERT_EQ(result.status, 0) << result.all();
  result = run_shell("'" + python_ + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/load_exported_tasks.py' causal exported test.jsonl answers.jsonl", folder.path());
  EXPECT_EQ(result.status, 0) << result.all();
}

}  // namespace
}  // namespace temper::testing
