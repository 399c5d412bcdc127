// Names of tasks, and targets from the text of a cell.
#include <temper/task.h>

#include <gtest/gtest.h>

#include <temper/targets.h>

#include "support/message_of.h"

namespace temper {
namespace {

using testing::message_of;

TEST(Task, IsReadByTheNameItIsWrittenWith) {
  for (const Task task : {Task::kClassification, Task::kMultiLabel, Task::kRegression, Task::kTokenClassification, Task::kQuestionAnswering, Task::kGeneration, Task::kLanguageModeling})
    EXPECT_EQ(task_from_string(to_string(task)), task);
}

TEST(Task, ThatDoesNotExistIsAnErrorThatListsThem) {
  EXPECT_EQ(message_of([] { task_from_string("clasification"); }),
            "there is no task \"clasification\"\n    did you mean \"classification\"? tasks are classification, multi_label, regression, token_classification, "
            "question_answering, generation, language_modeling");
}

TEST(TargetFromText, ReadsLabelsNumbersAndTexts) {
  std::string problem;
  EXPECT_EQ(std::get<Label>(*target_from_text(Task::kClassification, " good ", problem)).name, " good ");
  EXPECT_EQ(std::get<Score>(*target_from_text(Task::kRegression, "-2.5e1", problem)).value, -25);
  EXPECT_EQ(std::get<Text>(*target_from_text(Task::kGeneration, "yes", problem)).text, "yes");
  EXPECT_EQ(problem, "");
}

TEST(TargetFromText, TellsWhyATextIsNone) {
  std::string problem;
  EXPECT_FALSE(target_from_text(Task::kClassification, "", problem));
  EXPECT_EQ(problem, "is empty, expected a label");
  for (const char* text : {"", "1,5", "3 apples", "inf", "nan"}) {
    EXPECT_FALSE(target_from_text(Task::kRegression, text, problem)) << text;
    EXPECT_EQ(problem, "is \"" + std::string(text) + "\", expected a number");
  }
}

TEST(TargetFromText, IsAnErrorForATaskWhoseTargetsFitNoCell) {
  std::string problem;
  EXPECT_EQ(message_of([&] { target_from_text(Task::kTokenClassification, "O", problem); }),
            "one column cannot hold the targets of the task token_classification\n    take a dataset plugin made for that task");
}

}  // namespace
}  // namespace temper
