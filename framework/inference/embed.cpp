// Batches of about as many tokens each, sorted by length, evaluation mode, no gradients.
// Shapes: N packed tokens, B sequences, C width, M tokens that are read.
#include "inference/embed.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

namespace temper::inference {

namespace {

// The tokens whose states are wanted: all, or one per sequence.
Tensor tokens_read(const PackedInput& input, EmbeddingPooling pooling) {
  if (pooling == EmbeddingPooling::kMean) return at::arange(input.tokens(), at::TensorOptions().dtype(at::kLong).device(input.ids.device()));
  Tensor tokens = at::empty({input.size()}, at::kLong);
  auto* token = tokens.mutable_data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < input.size(); ++b) token[b] = pooling == EmbeddingPooling::kFirst ? input.host.starts[b] : input.host.starts[b + 1] - 1;
  return tokens.to(input.ids.device());
}

Tensor pooled(const Tensor& states, const PackedInput& input, EmbeddingPooling pooling) {  // [M, C] -> [B, C]
  if (pooling != EmbeddingPooling::kMean) return states;
  std::vector<Tensor> means;
  for (const LengthGroup& group : input.groups) {
    means.push_back(states.narrow(0, group.first_token, group.count * group.length).view({group.count, group.length, states.size(1)}).mean(1));
  }
  return at::cat(means);
}

}  // namespace

Embeddings embed(HeadedModel& model, std::span<const Example> examples, const EmbedOptions& options) {
  Embeddings result{static_cast<std::int64_t>(examples.size()), model.model().shape().width, {}};
  result.values.resize(static_cast<std::size_t>(result.rows * result.width), 0.0f);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (!examples[i].ids.empty()) order.push_back(i);
  }
  // The longest first: that a batch needs too much memory shows at once.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return examples[a].ids.size() > examples[b].ids.size(); });

  const at::NoGradGuard no_grad;
  for (std::size_t begin = 0, end; begin < order.size(); begin = end) {
    Batch batch;
    for (end = begin; end < order.size(); ++end) {
      const Example& example = examples[order[end]];
      if (end > begin && batch.tokens() + static_cast<std::int64_t>(example.ids.size()) > options.batch_tokens) break;
      batch.append(example.ids, example.type_ids, example.key);
    }
    const PackedInput input(batch, options.device);
    ForwardContext context;
    context.input = &input;
    context.bf16 = options.bf16;
    context.plain = options.plain;
    const EmbeddingPooling pooling = options.embedding.pooling;
    Tensor vectors = pooled(model.states(context, tokens_read(input, pooling)).to(at::kFloat), input, pooling);  // [B, C]
    if (options.embedding.normalize) vectors = vectors / at::linalg_vector_norm(vectors, 2, at::IntArrayRef{1}, true).clamp_min(1e-12);
    vectors = vectors.to(at::kCPU).contiguous();
    const float* data = vectors.const_data_ptr<float>();
    const std::size_t width = static_cast<std::size_t>(result.width);
    for (std::size_t i = begin; i < end; ++i) std::memcpy(result.values.data() + order[i] * width, data + (i - begin) * width, width * sizeof(float));
  }
  return result;
}

}  // namespace temper::inference
