// Who answers without a trial that runs: a saved trial's strategy over its model, or the head of a model folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "study/answering.h"
#include "study/model_place.h"
#include "study/trial_files.h"
#include "study/trial_inputs.h"
#include "study/trial_model.h"

namespace temper::study {

struct SavedAnswersOptions {
  std::int64_t batch_size = 32;
  std::optional<std::int64_t> generated_rows = {};  // texts that are continued at a time; by default what the inference room takes
  bool bf16 = false;
  at::Device device = at::kCPU;
  std::optional<TooLong> too_long = {};                   // by default what the trial's strategy says; for a model folder an error
  std::function<void(std::int64_t)> answered = {};  // told how many further items have their answer; may be empty
};

// How a model folder of a causal language model answers.
struct WritingOptions {
  GenerationOptions generation = {};
  std::uint64_t seed = 0;
};

class SavedAnswers final : public ModelSource {
 public:
  SavedAnswers(const registry::Registry& registry, SavedAnswersOptions options) : registry_(registry), options_(std::move(options)), inputs_(registry) {}

  // A trial's checkpoint, with those that it goes on from.
  void open_checkpoint(const std::filesystem::path& checkpoint);
  // A Hugging Face folder of a classifier or of a causal language model, which then writes on; or one that `temper export` wrote, with what
  // its strategy keeps. Throws Error when the folder has no trained head of either kind. A folder of adapters opens over its base, or over
  // `base`.
  void open_model(const std::filesystem::path& folder, const std::filesystem::path& base = {}, const WritingOptions& writing = {});

  const TaskInfo& task() const { return saved_.task; }
  std::vector<Prediction> answer(std::span<const Item> items);
  // Of a folder of adapters without a head: the parameters of its base's. Empty until the model was opened.
  std::vector<std::string> head_of_base() const { return model_ ? model_->loaded.head_of_base : std::vector<std::string>(); }
  // Whether it is a folder of a language model: no trial says how it answers.
  bool is_language_model() const { return strategies_.empty() && saved_.task.task == Task::kGeneration; }
  // The longest ids that an item may bring; 0 where longer ones are cut, or the model was not opened yet.
  std::int64_t most_tokens() const;
  const Truncation& truncation() const { return answering_->truncation(); }

  TrialModel& model(HeadKind head) override;
  TrialModel& any_model() override { return model_ ? *model_ : model(nn::head_kind(saved_.task.task)); }
  bool head_is_trained() const override { return place_.head_is_trained; }
  std::string weights_key() const override { return to_json(place_.table) + std::to_string(place_.seed); }

 private:
  void begin();

  const registry::Registry& registry_;
  SavedAnswersOptions options_;
  WritingOptions writing_;
  TrialInputs inputs_;
  SavedTrial saved_;
  ModelPlace place_;
  std::vector<std::unique_ptr<Strategy>> strategies_;  // the bases', then the trial's own; none for a model folder
  std::optional<TrialModel> model_;
  std::optional<Answering> answering_;
};

}  // namespace temper::study
