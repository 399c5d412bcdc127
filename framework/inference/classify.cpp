// Batches sorted by length, evaluation mode, no gradients.
#include "inference/classify.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "inference/frozen_states.h"

namespace temper::inference {

std::vector<std::vector<float>> classify(HeadedModel& model, std::span<const Example> examples, const ClassifyOptions& options) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return examples[a].ids.size() < examples[b].ids.size(); });

  const at::NoGradGuard no_grad;
  const std::unique_ptr<FrozenSplit> frozen = options.frozen ? options.frozen->open(examples) : nullptr;
  std::vector<std::vector<float>> rows(examples.size());
  const std::size_t step = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch_size));
  for (std::size_t begin = 0; begin < order.size(); begin += step) {
    const std::size_t end = std::min(order.size(), begin + step);
    Batch batch;
    for (std::size_t i = begin; i < end; ++i) append(batch, examples[order[i]]);
    const PackedInput input(batch, options.device);
    ForwardContext context;
    context.input = &input;
    context.bf16 = options.bf16;
    context.plain = options.plain;
    FrozenRows kept;
    if (frozen) {
      kept = frozen->rows(std::span(order).subspan(begin, end - begin));
      context.frozen = &kept;
    }
    const Tensor logits = model.logits(model.states(context, model.pooled_tokens(input)), context).to(at::kCPU, at::kFloat).contiguous();  // [B, labels]
    const float* data = logits.const_data_ptr<float>();
    const std::size_t width = static_cast<std::size_t>(logits.size(1));
    for (std::size_t i = begin; i < end; ++i) rows[order[i]].assign(data + (i - begin) * width, data + (i - begin + 1) * width);
  }
  return rows;
}

namespace {

template <class Number>
std::vector<double> softmax(std::span<const Number> logits) {
  double largest = -INFINITY, total = 0;
  for (const Number logit : logits) largest = std::max<double>(largest, logit);
  std::vector<double> result;
  for (const Number logit : logits) total += result.emplace_back(std::exp(logit - largest));
  for (double& value : result) value /= total;
  return result;
}

}  // namespace

std::vector<double> probabilities(std::span<const float> logits) { return softmax(logits); }
std::vector<double> probabilities(std::span<const double> logits) { return softmax(logits); }

}  // namespace temper::inference
