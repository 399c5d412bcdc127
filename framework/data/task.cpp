// The names of the tasks, as experiment files write them.
#include <temper/task.h>

#include <array>

#include <temper/error.h>

namespace temper {

namespace {

struct Named {
  Task task;
  std::string_view name;
};

constexpr std::array<Named, 7> kTasks = {{{Task::kClassification, "classification"},
                                          {Task::kMultiLabel, "multi_label"},
                                          {Task::kRegression, "regression"},
                                          {Task::kTokenClassification, "token_classification"},
                                          {Task::kQuestionAnswering, "question_answering"},
                                          {Task::kGeneration, "generation"},
                                          {Task::kLanguageModeling, "language_modeling"}}};

}  // namespace

std::string_view to_string(Task task) {
  for (const Named& known : kTasks)
    if (known.task == task) return known.name;
  return "unknown";
}

Task task_from_string(std::string_view name) {
  std::vector<std::string> names;
  for (const Named& known : kTasks) {
    if (known.name == name) return known.task;
    names.emplace_back(known.name);
  }
  std::string remedy = did_you_mean(name, names);
  if (!remedy.empty()) remedy += ' ';
  remedy += "tasks are";
  for (const std::string& known : names) remedy += (known == names.front() ? " " : ", ") + known;
  throw Error("there is no task \"" + std::string(name) + "\"", remedy);
}

}  // namespace temper
