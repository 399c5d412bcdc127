// Scores continuations over a tree of what their sequences share. Shapes: M states, V vocabulary.
#include "inference/score.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <functional>

#include <temper/error.h>

#include "inference/prefix_tree.h"
#include "inference/run_tree.h"
#include "nn/kernels.h"

namespace temper::inference {

namespace {

// Tokens that a shared beginning must save to become a sequence of its own: a pass over few tokens costs about as much as reading the
// weights once, and every further piece before a sequence is one more step of its attention.
constexpr std::int64_t kWorthSharing = 16;

constexpr std::int64_t kRowsOfLogits = 256;  // at a time: a row of 50,000 floats takes 200 KB

// What the model reads (all but the very last token), and the tokens that its last positions predict.
struct Sequence {
  Tokens input;
  Tokens targets;
  bool is_cut = false;
};

Sequence sequence_of(const ScoreRequest& request, std::int64_t limit, bool truncate_left) {
  if (request.context.empty()) throw Error("the context has no token");
  if (request.continuation.empty()) throw Error("the continuation has no token, there is nothing to score");
  Sequence sequence;
  Tokens& all = sequence.input;
  all = request.context;
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
    sequence.is_cut = true;
  }
  sequence.targets.assign(all.end() - static_cast<std::ptrdiff_t>(scored), all.end());
  all.pop_back();
  return sequence;
}

// A token that some request wants predicted at a place.
struct Wanted {
  TreePlace place;
  std::int64_t request = 0;
  std::int32_t target = 0;
};

std::vector<Wanted> wanted_of(const PrefixTree& tree, const std::vector<Tokens>& inputs, const std::vector<Tokens>& targets) {
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::int64_t node = tree.last[i], position = static_cast<std::int64_t>(inputs[i].size()) - 1;
    for (auto target = targets[i].rbegin(); target != targets[i].rend(); ++target, --position) {
      while (tree.nodes[static_cast<std::size_t>(node)].first_position > position) node = tree.nodes[static_cast<std::size_t>(node)].parent;
      wanted.push_back({{node, position - tree.nodes[static_cast<std::size_t>(node)].first_position}, static_cast<std::int64_t>(i), *target});
    }
  }
  std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.place < b.place; });
  return wanted;
}

// What is wanted, by place: places[i] has wanted[begin[i], begin[i + 1]).
struct ByPlace {
  std::vector<TreePlace> places;
  std::vector<std::size_t> begin;
};

ByPlace by_place(const std::vector<Wanted>& wanted) {
  ByPlace result;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0 && wanted[i].place == wanted[i - 1].place) continue;
    result.places.push_back(wanted[i].place);
    result.begin.push_back(i);
  }
  result.begin.push_back(wanted.size());
  return result;
}

// Row r of logits [M, V] belongs to places[r]. Tells `take` of each wanted token there: its number among `wanted`, its logprob, and
// whether it is the likeliest.
using TakeToken = std::function<void(std::size_t, double, bool)>;

void tokens_by_rows(const ByPlace& read, const std::vector<Wanted>& wanted, std::span<const std::int64_t> places, const Tensor& logits, const TakeToken& take) {
  const std::int64_t width = logits.size(1);
  const float* all = logits.const_data_ptr<float>();
  std::vector<nn::RowSummary> summaries(places.size());
  at::parallel_for(0, static_cast<std::int64_t>(places.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) summaries[static_cast<std::size_t>(r)] = nn::summary_of_row(all + r * width, static_cast<std::size_t>(width));
  });
  for (std::size_t r = 0; r < places.size(); ++r) {
    const std::size_t place = static_cast<std::size_t>(places[r]);
    const float* row = all + static_cast<std::int64_t>(r) * width;
    for (std::size_t i = read.begin[place]; i < read.begin[place + 1]; ++i) take(i, row[wanted[i].target] - summaries[r].log_sum, summaries[r].place == wanted[i].target);
  }
}

// The twin of libtorch's operations, also for other devices.
void tokens_by_operations(const ByPlace& read, const std::vector<Wanted>& wanted, std::span<const std::int64_t> places, const Tensor& logits, const TakeToken& take) {
  std::vector<std::int64_t> rows, targets;
  std::vector<std::size_t> numbers;
  for (std::size_t r = 0; r < places.size(); ++r) {
    const std::size_t place = static_cast<std::size_t>(places[r]);
    for (std::size_t i = read.begin[place]; i < read.begin[place + 1]; ++i) {
      rows.push_back(static_cast<std::int64_t>(r));
      targets.push_back(wanted[i].target);
      numbers.push_back(i);
    }
  }
  const Tensor row = at::tensor(rows, at::kLong).to(logits.device()), target = at::tensor(targets, at::kLong).to(logits.device());
  const Tensor logprobs = at::log_softmax(logits, -1).index({row, target}).to(at::kCPU, at::kDouble).contiguous();
  const Tensor greedy = logits.argmax(-1).index_select(0, row).eq(target).to(at::kCPU).contiguous();
  for (std::size_t i = 0; i < numbers.size(); ++i) take(numbers[i], logprobs.const_data_ptr<double>()[i], greedy.const_data_ptr<bool>()[i]);
}

}  // namespace

std::vector<ScoreResult> score(HeadedModel& model, std::span<const ScoreRequest> requests, const ScoreOptions& options, ScoreWork* work) {
  const ModelShape shape = model.model().shape();
  if (!shape.causal) throw Error("the model reads in both directions, it gives no likelihood of a continuation");
  std::vector<Tokens> inputs, targets;
  std::vector<ScoreResult> results(requests.size());
  ScoreWork did;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Sequence sequence = sequence_of(requests[i], shape.max_positions, options.truncate_left);
    results[i].tokens = static_cast<std::int64_t>(sequence.targets.size());
    results[i].is_greedy = true;
    did.requested_tokens += static_cast<std::int64_t>(sequence.input.size());
    did.truncated += sequence.is_cut ? 1 : 0;
    inputs.push_back(std::move(sequence.input));
    targets.push_back(std::move(sequence.targets));
  }
  const PrefixTree tree = options.share && !options.plain ? prefix_tree(inputs, kWorthSharing, shape.keeps_up_to) : without_sharing(inputs);
  const std::vector<Wanted> wanted = wanted_of(tree, inputs, targets);
  const ByPlace read = by_place(wanted);
  did.rows = static_cast<std::int64_t>(read.places.size());

  const at::NoGradGuard no_grad;
  std::int64_t done = 0;
  const auto take = [&](const std::vector<std::int64_t>& places, const Tensor& states, const ForwardContext& context) {
    for (std::size_t first = 0; first < places.size(); first += kRowsOfLogits) {
      const std::size_t count = std::min<std::size_t>(kRowsOfLogits, places.size() - first);
      const Tensor logits = model.logits(states.narrow(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count)), context);  // [count, V]
      const auto tokens = options.plain || !logits.device().is_cpu() ? tokens_by_operations : tokens_by_rows;
      tokens(read, wanted, {places.data() + first, count}, logits, [&](std::size_t i, double logprob, bool is_greedy) {
        ScoreResult& result = results[static_cast<std::size_t>(wanted[i].request)];
        result.logprob += logprob;
        result.is_greedy = result.is_greedy && is_greedy;
      });
    }
    done += static_cast<std::int64_t>(places.size());
    if (options.progress) options.progress(done, did.rows);
  };
  const TreeRunWork run = run_tree(model, tree, read.places,
                                   {.batch_size = options.batch_size, .batch_tokens = options.batch_tokens, .bf16 = options.bf16, .plain = options.plain, .device = options.device}, take);
  if (work) {
    work->requested_tokens += did.requested_tokens;
    work->tokens += run.tokens;
    work->rows += did.rows;
    work->passes += run.passes;
    work->truncated += did.truncated;
  }
  return results;
}

std::vector<ScoreRequest> rolling_windows(std::span<const std::int32_t> text, std::int32_t start, std::int64_t limit) {
  if (limit < 1) throw Error("windows of " + std::to_string(limit) + " tokens cannot be scored");
  std::vector<ScoreRequest> windows;
  const std::size_t most = static_cast<std::size_t>(limit);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.size(), begin + most);
    ScoreRequest& window = windows.emplace_back();
    if (begin == 0) window.context = {start};
    else window.context.assign(text.begin() + static_cast<std::ptrdiff_t>(end - most - 1), text.begin() + static_cast<std::ptrdiff_t>(begin));
    window.continuation.assign(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return windows;
}

}  // namespace temper::inference
