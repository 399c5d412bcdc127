// Losses in float32, summed per sequence. Shapes: B sequences, M rows that the head reads, V vocabulary.
#include "training/objectives.h"

#include <ATen/ATen.h>
#include <temper/torch/headed_model.h>

namespace temper::training {
namespace {

Tensor on_device(const std::vector<std::int64_t>& values, at::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

Tensor row_losses(const Tensor& logits, const Tensor& labels) {  // [M, V], [M] -> [M]
  return at::cross_entropy_loss(logits.to(at::kFloat), labels, {}, at::Reduction::None);
}

}  // namespace

std::int64_t SequenceClassification::count(const Example& example) const {
  return example.labels.empty() || example.labels[0] == kIgnored ? 0 : 1;
}

ObjectiveOutput SequenceClassification::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const PackedInput& input = *context.input;
  const Tensor read = model.pooled_tokens(input);
  const Tensor states = model.states(context, read);  // [B, C]
  context.read = read;
  const Tensor logits = model.logits(states, context);  // [B, labels]
  std::vector<std::int64_t> labels;
  for (const Example* example : examples) {
    const std::int64_t label = example->labels.empty() ? kIgnored : example->labels[0];
    if (label != kIgnored && (label < 0 || label >= logits.size(1))) {
      throw Error("an example has label " + std::to_string(label) + ", the model has " + std::to_string(logits.size(1)) + " labels");
    }
    labels.push_back(label);
  }
  return {row_losses(logits, on_device(labels, input.ids.device())), logits};
}

std::int64_t CausalLanguageModeling::count(const Example& example) const {
  std::int64_t targets = 0;
  for (std::size_t t = 1; t < example.labels.size(); ++t) targets += example.labels[t] != kIgnored;
  return targets;
}

ObjectiveOutput CausalLanguageModeling::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const PackedInput& input = *context.input;
  const at::Device device = input.ids.device();
  const std::int64_t sequences = input.size();
  const std::int64_t vocabulary = model.model().shape().vocabulary;
  std::vector<std::int64_t> read, labels, sequence, place;  // per row: token it stands on, what follows, where its loss goes
  std::int64_t longest = 0;
  for (std::int64_t b = 0; b < sequences; ++b) {
    const std::vector<std::int64_t>& wanted = examples[b]->labels;
    if (!wanted.empty() && wanted.size() != examples[b]->ids.size()) {
      throw Error("an example has " + std::to_string(wanted.size()) + " labels for " + std::to_string(examples[b]->ids.size()) + " tokens");
    }
    std::int64_t rows = 0;
    for (std::size_t t = 1; t < wanted.size(); ++t) {
      if (wanted[t] == kIgnored) continue;
      if (wanted[t] < 0 || wanted[t] >= vocabulary) {
        throw Error("an example has label " + std::to_string(wanted[t]) + ", the vocabulary has " + std::to_string(vocabulary) + " tokens");
      }
      read.push_back(input.host.starts[b] + static_cast<std::int64_t>(t) - 1);
      labels.push_back(wanted[t]);
      sequence.push_back(b);
      place.push_back(rows++);
    }
    longest = std::max(longest, rows);
  }
  if (read.empty()) return {at::zeros({sequences}, input.ids.options().dtype(at::kFloat)), {}};
  const Tensor tokens = on_device(read, device);
  const Tensor states = model.states(context, tokens);  // [M, C]
  context.read = tokens;
  const Tensor losses = row_losses(model.logits(states, context), on_device(labels, device));  // [M]
  // Each loss has a place of its own, so the sums are the same on every run and device (index_add on a GPU is not).
  const Tensor table = at::zeros({sequences, longest}, losses.options())
                           .index_put({on_device(sequence, device), on_device(place, device)}, losses);
  return {table.sum(1), {}};
}

std::unique_ptr<Objective> make_objective(HeadKind kind) {
  switch (kind) {
    case HeadKind::kSequenceClassification: return std::make_unique<SequenceClassification>();
    case HeadKind::kLanguageModeling: return std::make_unique<CausalLanguageModeling>();
    default: throw Error("this kind of head cannot be trained yet", "sequence classification and language modelling can");
  }
}

}  // namespace temper::training
