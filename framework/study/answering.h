// What a strategy may ask of the model and of the framework, for a running trial and for a saved one alike.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "study/answer_by_generation.h"
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
  std::uint64_t seed = 0;                           // of what is drawn for an answer
  std::optional<std::int64_t> generated_rows = {};  // texts that are continued at a time
  std::string strategy = {};                        // its name, for what it does wrong
  bool reads_prompt = true;                         // whether it said so
  std::function<void(const std::string&)> warn = {};  // told what a user should know of the answers; may be empty
  std::vector<Strategy*> bases = {};  // of the trials that this one goes on from, the first one first; their blocks stand before its own
  std::function<void(std::int64_t)> answered = {};  // told how many further items have their answer; may be empty
  bool keep_prompts = false;                        // for score_references
  bool keep_blanks = false;                         // at a prompt's end: the model does not write them itself
  std::optional<TooLong> too_long = {};             // instead of what a strategy says
};

// Items that were too long for the model even with nothing before them.
struct Truncation {
  std::int64_t items = 0, dropped_tokens = 0;
  bool at_end = false;  // they lost their last tokens (heads, embeddings), not their first
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

  // Of all answers so far.
  const Truncation& truncation() const { return truncation_; }
  // Adds the likelihoods of references to predictions that were written; leaves others as they are. For the answers since the last call.
  void score_references(std::span<const Targets> targets, std::span<Prediction> predictions);
  // While false, nothing is written: answers by generation are empty, and their references' likelihoods are all that is wanted.
  void write_answers(bool write) { writes_ = write; }

 private:
  AnswerBy answers_by(AnswerBy asked) const;
  std::vector<Prompt> with_bases(std::span<const Item> items, std::span<const Prompt> prompts);
  std::vector<Prediction> by_choice(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options);
  std::vector<Prediction> by_generation(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options);
  void count_truncation(const TrialModel& model, std::int64_t items, std::int64_t dropped_tokens, bool at_end);

  AnsweringSetup setup_;
  PromptFormat format_;
  bool bases_ask_ = false;  // the strategies of trials that this one goes on from: they said what they read there
  Truncation truncation_;
  bool writes_ = true;
  std::map<std::string, ReadPrompt> prompts_;  // by the item's id
  AnswerOptions asked_;                        // with them
};

}  // namespace temper::study
