// The tasks that temper knows, and what is fixed about one once its data was read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace temper {

enum class Task {
  kClassification,       // one label per item
  kMultiLabel,           // any number of labels per item
  kRegression,           // a number per item
  kTokenClassification,  // a tag per token
  kQuestionAnswering,    // a span of a given context
  kGeneration,           // free text
  kLanguageModeling,     // the text itself
};

std::string_view to_string(Task task);   // "classification", "multi_label", ...
Task task_from_string(std::string_view name);  // throws Error with the list of tasks

struct TaskInfo {
  Task task = Task::kClassification;
  std::vector<std::string> labels;  // names in the order of the model's classes; empty where the task has none
  bool has_no_answer = false;       // question answering: some train items have no answer, so that none is an answer too
};

}  // namespace temper
