// Evaluation in batches of similar length, results back in the order of the input.
#include "training/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "inference/frozen_states.h"
#include "training/data_order.h"

namespace temper::training {
namespace {

constexpr std::uint64_t kDrawSeed = 0x7E3A11;  // of what an evaluation draws: the same for every trial and at every step
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::int64_t total(const std::vector<std::int64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }

}  // namespace

double Evaluation::loss() const {
  const std::int64_t targets = total(counts);
  return targets == 0 ? kNaN : std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(targets);
}

// Of a ratio of sums, by linearisation (Cochran 1977, section 2.11): the residual of item i is l_i - L c_i.
double Evaluation::loss_stderr() const {
  const double items = static_cast<double>(losses.size());
  const double targets = static_cast<double>(total(counts));
  if (losses.size() < 2 || targets == 0) return kNaN;
  const double mean = loss();
  double squares = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double residual = losses[i] - mean * static_cast<double>(counts[i]);
    squares += residual * residual;
  }
  return std::sqrt(squares * items / (items - 1)) / targets;
}

Evaluation evaluate(HeadedModel& model, const Objective& objective, std::span<const Example> examples, const EvaluateOptions& options) {
  const c10::NoGradGuard no_grad;
  Evaluation result;
  result.losses.resize(examples.size());
  std::vector<Example> drawn;
  if (objective.redraws()) {
    for (const Example& example : examples) drawn.push_back(objective.drawn(example, kDrawSeed, 0));
    examples = drawn;
  }
  for (const Example& example : examples) result.counts.push_back(objective.count(example));
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  sort_by_length(examples, order);

  ForwardContext context;
  context.bf16 = options.bf16;
  context.plain = options.plain;
  for (std::size_t first = 0; first < order.size(); first += static_cast<std::size_t>(options.batch_size)) {
    const std::span<const std::size_t> batch = std::span(order).subspan(first, std::min(order.size() - first, static_cast<std::size_t>(options.batch_size)));
    const PackedInput input(pack(examples, batch), options.device);
    std::vector<const Example*> chosen;
    for (const std::size_t index : batch) chosen.push_back(&examples[index]);
    context.input = &input;
    FrozenRows kept;
    if (options.frozen && !objective.redraws()) {
      kept = options.frozen->rows(batch);
      context.frozen = &kept;
    }
    const ObjectiveOutput output = objective.forward(model, chosen, context);

    const Tensor losses = output.losses.to(at::kCPU, at::kDouble).contiguous();
    for (std::size_t i = 0; i < batch.size(); ++i) result.losses[batch[i]] = losses.data_ptr<double>()[i];
    if (options.alive) options.alive();
    if (!output.logits.defined()) continue;
    result.logits.resize(examples.size());
    const Tensor logits = output.logits.to(at::kCPU, at::kFloat).contiguous();  // [M, labels]
    const float* row = logits.data_ptr<float>();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::int64_t numbers = logits.size(1) * (output.rows.empty() ? 1 : output.rows[i]);
      result.logits[batch[i]].assign(row, row + numbers);
      row += numbers;
    }
  }
  return result;
}

}  // namespace temper::training
