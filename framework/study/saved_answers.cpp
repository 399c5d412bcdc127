// See saved_answers.h.
#include "study/saved_answers.h"

#include <algorithm>

#include <temper/error.h>

#include "data/adapter_folder.h"
#include "data/model_folder.h"
#include "study/tasks/task_work.h"

namespace temper::study {

namespace fs = std::filesystem;

namespace {

// By what config.json says that the model was saved as; a classifier where it says nothing.
TaskInfo task_of(const data::ModelFolder& folder) {
  const auto is = [&](const char* end) {
    const Value* names = folder.config.is_table() ? folder.config.find("architectures") : nullptr;
    return names && names->is_array() && !names->as_array().empty() && names->as_array().front().is_string() && names->as_array().front().as_string().ends_with(end);
  };
  if (is("ForTokenClassification")) return {Task::kTokenClassification, folder.labels};
  if (is("ForQuestionAnswering")) return {Task::kQuestionAnswering, {}};
  const Value* problem = folder.config.is_table() ? folder.config.find("problem_type") : nullptr;
  const std::string said = problem && problem->is_string() ? problem->as_string() : std::string();
  if (said == problem_type(Task::kMultiLabel)) return {Task::kMultiLabel, folder.labels};
  if (said == problem_type(Task::kRegression) || folder.labels.size() == 1) return {Task::kRegression, {}};
  return {Task::kClassification, folder.labels};
}

// Whether config.json, or of adapters their own config, says that the model was saved to continue texts.
bool writes_texts(const fs::path& folder, const Value& config) {
  if (data::is_adapter_folder(folder)) return data::adapter_task(folder) == "CAUSAL_LM";
  const Value* architectures = config.is_table() ? config.find("architectures") : nullptr;
  if (!architectures || !architectures->is_array()) return false;
  return std::any_of(architectures->as_array().begin(), architectures->as_array().end(), [](const Value& name) {
    return name.is_string() && (name.as_string().ends_with("ForCausalLM") || name.as_string().ends_with("LMHeadModel"));
  });
}

}  // namespace

void SavedAnswers::open_checkpoint(const fs::path& checkpoint) {
  saved_ = read_trial_file(checkpoint);
  place_ = saved_model_place(checkpoint);
  strategies_ = load_strategies(registry_, checkpoint);
  begin();
}

void SavedAnswers::open_model(const fs::path& folder, const fs::path& base, const WritingOptions& writing) {
  writing_ = writing;
  if (!base.empty() && !data::is_adapter_folder(folder)) throw Error(folder.string() + " is no folder of adapters, it has no base", "leave --base out");
  Value table = Value::Table{{"checkpoint", folder.string()}};
  if (!base.empty()) table.set("base", base.string());
  if (fs::exists(folder / kExportedFolder / kTrialFile)) {
    const fs::path kept = folder / kExportedFolder;
    saved_ = read_trial_file(kept);
    place_ = {std::move(table), 0, saved_.head_is_trained};
    strategies_ = load_strategies(registry_, kept);
    begin();
    return;
  }
  const data::ModelFolder description = data::open_model_folder(folder, base);
  if (writes_texts(folder, description.config)) {
    saved_.task = {Task::kGeneration, {}};
    place_ = {std::move(table), 0, true};
    TrialModel& opened = model(HeadKind::kLanguageModeling);
    if (!opened.loaded.model.model().shape().causal) throw Error(folder.string() + " reads texts in both directions, it cannot continue one");
    if (!opened.loaded.new_parameters.empty()) throw Error(folder.string() + " lacks " + opened.loaded.new_parameters.front() + ", it is no trained language model");
    begin();
    return;
  }
  saved_.task = task_of(description);
  place_ = {std::move(table), 0, true};
  for (const std::string& name : model(nn::head_kind(saved_.task.task)).loaded.new_parameters) {
    throw Error(folder.string() + " has no trained classifier: " + name + " is missing", "fine-tune it first, or give a folder of a classifier");
  }
  begin();
}

void SavedAnswers::begin() {
  OptionsOf<PromptOptions> prompt;
  if (saved_.trial.reads("prompt")) fill(prompt, saved_.trial.table("prompt"));
  std::vector<Strategy*> bases = pointers(strategies_);
  if (!bases.empty()) bases.pop_back();
  answering_.emplace(AnsweringSetup{.registry = registry_, .inputs = inputs_, .source = *this, .task = saved_.task, .prompt = prompt.value, .training = training_options(saved_.trial),
                                    .batch_size = options_.batch_size, .bf16 = options_.bf16, .device = options_.device,
                                    .seed = is_language_model() ? writing_.seed : static_cast<std::uint64_t>(saved_.trial.seed.value_or(0)),
                                    .generated_rows = options_.generated_rows, .strategy = saved_.trial.strategy,
                                    .reads_prompt = strategies_.empty() || saved_.trial.reads("prompt"), .bases = std::move(bases), .answered = options_.answered,
                                    .keep_blanks = is_language_model(), .too_long = options_.too_long});
}

std::vector<Prediction> SavedAnswers::answer(std::span<const Item> items) {
  if (!strategies_.empty()) return strategies_.back()->predict(*answering_, items);
  AnswerOptions answer;
  answer.by = is_language_model() ? AnswerBy::kGeneration : AnswerBy::kHead;
  answer.generation = writing_.generation;
  answer.too_long = TooLong::kError;
  return answering_->answer(items, {}, answer);
}

std::int64_t SavedAnswers::most_tokens() const {
  if (!model_ || options_.too_long == TooLong::kCut) return 0;
  return is_language_model() ? model_->max_length - 1 : strategies_.empty() || head_is_trained() ? model_->max_length : 0;
}

TrialModel& SavedAnswers::model(HeadKind head) {
  if (place_.table.as_table().empty()) throw Error("the strategy asks for a model, the trial has none");
  if (model_ && model_->loaded.model.head().kind != head) throw Error("the strategy asks one model for answers of two kinds: by a head, and by choice");
  if (!model_) {
    const bool is_trial = !strategies_.empty();
    model_.emplace(is_trial ? open_trial_model(registry_, saved_.trial, place_, saved_.task, options_.device, head)
                            : open_trial_model(registry_, place_.table, saved_.task, place_.seed, options_.device, head));
  }
  return *model_;
}

}  // namespace temper::study
