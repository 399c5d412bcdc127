// Rows that share passes over the weights: one pass gives each row its next token, and reads the prompts of rows that have just entered.
//
// Shapes: B rows, N packed tokens (one per row, or its prompt), V vocabulary.
#include "inference/generate.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include <temper/error.h>

#include "inference/sampling.h"
#include "nn/kernels.h"
#include "nn/key_value_cache.h"

namespace temper::inference {

std::string_view to_string(Finish finish) {
  switch (finish) {
    case Finish::kStopToken: return "stop_token";
    case Finish::kStopString: return "stop_string";
    case Finish::kLength: return "length";
    case Finish::kContext: return "context";
  }
  return "";
}

namespace {

constexpr std::int64_t kTokensOfAPass = 4096;    // prompts enter a pass up to this many tokens
constexpr std::size_t kShortestShared = 8;       // a shorter common beginning is not worth a pass of its own

// A prompt that is being continued.
struct Row {
  std::size_t request = 0;
  std::unique_ptr<Sampler> sampler;
  nn::CacheRange own;             // rows of the cache for all that it may become
  std::int64_t kept = 0;          // of them in use
  std::vector<std::int32_t> next;  // tokens that the next pass reads: what is left of the prompt, then the last token
};

class Generation {
 public:
  Generation(HeadedModel& model, std::span<const GenerateRequest> requests, const GenerateOptions& options)
      : model_(model), requests_(requests), options_(options), limit_(model.model().shape().max_positions), keeps_up_to_(model.model().shape().keeps_up_to), vocabulary_(model.model().shape().vocabulary) {
    check();
    results_.resize(requests.size());
  }

  std::vector<GenerateResult> run() {
    const at::NoGradGuard no_grad;
    read_shared();
    while (enter()) step();
    return std::move(results_);
  }

 private:
  void check() const {
    if (!model_.model().shape().causal) throw Error("the model reads texts in both directions, it cannot continue one");
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      const std::size_t tokens = requests_[i].prompt.size();
      if (tokens == 0) throw Error("prompt " + std::to_string(i + 1) + " has no token");
      if (static_cast<std::int64_t>(tokens) < limit_) continue;
      throw Error("prompt " + std::to_string(i + 1) + " has " + std::to_string(tokens) + " tokens, the model reads at most " + std::to_string(limit_) + ", its answer included",
                  "shorten it, or let it be cut on the left");
    }
  }

  // What all prompts begin with, short of the last token of each, which must be read to be continued.
  void read_shared() {
    if (options_.plain || requests_.size() < 2) return;
    std::size_t length = requests_.front().prompt.size() - 1;
    for (const GenerateRequest& request : requests_) {
      const auto& first = requests_.front().prompt;
      const std::size_t most = std::min(length, request.prompt.size() - 1);
      length = static_cast<std::size_t>(std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(most), request.prompt.begin()).first - first.begin());
    }
    if (length < kShortestShared || !keeps(static_cast<std::int64_t>(length))) return;
    shared_ = cache_.reserve(static_cast<std::int64_t>(length));
    const std::vector<std::int32_t> tokens(requests_.front().prompt.begin(), requests_.front().prompt.begin() + static_cast<std::ptrdiff_t>(length));
    Batch batch;
    batch.append(tokens, {}, 0);
    const CachedTokens cached{&cache_, {{}}, {shared_.first}};
    states(batch, &cached);
  }

  // Fills free places. False when nothing is left to do.
  bool enter() {
    std::int64_t tokens = static_cast<std::int64_t>(rows_.size());
    while (next_ < requests_.size() && static_cast<std::int64_t>(rows_.size()) < std::max<std::int64_t>(1, options_.rows)) {
      const GenerateRequest& request = requests_[next_];
      const std::int64_t length = static_cast<std::int64_t>(request.prompt.size());
      tokens += length - shared_.length;
      if (!rows_.empty() && tokens > kTokensOfAPass) break;
      Row row;
      row.request = next_++;
      row.sampler = std::make_unique<Sampler>(options_.generation, options_.seed, request.item, vocabulary_);
      row.sampler->read(request.prompt);
      row.next.assign(request.prompt.begin() + static_cast<std::ptrdiff_t>(shared_.length), request.prompt.end());
      if (!options_.plain) row.own = cache_.reserve(std::min(limit_, length + options_.generation.max_new_tokens) - shared_.length);
      rows_.push_back(std::move(row));
    }
    return !rows_.empty();
  }

  void step() {
    Batch batch;
    CachedTokens cached{&cache_, {}, {}};
    for (Row& row : rows_) {
      cached.before.emplace_back();
      if (!options_.plain && !keeps(length_of(row))) {  // from here on every token is computed in each pass, as without a cache
        std::vector<std::int32_t> text = requests_[row.request].prompt;
        text.insert(text.end(), results_[row.request].tokens.begin(), results_[row.request].tokens.end());
        batch.append(text, {}, 0);
        cached.kept_at.push_back(-1);
        row.next.clear();
        continue;
      }
      if (shared_.length > 0) cached.before.back().push_back(shared_);
      if (row.kept > 0) cached.before.back().push_back({row.own.first, row.kept});
      cached.kept_at.push_back(row.own.first + row.kept);
      batch.append(row.next, {}, 0, static_cast<std::int32_t>(shared_.length + row.kept));
      if (options_.plain) continue;
      row.kept += static_cast<std::int64_t>(row.next.size());
      row.next.clear();
    }
    const Tensor logits = states(batch, options_.plain ? nullptr : &cached).to(at::kCPU, at::kFloat).contiguous();  // [B, V]
    choose(logits);
  }

  // Whether keys and values of a sequence of this length are of use to longer ones, and those of its beginnings to it.
  bool keeps(std::int64_t length) const { return keeps_up_to_ == 0 || length <= keeps_up_to_; }
  std::int64_t length_of(const Row& row) const { return static_cast<std::int64_t>(requests_[row.request].prompt.size() + results_[row.request].tokens.size()); }

  // Logits behind the last token of each sequence.
  Tensor states(const Batch& batch, const CachedTokens* cached) {
    const PackedInput input(batch, options_.device);
    ForwardContext context;
    context.input = &input;
    context.bf16 = options_.bf16;
    context.plain = options_.plain;
    context.cached = cached;
    std::vector<std::int64_t> last;
    for (std::int64_t b = 0; b < batch.size(); ++b) last.push_back(batch.starts[static_cast<std::size_t>(b) + 1] - 1);
    if (options_.work) {
      options_.work->tokens += batch.tokens();
      ++options_.work->passes;
    }
    return model_.logits(model_.states(context, at::tensor(last, at::kLong).to(options_.device)), context);
  }

  void choose(const Tensor& logits) {
    const Tensor log_sums = options_.plain ? at::logsumexp(logits, {1}) : Tensor();  // [B]
    float* all = logits.mutable_data_ptr<float>();
    const std::int64_t width = logits.size(1);
    std::vector<std::int32_t> chosen(rows_.size());
    std::vector<double> logprobs(rows_.size());
    at::parallel_for(0, static_cast<std::int64_t>(rows_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> raw;
      for (std::int64_t b = begin; b < end; ++b) {
        const std::size_t i = static_cast<std::size_t>(b);
        const std::span<float> row(all + b * width, static_cast<std::size_t>(width));
        const nn::RowSummary summary = options_.plain ? nn::RowSummary{0, 0, log_sums.const_data_ptr<float>()[b]} : nn::summary_of_row(row.data(), row.size());
        if (!options_.plain && rows_[i].sampler->takes_largest() && !std::isnan(summary.log_sum)) {
          chosen[i] = static_cast<std::int32_t>(summary.place);
          logprobs[i] = summary.largest - summary.log_sum;
          continue;
        }
        raw.assign(row.begin(), row.end());  // the sampler changes them
        chosen[i] = rows_[i].sampler->next(row, static_cast<std::int64_t>(results_[rows_[i].request].tokens.size()));
        logprobs[i] = static_cast<double>(raw[static_cast<std::size_t>(chosen[i])]) - summary.log_sum;
      }
    });
    std::vector<Row> going;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (goes_on(rows_[i], chosen[i], logprobs[i])) going.push_back(std::move(rows_[i]));
      else leave(rows_[i]);
    }
    rows_ = std::move(going);
  }

  bool goes_on(Row& row, std::int32_t token, double logprob) {
    GenerateResult& result = results_[row.request];
    if (std::find(options_.stop_tokens.begin(), options_.stop_tokens.end(), token) != options_.stop_tokens.end()) {
      result.finish = Finish::kStopToken;
      return false;
    }
    result.tokens.push_back(token);
    result.logprob += logprob;
    row.next.push_back(token);
    if (options_.text_ends && options_.text_ends(row.request, result.tokens)) result.finish = Finish::kStopString;
    else if (static_cast<std::int64_t>(result.tokens.size()) >= options_.generation.max_new_tokens) result.finish = Finish::kLength;
    else if (static_cast<std::int64_t>(requests_[row.request].prompt.size() + result.tokens.size()) >= limit_) result.finish = Finish::kContext;
    else return true;
    return false;
  }

  void leave(const Row& row) {
    if (!options_.plain) cache_.release(row.own);
    if (options_.on_done) options_.on_done(row.request, results_[row.request]);
  }

  HeadedModel& model_;
  std::span<const GenerateRequest> requests_;
  const GenerateOptions& options_;
  std::int64_t limit_, keeps_up_to_, vocabulary_;
  nn::KeyValueCache cache_;
  nn::CacheRange shared_;
  std::vector<Row> rows_;
  std::size_t next_ = 0;  // of the requests
  std::vector<GenerateResult> results_;
};

}  // namespace

std::vector<GenerateResult> generate(HeadedModel& model, std::span<const GenerateRequest> requests, const GenerateOptions& options) {
  return Generation(model, requests, options).run();
}

}  // namespace temper::inference
