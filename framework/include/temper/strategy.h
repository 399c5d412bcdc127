// Strategy plugins: ways of making a model answer a task. A strategy decides; the framework trains, batches and scores.
// No torch: what is trained and how is described by plain structs. (Objectives of one's own are in temper/torch/.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <temper/dataset.h>
#include <temper/embeddings.h>
#include <temper/generation_options.h>
#include <temper/lora_options.h>
#include <temper/plugin.h>
#include <temper/prompt.h>
#include <temper/retriever.h>
#include <temper/task.h>

namespace temper {

// Which tables of the experiment a strategy reads and what it needs: axes over other tables make no further trials of it.
struct Needs {
  bool model = true;       // reads [model]
  bool training = false;   // reads [training]
  bool prompt = true;      // reads [prompt]
  bool seed = true;        // its outcome depends on the seed; otherwise it runs once
  bool frozen = false;     // its training leaves the model's first layers as they are: trials over one model can share what these compute
  std::vector<std::string> unread = {};  // options of its own that the others make meaningless, nested ones by path ("lora.r"): their values make no further trials
};

// Which parameters are trained.
enum class TuneMode { kFull, kHead, kLastLayers, kBias, kLora };
struct Tune {
  TuneMode mode = TuneMode::kFull;
  std::int64_t last_layers = 0;  // for kLastLayers: how many blocks, counted from the last; the head and what follows the blocks are trained too
  LoraOptions lora = {};         // for kLora
};

// Plain texts to go on with a model's own pre-training: a causal model learns the next token, any other masked ones.
struct Texts {
  std::vector<std::string> train;
  std::vector<std::string> validation;  // its loss is the phase's validation loss; may be empty
  std::vector<std::string> general;     // texts of another kind: their loss in each evaluation is the curve of what is forgotten; may be empty
};

// What a phase does otherwise than [training] says.
struct PhaseOptions {
  std::optional<double> learning_rate, epochs;
  std::optional<std::int64_t> batch_size, max_steps, max_length;
};

// One phase of training: the framework runs its loop and records its curves.
struct TrainingPhase {
  std::string name = "supervised";  // stored as the phase's name
  Tune tune;
  bool more_follow = false;  // adapt goes on with another phase: what this one ended with is kept until the trial ends, for a resume
  std::shared_ptr<const Texts> texts = {};  // what is learned instead of the task's targets; the task's head is then as it was
  PhaseOptions options = {};
};

// What a strategy may ask for at any time.
class StrategyContext {
 public:
  virtual ~StrategyContext() = default;
  virtual const TaskInfo& task() const = 0;
  // How items and answers are spelled. Needs [prompt].
  virtual const PromptFormat& format() const = 0;
  // The items, rendered, as the model's blocks see them. Needs [model]. Computed once for all trials that ask the same of the same
  // weights.
  virtual Embeddings embed(std::span<const Item> items, const EmbeddingOptions& options) = 0;
  // Whether the model is a causal language model: answers by choice and by generation need one. Needs [model].
  virtual bool is_causal() { return true; }
  // The retriever with the corpus indexed, made once for all trials that ask the same. The passages are not kept.
  virtual std::shared_ptr<const Retriever> index(const PluginChoice& retriever, std::span<const Passage> corpus) = 0;
};

// What a strategy may see while it adapts. There is no test split here.
class AdaptContext : public virtual StrategyContext {
 public:
  virtual const Split& train() const = 0;
  virtual const Split* validation() const = 0;  // nullptr when the experiment has none
  virtual std::uint64_t seed() const = 0;
  // Trains the model on the task's targets as [training] says; records the curves. May be called for several phases in a row.
  virtual void run_training(const TrainingPhase& phase) = 0;
};

// How the model answers. Choice: the label whose spelling is likeliest behind the prompt (Brown et al. 2020). Generation: the text that
// a causal language model writes behind the prompt; where the task has labels, the one that the text spells or begins with, else
// kNoLabel.
enum class AnswerBy {
  kAuto,    // generation where the answer is a text; else by the head where this trial, or one that it goes on `from`, has trained one; else by choice
  kHead,
  kChoice,      // needs a causal language model
  kGeneration,  // needs one too
};
template <> struct EnumNames<AnswerBy> { static constexpr const char* names[] = {"auto", "head", "choice", "generation"}; };
// What becomes of an item that the model cannot read whole even with nothing before it.
enum class TooLong {
  kCut,    // it loses its first tokens, until an answer fits too; it is counted, and told in the trial's log
  kError,  // of an answer by generation: where no room is left for a single token of it
};
template <> struct EnumNames<TooLong> { static constexpr const char* names[] = {"cut", "error"}; };
enum class ChoiceNormalization { kNone, kTokens, kBytes };  // of the summed log-probability, by the length of the spelling
template <> struct EnumNames<ChoiceNormalization> { static constexpr const char* names[] = {"none", "tokens", "bytes"}; };
struct AnswerOptions {
  AnswerBy by = AnswerBy::kAuto;
  ChoiceNormalization normalization = ChoiceNormalization::kNone;
  // What several prompts begin with is computed once, and so is a text that is being continued; false: the plain twin.
  bool share_prefixes = true;
  GenerationOptions generation = {};  // by generation
  TooLong too_long = TooLong::kCut;   // by choice and by generation
};

// What a strategy may see while it predicts: the items without their targets.
class PredictContext : public virtual StrategyContext {
 public:
  // The model's answers to the items, each behind its prompt (`prompts`: one per item, or none at all). Where the trial goes on
  // `from` another, the blocks that the other's strategy prepares stand before these.
  virtual std::vector<Prediction> answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual Needs needs() const = 0;
  // Why it cannot do this task; empty when it can.
  virtual std::string cannot(Task task) const = 0;
  virtual void adapt(AdaptContext& context) = 0;
  // What the model reads before each item: by default nothing. One prompt per item, in their order.
  virtual std::vector<Prompt> prepare(StrategyContext& context, std::span<const Item> items);
  virtual AnswerOptions answer_options() const { return {}; }
  // One prediction per item, in their order. By default the model's answers to what `prepare` gives.
  virtual std::vector<Prediction> predict(PredictContext& context, std::span<const Item> items);
  // What `prepare` and `predict` need beside the model; the model itself is saved by the framework. `folder` exists. `load` may be
  // given another machine's folder: it must not read the paths of the options again.
  virtual void save(const std::filesystem::path& folder) const;
  virtual void load(const std::filesystem::path& folder);
};

}  // namespace temper

TEMPER_DECLARE_KIND(Strategy)
