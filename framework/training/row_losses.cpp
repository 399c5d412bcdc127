// Rows of a head and their losses, in float32.
#include "training/row_losses.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <temper/error.h>
#include <temper/torch/headed_model.h>

namespace temper::training {

void Rows::add(std::size_t example, std::int64_t token, std::int64_t label) {
  tokens_.push_back(token);
  labels_.push_back(label);
  example_.push_back(static_cast<std::int64_t>(example));
  place_.push_back(counts_[example]++);
}

Tensor Rows::summed(const Tensor& losses) const {
  const std::int64_t longest = counts_.empty() ? 0 : *std::max_element(counts_.begin(), counts_.end());
  return at::zeros({static_cast<std::int64_t>(counts_.size()), longest}, losses.options())
      .index_put({on_device(example_, losses.device()), on_device(place_, losses.device())}, losses)
      .sum(1);
}

Tensor on_device(const std::vector<std::int64_t>& values, at::Device device) { return at::tensor(values, at::kLong).to(device); }

Tensor row_losses(const Tensor& logits, const Tensor& labels) {
  return at::cross_entropy_loss(logits.to(at::kFloat), labels, {}, at::Reduction::None, kIgnored);
}

Tensor logits_of(HeadedModel& model, ForwardContext context, const Tensor& tokens) {
  const Tensor states = model.states(context, tokens);  // [M, C]
  context.read = tokens;
  return model.logits(states, context);
}

void check_label(std::int64_t label, std::int64_t labels, const char* whose, const char* what) {
  if (label != kIgnored && (label < 0 || label >= labels)) {
    throw Error("an example has label " + std::to_string(label) + ", the " + whose + " has " + std::to_string(labels) + " " + what);
  }
}

void check_labels_per_token(const Example& example) {
  if (!example.labels.empty() && example.labels.size() != example.ids.size()) {
    throw Error("an example has " + std::to_string(example.labels.size()) + " labels for " + std::to_string(example.ids.size()) + " tokens");
  }
}

std::vector<std::int64_t> token_starts(std::span<const Example* const> examples) {
  std::vector<std::int64_t> starts = {0};
  for (const Example* example : examples) starts.push_back(starts.back() + static_cast<std::int64_t>(example->ids.size()));
  return starts;
}

}  // namespace temper::training
