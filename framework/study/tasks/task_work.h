// What is particular about a task once its items are encoded: what is learned, and what logits answer. A task is a file here, and its
// encoder in data/ (encode_tags.cpp, encode_spans.cpp, ...).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <temper/item.h>
#include <temper/task.h>
#include <temper/training_options.h>

#include "data/encode_items.h"
#include "training/evaluate.h"
#include "training/objectives.h"

namespace temper {
class HeadedModel;
}

namespace temper::study {

struct TrialModel;

// What a model said of one item: of each of its examples, in their order.
struct ItemLogits {
  std::span<const Example> examples;
  std::span<const data::Reading> readings;          // none where the task needs none
  std::span<const std::vector<float>> logits;       // the rows of an example one after another
  double nll = 0;                                   // of the item's targets, summed
  std::int64_t nll_tokens = 0;                      // targets in it; 0 where there were none
};

class TaskWork {
 public:
  virtual ~TaskWork() = default;
  // The answer. Its id and nll are set by the caller.
  virtual Prediction answer(const Item& item, const ItemLogits& said) const = 0;
  // Whether `answer` says what the task's metrics ask for. False for generation: a text must be written first.
  virtual bool answers() const { return true; }
};

std::unique_ptr<TaskWork> task_work(const TaskInfo& task, const TrainingOptions& options);

// The works of single tasks.
std::unique_ptr<TaskWork> classification(const TaskInfo& task);
std::unique_ptr<TaskWork> multi_label(const TaskInfo& task);
std::unique_ptr<TaskWork> regression();
std::unique_ptr<TaskWork> token_classification(const TaskInfo& task);
std::unique_ptr<TaskWork> question_answering(const TaskInfo& task, const TrainingOptions& options);
std::unique_ptr<TaskWork> language_modeling();
std::unique_ptr<TaskWork> generation();

data::EncodeSettings encode_settings(const TaskInfo& task, const TrialModel& model, const TrainingOptions& options, data::EncodeFor purpose);
// What the model learns of the task; `tokenizer` may be null where nothing is masked.
std::unique_ptr<temper::Objective> task_objective(const TaskInfo& task, TrialModel& model, const Tokenizer* tokenizer, std::vector<double> class_weights = {});
// The classes of the model's head: the task's labels, but for tasks whose head has a width of its own.
std::vector<std::string> head_labels(const TaskInfo& task);
// What transformers calls the task of a sequence classifier: "regression", ...; empty for other tasks.
std::string problem_type(Task task);

// The answers to evaluated rows of a split, in their order: `items` holds the item of each row.
std::vector<Prediction> answers(const TaskWork& work, std::span<const Item> items, const data::EncodedSplit& encoded, const training::Evaluation& evaluation);

}  // namespace temper::study
