// What is learned at single tokens: tags, spans, the next token, masked tokens. Shapes: M rows, B examples, T tokens, V vocabulary.
#include <algorithm>

#include <ATen/ATen.h>
#include <temper/error.h>
#include <temper/torch/headed_model.h>

#include "data/shuffle.h"
#include "training/objectives.h"
#include "training/row_losses.h"

namespace temper::training {
namespace {

Tensor no_losses(std::span<const Example* const> examples, const PackedInput& input) {
  return at::zeros({static_cast<std::int64_t>(examples.size())}, input.ids.options().dtype(at::kFloat));
}

std::int64_t labelled(const Example& example, std::size_t first) {
  std::int64_t targets = 0;
  for (std::size_t t = first; t < example.labels.size(); ++t) targets += example.labels[t] != kIgnored;
  return targets;
}

// Losses at tokens that have a label, each read `back` tokens before it.
ObjectiveOutput at_labels(HeadedModel& model, std::span<const Example* const> examples, const ForwardContext& context, std::int64_t back) {
  const std::int64_t vocabulary = model.model().shape().vocabulary;
  const std::vector<std::int64_t> starts = token_starts(examples);
  Rows rows(examples.size());
  for (std::size_t e = 0; e < examples.size(); ++e) {
    check_labels_per_token(*examples[e]);
    const std::vector<std::int64_t>& labels = examples[e]->labels;
    for (std::size_t t = static_cast<std::size_t>(back); t < labels.size(); ++t) {
      if (labels[t] == kIgnored) continue;
      check_label(labels[t], vocabulary, "vocabulary", "tokens");
      rows.add(e, starts[e] + static_cast<std::int64_t>(t) - back, labels[t]);
    }
  }
  if (rows.empty()) return {no_losses(examples, *context.input), {}};
  const Tensor logits = logits_of(model, context, on_device(rows.tokens(), context.input->ids.device()));  // [M, V]
  return {rows.summed(row_losses(logits, on_device(rows.labels(), logits.device()))), {}};
}

}  // namespace

std::int64_t TokenClassification::count(const Example& example) const { return labelled(example, 0); }

ObjectiveOutput TokenClassification::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const std::vector<std::int64_t> starts = token_starts(examples);
  Rows rows(examples.size());
  for (std::size_t e = 0; e < examples.size(); ++e) {
    const Example& example = *examples[e];
    check_labels_per_token(example);
    const auto add = [&](std::size_t t) {
      const std::int64_t label = example.labels.empty() ? kIgnored : example.labels[t];
      check_label(label, model.labels(), "model", "labels");
      rows.add(e, starts[e] + static_cast<std::int64_t>(t), label);
    };
    for (const std::int32_t t : example.read) add(static_cast<std::size_t>(t));
    for (std::size_t t = 0; example.read.empty() && t < example.labels.size(); ++t) {
      if (example.labels[t] != kIgnored) add(t);
    }
  }
  if (rows.empty()) return {no_losses(examples, *context.input), {}};
  const Tensor logits = logits_of(model, context, on_device(rows.tokens(), context.input->ids.device()));  // [M, L]
  return {rows.summed(row_losses(logits, on_device(rows.labels(), logits.device()))), logits, rows.counts()};
}

std::int64_t SpanExtraction::count(const Example& example) const {
  const bool is_ignored = example.labels.size() != 2 || (example.labels[0] == kIgnored && example.labels[1] == kIgnored);
  return is_ignored ? 0 : 1;
}

ObjectiveOutput SpanExtraction::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  const at::Device device = context.input->ids.device();
  const Tensor logits = logits_of(model, context, at::arange(context.input->tokens(), at::kLong).to(device));  // [N, 2]
  const std::vector<std::int64_t> starts = token_starts(examples);
  std::vector<Tensor> losses;
  std::vector<std::int64_t> tokens;
  for (std::size_t e = 0; e < examples.size(); ++e) {
    const Example& example = *examples[e];
    tokens.push_back(static_cast<std::int64_t>(example.ids.size()));
    if (count(example) == 0) {
      losses.push_back(at::zeros({}, logits.options()));
      continue;
    }
    for (const std::int64_t label : example.labels) check_label(label, tokens.back(), "sequence", "tokens");
    const Tensor own = logits.narrow(0, starts[e], tokens.back()).t();                    // [2, T]: begin, end
    losses.push_back(row_losses(own, on_device(example.labels, device)).sum() / 2);
  }
  return {at::stack(losses), logits, std::move(tokens)};
}

std::int64_t CausalLanguageModeling::count(const Example& example) const { return labelled(example, 1); }

ObjectiveOutput CausalLanguageModeling::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  return at_labels(model, examples, context, 1);
}

std::int64_t MaskedLanguageModeling::count(const Example& example) const { return labelled(example, 0); }

ObjectiveOutput MaskedLanguageModeling::forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const {
  return at_labels(model, examples, context, 0);
}

Example MaskedLanguageModeling::drawn(const Example& example, std::uint64_t seed, std::int64_t epoch) const {
  Example drawn = example;
  const std::uint64_t pass = data::random_bits(seed ^ example.key, static_cast<std::uint64_t>(epoch));
  for (std::size_t t = 0; t < drawn.labels.size(); ++t) {
    if (drawn.labels[t] == kIgnored) continue;
    const std::uint64_t bits = data::random_bits(pass, t);
    const double share = static_cast<double>(bits >> 11) * 0x1.0p-53;  // in [0, 1)
    if (share >= 0.15) {
      drawn.labels[t] = kIgnored;
    } else if (share < 0.15 * 0.8) {
      drawn.ids[t] = mask_id_;
    } else if (share < 0.15 * 0.9) {
      drawn.ids[t] = static_cast<std::int32_t>(data::random_bits(bits, t) % static_cast<std::uint64_t>(vocabulary_));
    }
  }
  return drawn;
}

}  // namespace temper::training
