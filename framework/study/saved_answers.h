// Who answers without a trial that runs: a saved trial's strategy over its model, or the head of a model folder.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "inference/classify.h"
#include "study/answering.h"
#include "study/model_place.h"
#include "study/trial_files.h"
#include "study/trial_inputs.h"
#include "study/trial_model.h"

namespace temper::study {

class SavedAnswers final : public ModelSource {
 public:
  SavedAnswers(const registry::Registry& registry, const inference::ClassifyOptions& options) : registry_(registry), options_(options), inputs_(registry) {}

  // A trial's checkpoint, with those that it goes on from.
  void open_checkpoint(const std::filesystem::path& checkpoint);
  // A Hugging Face folder of a classifier; or one that `temper export` wrote, with what its strategy keeps. Throws Error when the folder
  // has no trained classifier. A folder of adapters opens over its base, or over `base`.
  void open_model(const std::filesystem::path& folder, const std::filesystem::path& base = {});

  const TaskInfo& task() const { return saved_.task; }
  std::vector<Prediction> answer(std::span<const Item> items);
  // Of a folder of adapters without a head: the parameters of its base's. Empty until the model was opened.
  std::vector<std::string> head_of_base() const { return model_ ? model_->loaded.head_of_base : std::vector<std::string>(); }
  std::int64_t max_length() const { return model_ ? model_->max_length : 0; }  // tokens; 0 until the model was opened

  TrialModel& model(HeadKind head) override;
  TrialModel& any_model() override { return model_ ? *model_ : model(nn::head_kind(saved_.task.task)); }
  bool head_is_trained() const override { return place_.head_is_trained; }
  std::string weights_key() const override { return to_json(place_.table) + std::to_string(place_.seed); }

 private:
  void begin();

  const registry::Registry& registry_;
  inference::ClassifyOptions options_;
  TrialInputs inputs_;
  SavedTrial saved_;
  ModelPlace place_;
  std::vector<std::unique_ptr<Strategy>> strategies_;  // the bases', then the trial's own; none for a model folder
  std::optional<TrialModel> model_;
  std::optional<Answering> answering_;
};

}  // namespace temper::study
