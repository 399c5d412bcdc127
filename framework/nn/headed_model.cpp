// Drives a model block by block, and its head.
#include <temper/torch/headed_model.h>

#include <algorithm>
#include <optional>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <temper/error.h>

#include "nn/head.h"

namespace temper {

namespace {

// True when `read` holds one token of each sequence, in their order.
bool one_per_sequence(const PackedInput& input, const Tensor& read) {
  if (read.numel() != input.size()) return false;
  const Tensor host = read.to(at::kCPU).contiguous();
  const auto* token = host.const_data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < input.size(); ++b) {
    if (token[b] < input.host.starts[b] || token[b] >= input.host.starts[b + 1]) return false;
  }
  return true;
}

void check_input(const PackedInput& input, const ModelShape& shape) {
  const Batch& batch = input.host;
  for (std::size_t n = 0; n < batch.ids.size(); ++n) {
    if (batch.ids[n] < 0 || batch.ids[n] >= shape.vocabulary) {
      throw Error("token id " + std::to_string(batch.ids[n]) + " is outside the model's vocabulary of " + std::to_string(shape.vocabulary),
                  "is the tokenizer the model's own?");
    }
    if (batch.positions[n] < 0 || batch.positions[n] >= shape.max_positions) {
      throw Error("a sequence is longer than the model's " + std::to_string(shape.max_positions) + " positions", "set training.max_length");
    }
  }
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    if (batch.starts[b + 1] <= batch.starts[b]) throw Error("a sequence without tokens cannot be given to a model");
  }
}

}  // namespace

HeadedModel::HeadedModel(std::unique_ptr<Model> model, HeadSpec head, std::int64_t labels)
    : model_(std::move(model)), spec_(std::move(head)), labels_(labels), head_(std::make_unique<Head>(*model_, spec_, labels)) {}

HeadedModel::~HeadedModel() = default;
HeadedModel::HeadedModel(HeadedModel&&) noexcept = default;

std::int64_t HeadedModel::frozen_places() const {
  std::int64_t first = model_->shape().layers + 1;
  for (const Parameter& parameter : model_->parameters().all()) {
    if (parameter.tensor.requires_grad() && !parameter.is_head) first = std::min(first, parameter.block);
  }
  return first;
}

bool HeadedModel::rows_are_pooled(std::int64_t place) const { return spec_.pooling != Pooling::kEach && place >= model_->shape().layers; }

Tensor HeadedModel::states(ForwardContext context, const Tensor& read) {
  const ModelShape shape = model_->shape();
  check_input(*context.input, shape);
  if (!context.frozen) {
    const bool is_narrow = !context.plain && shape.layers > 0 && one_per_sequence(*context.input, read);
    return run(context, -1, shape.layers + 1, {}, read, is_narrow);
  }
  const FrozenRows frozen = *context.frozen;
  const bool is_pooled = rows_are_pooled(frozen.place);
  if (frozen.place > frozen_places()) throw Error("states were kept from behind the first block that is trained");
  if (frozen.rows.size(0) != (is_pooled ? context.input->size() : context.input->tokens())) throw Error("states that were kept are not those of this batch");
  if (is_pooled && !at::equal(read, pooled_tokens(*context.input))) throw Error("states were kept of the pooled tokens, and others are read");
  const bool is_narrow = is_pooled || (frozen.place < shape.layers && !context.plain && one_per_sequence(*context.input, read));
  if (frozen.place > shape.layers) return is_pooled ? frozen.rows : frozen.rows.index_select(0, read);
  return run(context, frozen.place, shape.layers + 1, frozen.rows, read, is_narrow);
}

FrozenRows HeadedModel::frozen_rows(ForwardContext context, std::int64_t place) {
  const c10::NoGradGuard no_grad;
  check_input(*context.input, model_->shape());
  context.training = false;
  if (!rows_are_pooled(place)) return {place, run(context, -1, place, {}, {}, false)};
  const Tensor read = pooled_tokens(*context.input);
  const bool is_narrow = model_->shape().layers > 0;
  const Tensor rows = run(context, -1, place, {}, read, is_narrow);
  return {place, is_narrow || place > model_->shape().layers ? rows : rows.index_select(0, read)};
}

Tensor HeadedModel::run(ForwardContext context, std::int64_t begin, std::int64_t end, Tensor x, const Tensor& read, bool is_narrow) {
  const std::int64_t layers = model_->shape().layers;
  const std::int64_t first_trained = frozen_places();
  const bool training = context.training;
  for (std::int64_t place = begin; place < end; ++place) {
    // What no gradient reaches is a fixed function of the input: no recording, no dropout.
    std::optional<c10::NoGradGuard> frozen;
    if (place < first_trained) frozen.emplace();
    context.training = training && place >= first_trained;
    context.layer = place;
    context.read = is_narrow && place >= layers - 1 ? read : Tensor();
    if (place < 0) {
      x = model_->embed(context);
    } else if (place < layers) {
      x = model_->layer(place, x, context);
      computed_tokens_ += context.input->tokens();
    } else {
      if (!is_narrow && read.defined()) x = x.index_select(0, read);
      context.read = read;
      x = model_->finish(x, context);
    }
  }
  return x;
}

Tensor HeadedModel::logits(const Tensor& states, ForwardContext context) {
  context.layer = model_->shape().layers;
  if (!context.read.defined() && context.training && head_->has_dropout()) {
    if (spec_.pooling == Pooling::kEach) throw Error("logits with dropout need context.read, the tokens that the states are");
    context.read = pooled_tokens(*context.input);
  }
  return head_->forward(states, context);
}

Tensor HeadedModel::pooled_tokens(const PackedInput& input) const {
  const Batch& batch = input.host;
  const std::int64_t pad = model_->shape().pad_id;
  Tensor tokens = at::empty({input.size()}, at::kLong);
  auto* token = tokens.mutable_data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < input.size(); ++b) {
    token[b] = batch.starts[b];
    if (spec_.pooling != Pooling::kLast) continue;
    for (std::int64_t n = batch.starts[b + 1] - 1; n > batch.starts[b]; --n) {
      if (batch.ids[n] != pad) {
        token[b] = n;
        break;
      }
    }
  }
  return tokens.to(input.ids.device());
}

}  // namespace temper
