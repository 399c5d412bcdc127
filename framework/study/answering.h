// What a strategy may ask of the model and of the framework, for a running trial and for a saved one alike.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "study/trial_inputs.h"
#include "study/trial_model.h"

namespace temper::study {

// The model of a trial, opened when it is first asked for.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  // Throws Error when it was opened with another kind of head before, or the trial reads no model.
  virtual TrialModel& model(HeadKind head) = 0;
  // The model as it is, or with the task's head when nobody asked for it yet: for its states.
  virtual TrialModel& any_model() = 0;
  // Whether the trial, or one that it goes on from, has trained the task's head.
  virtual bool head_is_trained() const = 0;
  // Tells one state of the weights from another: what is computed from them is kept under it. Empty: it must not be kept.
  virtual std::string weights_key() const = 0;
  // Keeps states of the model's frozen layers; null: they are computed in every pass.
  virtual inference::FrozenStates* frozen_states() { return nullptr; }
};

struct AnsweringSetup {
  const registry::Registry& registry;
  TrialInputs& inputs;
  ModelSource& source;
  TaskInfo task;
  PromptOptions prompt;
  TrainingOptions training = {};   // how items are read in windows, and answers from them
  std::int64_t batch_size = 32;
  bool bf16 = false;
  at::Device device = at::kCPU;
  int threads = 1;
  std::string strategy = {};   // its name, for what it does wrong
  bool reads_prompt = true;    // whether it said so
  std::function<void(const std::string&)> warn = {};  // told what a user should know of the answers; may be empty
  std::vector<Strategy*> bases = {};  // of the trials that this one goes on from, the first one first; their blocks stand before its own
};

class Answering final : public PredictContext {
 public:
  explicit Answering(AnsweringSetup setup);
  const TaskInfo& task() const override { return setup_.task; }
  // Throws Error where the strategy said that it reads no [prompt]: its trials would be taken for the same whatever [prompt] says.
  const PromptFormat& format() const override;
  bool is_causal() override { return setup_.source.any_model().loaded.model.model().shape().causal; }
  Embeddings embed(std::span<const Item> items, const EmbeddingOptions& options) override;
  std::shared_ptr<const Retriever> index(const PluginChoice& retriever, std::span<const Passage> corpus) override;
  std::vector<Prediction> answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) override;

 private:
  std::vector<Prompt> with_bases(std::span<const Item> items, std::span<const Prompt> prompts);

  AnsweringSetup setup_;
  PromptFormat format_;
  bool bases_ask_ = false;  // the strategies of trials that this one goes on from: they said what they read there
};

}  // namespace temper::study
