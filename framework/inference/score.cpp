// Scores continuations in batches sorted by length. Shapes: N packed tokens, M scored positions, V vocabulary.
#include "inference/score.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include <temper/error.h>

namespace temper::inference {

namespace {

// What the model reads (all but the very last token), and how many of its last positions predict a continuation token.
struct Sequence {
  std::vector<std::int32_t> input;
  std::vector<std::int64_t> targets;
};

Sequence sequence_of(const ScoreRequest& request, std::int64_t limit, bool truncate_left) {
  if (request.context.empty()) throw Error("the context has no token");
  if (request.continuation.empty()) throw Error("the continuation has no token, there is nothing to score");
  std::vector<std::int32_t> all = request.context;
  all.insert(all.end(), request.continuation.begin(), request.continuation.end());
  std::size_t scored = request.continuation.size();
  const std::size_t most = static_cast<std::size_t>(limit) + 1;
  if (all.size() > most) {
    if (!truncate_left) {
      throw Error("context and continuation have " + std::to_string(all.size()) + " tokens, the model takes at most " + std::to_string(most),
                  "keep the last ones: --truncate left");
    }
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    scored = std::min(scored, most - 1);
  }
  Sequence sequence;
  sequence.targets.assign(all.end() - static_cast<std::ptrdiff_t>(scored), all.end());
  all.pop_back();
  sequence.input = std::move(all);
  return sequence;
}

}  // namespace

std::vector<ScoreResult> score(HeadedModel& model, std::span<const ScoreRequest> requests, const ScoreOptions& options) {
  const std::int64_t limit = model.model().shape().max_positions;
  std::vector<Sequence> sequences;
  for (const ScoreRequest& request : requests) sequences.push_back(sequence_of(request, limit, options.truncate_left));
  std::vector<std::size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sequences[a].input.size() < sequences[b].input.size(); });

  const at::NoGradGuard no_grad;
  std::vector<ScoreResult> results(requests.size());
  const std::size_t step = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch_size));
  for (std::size_t begin = 0; begin < order.size(); begin += step) {
    const std::size_t end = std::min(order.size(), begin + step);
    Batch batch;
    std::vector<std::int64_t> reads, targets;
    for (std::size_t i = begin; i < end; ++i) {
      const Sequence& sequence = sequences[order[i]];
      batch.append(sequence.input, {}, 0);
      const std::int64_t last = batch.tokens();
      for (std::size_t t = 0; t < sequence.targets.size(); ++t) reads.push_back(last - static_cast<std::int64_t>(sequence.targets.size() - t));
      targets.insert(targets.end(), sequence.targets.begin(), sequence.targets.end());
    }
    const PackedInput input(batch, options.device);
    ForwardContext context;
    context.input = &input;
    context.bf16 = options.bf16;
    context.plain = options.plain;
    const Tensor read = at::tensor(reads, at::kLong).to(options.device), target = at::tensor(targets, at::kLong).to(options.device);  // [M]
    const Tensor logits = model.logits(model.states(context, read), context);                                                         // [M, V]
    const Tensor logprobs = at::log_softmax(logits, -1).gather(1, target.unsqueeze(1)).squeeze(1).to(at::kCPU, at::kDouble).contiguous();
    const Tensor greedy = logits.argmax(-1).eq(target).to(at::kCPU).contiguous();
    std::size_t row = 0;
    for (std::size_t i = begin; i < end; ++i) {
      ScoreResult& result = results[order[i]];
      result.tokens = static_cast<std::int64_t>(sequences[order[i]].targets.size());
      result.is_greedy = true;
      for (std::int64_t t = 0; t < result.tokens; ++t, ++row) {
        result.logprob += logprobs.const_data_ptr<double>()[row];
        result.is_greedy = result.is_greedy && greedy.const_data_ptr<bool>()[row];
      }
    }
  }
  return results;
}

}  // namespace temper::inference
