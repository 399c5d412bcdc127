// Which work belongs to which task, and what they have in common.
#include "study/tasks/task_work.h"

#include <algorithm>
#include <numeric>

#include <temper/error.h>

#include "data/stop_tokens.h"
#include "study/trial_model.h"

namespace temper::study {

std::unique_ptr<TaskWork> task_work(const TaskInfo& task, const TrainingOptions& options) {
  switch (task.task) {
    case Task::kClassification: return classification(task);
    case Task::kMultiLabel: return multi_label(task);
    case Task::kRegression: return regression();
    case Task::kTokenClassification: return token_classification(task);
    case Task::kQuestionAnswering: return question_answering(task, options);
    case Task::kGeneration: return generation();
    case Task::kLanguageModeling: return language_modeling();
  }
  throw Error("the task " + std::string(to_string(task.task)) + " cannot be answered");
}

data::EncodeSettings encode_settings(const TaskInfo& task, const TrialModel& model, const TrainingOptions& options, data::EncodeFor purpose) {
  constexpr std::int64_t kWindow = 384;  // of question answering, as transformers' run_qa has it
  data::EncodeSettings settings;
  settings.max_length = model.max_length;
  if (task.task == Task::kQuestionAnswering && options.max_length == 0) settings.max_length = std::min(model.max_length, kWindow);
  settings.vocabulary = model.vocabulary;
  settings.doc_stride = options.doc_stride;
  settings.completion_only_loss = options.completion_only_loss;
  // What generation stops at is what training must end answers with.
  const std::vector<std::int32_t> ends = data::stop_tokens(model.loaded.generation_config, model.loaded.config, nullptr);
  if (task.task == Task::kGeneration && !ends.empty() && ends.front() < model.vocabulary) settings.end_token = ends.front();
  settings.packing = options.packing == "concatenated" ? data::Packing::kConcatenated : data::Packing::kDocuments;
  settings.masked = model.loaded.model.head().kind == HeadKind::kMaskedLanguageModeling;
  settings.purpose = purpose;
  return settings;
}

std::unique_ptr<temper::Objective> task_objective(const TaskInfo& task, TrialModel& model, const Tokenizer* tokenizer, std::vector<double> class_weights) {
  training::ObjectiveSettings settings;
  settings.class_weights = std::move(class_weights);
  settings.vocabulary = model.vocabulary;
  if (tokenizer) settings.mask_id = tokenizer->special_ids().mask;
  return training::make_objective(task.task, model.loaded.model.head().kind, settings);
}

std::vector<std::string> head_labels(const TaskInfo& task) {
  if (task.task == Task::kRegression) return {"LABEL_0"};
  return task.labels;
}

std::string problem_type(Task task) {
  if (task == Task::kClassification) return "single_label_classification";
  if (task == Task::kMultiLabel) return "multi_label_classification";
  return task == Task::kRegression ? "regression" : "";
}

std::vector<Prediction> answers(const TaskWork& work, std::span<const Item> items, const data::EncodedSplit& encoded, const training::Evaluation& evaluation) {
  std::vector<Prediction> predictions;
  for (std::size_t row = 0; row < items.size(); ++row) {
    const std::size_t begin = encoded.first.at(row), count = encoded.first.at(row + 1) - begin;
    ItemLogits said;
    said.examples = std::span(encoded.examples).subspan(begin, count);
    if (!encoded.readings.empty()) said.readings = std::span(encoded.readings).subspan(begin, count);
    if (!evaluation.logits.empty()) said.logits = std::span(evaluation.logits).subspan(begin, count);
    for (std::size_t e = begin; e < begin + count; ++e) {
      said.nll += evaluation.losses[e];
      said.nll_tokens += evaluation.counts[e];
    }
    Prediction& prediction = predictions.emplace_back(work.answer(items[row], said));
    prediction.id = items[row].id;
  }
  return predictions;
}

}  // namespace temper::study
