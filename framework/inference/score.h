// Log-likelihoods of continuations under a causal language model, as lm-evaluation-harness defines them (Gao et al. 2024,
// `loglikelihood`): sum over the continuation of log p(token | all before it).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <c10/core/Device.h>
#include <temper/torch/headed_model.h>

namespace temper::inference {

struct ScoreRequest {
  std::vector<std::int32_t> context;       // at least one token: bos or eos where there is no text
  std::vector<std::int32_t> continuation;  // at least one token
};

struct ScoreResult {
  double logprob = 0;       // nats, summed over the continuation in float64
  std::int64_t tokens = 0;  // of the continuation
  bool is_greedy = false;   // each token is the likeliest after those before it
};

struct ScoreOptions {
  std::int64_t batch_size = 64;      // sequences of one forward pass at most
  std::int64_t batch_tokens = 2048;  // and tokens, but for a sequence that is longer alone
  bool truncate_left = false;        // a pair beyond the model's limit keeps its last (limit + 1) tokens; otherwise it is an Error
  bool share = true;                 // tokens that several requests begin with are computed once
  bool bf16 = false;
  bool plain = false;                // the plain twin: one request, one sequence
  at::Device device = at::kCPU;
  std::function<void(std::int64_t done, std::int64_t all)> progress = {};  // told after each pass, in rows of logits; may be empty
};

// What it took.
struct ScoreWork {
  std::int64_t requested_tokens = 0;  // that the model would read without sharing
  std::int64_t tokens = 0;            // that it read
  std::int64_t rows = 0;              // of logits
  std::int64_t passes = 0;            // forward passes
  std::int64_t truncated = 0;         // requests that lost tokens
};

// In the order of the requests. Logits are computed for the positions that predict a continuation, and no others; continuations of
// one token behind the same context take one row of them. `work` is added to, if given.
std::vector<ScoreResult> score(HeadedModel& model, std::span<const ScoreRequest> requests, const ScoreOptions& options, ScoreWork* work = nullptr);

// The windows of a whole text, scored token by token (the harness's `loglikelihood_rolling`): the first begins behind `start`, the
// following ones behind the one token before them, and the last reaches back for as much context as the model takes.
std::vector<ScoreRequest> rolling_windows(std::span<const std::int32_t> text, std::int32_t start, std::int64_t limit);

}  // namespace temper::inference
