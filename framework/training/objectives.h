// The framework's own objectives.
#pragma once

#include <memory>

#include <temper/torch/model.h>
#include <temper/torch/objective.h>

namespace temper::training {

// Softmax cross entropy of one label per item (Example::labels holds the class).
class SequenceClassification final : public Objective {
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

// The usual objective of a kind of head; throws Error for a kind that has none yet.
std::unique_ptr<Objective> make_objective(HeadKind kind);

}  // namespace temper::training
