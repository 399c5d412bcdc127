// The framework's own objectives: what each task's head is trained for.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <temper/task.h>
#include <temper/torch/model.h>
#include <temper/torch/objective.h>

namespace temper::training {

// Softmax cross entropy of one label per item (Example::labels holds the class).
class SequenceClassification final : public Objective {
 public:
  // A weight per class, for the loss of training steps; empty: all 1. As torch's CrossEntropyLoss(weight) has it, a step's loss is
  // divided by the sum of its items' weights.
  explicit SequenceClassification(std::vector<double> class_weights = {}) : class_weights_(std::move(class_weights)) {}
  std::int64_t count(const Example& example) const override;
  double weight(const Example& example) const override;
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;

 private:
  std::vector<double> class_weights_;
};

// Binary cross entropy of each class against Example::values; a target per class, so that the loss is its mean over all.
class MultiLabelClassification final : public Objective {
 public:
  std::int64_t count(const Example& example) const override { return static_cast<std::int64_t>(example.values.size()); }
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
};

// The squared error of the head's one output. No likelihood: its unit is the target's, squared.
class Regression final : public Objective {
 public:
  std::int64_t count(const Example& example) const override { return example.values.empty() ? 0 : 1; }
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
};

// Softmax cross entropy at each token that has a label.
class TokenClassification final : public Objective {
 public:
  std::int64_t count(const Example& example) const override;
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
};

// The mean of two cross entropies over the tokens of a sequence: where the answer begins, and where it ends.
class SpanExtraction final : public Objective {
 public:
  std::int64_t count(const Example& example) const override;
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
};

// Next-token cross entropy: the label of position t is predicted from position t - 1, kIgnored labels and the one of position 0
// take no part. Logits are computed only where there is a label.
class CausalLanguageModeling final : public Objective {
 public:
  std::int64_t count(const Example& example) const override;
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
};

// Devlin et al. 2019, section 3.1: of the tokens that have a label each is chosen with probability 0.15; 80 % of the chosen become the
// mask token, 10 % a random token, 10 % stay; the chosen ones are predicted. Drawn anew for each item and epoch.
class MaskedLanguageModeling final : public Objective {
 public:
  MaskedLanguageModeling(std::int32_t mask_id, std::int64_t vocabulary) : mask_id_(mask_id), vocabulary_(vocabulary) {}
  std::int64_t count(const Example& example) const override;
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override;
  bool redraws() const override { return true; }
  Example drawn(const Example& example, std::uint64_t seed, std::int64_t epoch) const override;

 private:
  std::int32_t mask_id_;
  std::int64_t vocabulary_;
};

// The usual objective of a kind of head; throws Error for masked language modelling, which needs to know the mask token.
std::unique_ptr<Objective> make_objective(HeadKind kind);

struct ObjectiveSettings {
  std::vector<double> class_weights = {};        // classification; see SequenceClassification
  std::optional<std::int32_t> mask_id = {};      // of the tokenizer, for masked language modelling
  std::int64_t vocabulary = 0;
};
// What a model with this kind of head learns of a task.
std::unique_ptr<Objective> make_objective(Task task, HeadKind kind, const ObjectiveSettings& settings);

}  // namespace temper::training
