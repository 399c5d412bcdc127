// What is learned of a sequence as a whole, and which objective a task has. Shapes: B sequences, L labels.
#include "training/objectives.h"

#include <ATen/ATen.h>
#include <temper/error.h>
#include <temper/torch/headed_model.h>

#include "training/row_losses.h"

namespace temper::training {
namespace {

Tensor pooled_logits(HeadedModel& model, const ForwardContext& context) { return logits_of(model, context, model.pooled_tokens(*context.input)); }

// Example::values of all examples [B, L]; NaN rows where an example has none, so that a mask is needed.
Tensor values_of(std::span<const Example* const> examples, const Tensor& logits, std::vector<float>& has) {
  std::vector<float> all;
  const auto width = static_cast<std::size_t>(logits.size(1));
  for (const Example* example : examples) {
    const bool is_there = !example->values.empty();
    if (is_there && example->values.size() != width) {
      throw Error("an example has " + std::to_string(example->values.size()) + " values, the head has " + std::to_string(width) + " outputs");
    }
    has.push_back(is_there ? 1 : 0);
    if (is_there) all.insert(all.end(), example->values.begin(), example->values.end());
    else all.insert(all.end(), width, 0.0f);
  }
  return at::tensor(all).reshape({static_cast<std::int64_t>(examples.size()), logits.size(1)}).to(logits.device());
}

}  // namespace

std::int64_t SequenceClassification::count(const Example& example) const {
  return example.labels.empty() || example.labels[0] == kIgnored ? 0 : 1;
}

double SequenceClassification::weight(const Example& example) const {
  if (count(example) == 0) return 0;
  return class_weights_.empty() ? 1 : class_weights_.at(static_cast<std::size_t>(example.labels[0]));
}

ObjectiveOutput SequenceClassification::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const Tensor logits = pooled_logits(model, context);  // [B, L]
  std::vector<std::int64_t> labels;
  std::vector<float> weights;
  for (const Example* example : examples) {
    labels.push_back(example->labels.empty() ? kIgnored : example->labels[0]);
    check_label(labels.back(), logits.size(1), "model", "labels");
    weights.push_back(static_cast<float>(weight(*example)));
  }
  Tensor losses = row_losses(logits, on_device(labels, logits.device()));
  if (context.training && !class_weights_.empty()) losses = losses * at::tensor(weights).to(losses.device());
  return {losses, logits};
}

ObjectiveOutput MultiLabelClassification::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const Tensor logits = pooled_logits(model, context).to(at::kFloat);  // [B, L]
  std::vector<float> has;
  const Tensor values = values_of(examples, logits, has);
  const Tensor losses = at::binary_cross_entropy_with_logits(logits, values, {}, {}, at::Reduction::None).sum(1);
  return {losses * at::tensor(has).to(losses.device()), logits};
}

ObjectiveOutput Regression::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const Tensor logits = pooled_logits(model, context).to(at::kFloat);  // [B, 1]
  std::vector<float> has;
  const Tensor values = values_of(examples, logits, has);
  const Tensor losses = (logits - values).square().sum(1);
  return {losses * at::tensor(has).to(losses.device()), logits};
}

std::unique_ptr<Objective> make_objective(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSequenceClassification: return std::make_unique<SequenceClassification>();
    case HeadKind::kTokenClassification: return std::make_unique<TokenClassification>();
    case HeadKind::kQuestionAnswering: return std::make_unique<SpanExtraction>();
    case HeadKind::kLanguageModeling: return std::make_unique<CausalLanguageModeling>();
    case HeadKind::kMaskedLanguageModeling: break;
  }
  throw Error("masked language modelling needs to know the mask token");
}

std::unique_ptr<Objective> make_objective(Task task, HeadKind kind, const ObjectiveSettings& settings) {
  if (task == Task::kMultiLabel) return std::make_unique<MultiLabelClassification>();
  if (task == Task::kRegression) return std::make_unique<Regression>();
  if (kind == HeadKind::kSequenceClassification) return std::make_unique<SequenceClassification>(settings.class_weights);
  if (kind != HeadKind::kMaskedLanguageModeling) return make_objective(kind);
  if (!settings.mask_id) throw Error("the tokenizer has no mask token, and a masked language model learns to replace it", "does the tokenizer belong to the checkpoint?");
  return std::make_unique<MaskedLanguageModeling>(*settings.mask_id, settings.vocabulary);
}

}  // namespace temper::training
