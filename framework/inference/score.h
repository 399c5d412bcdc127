// Log-likelihoods of continuations under a causal language model, as lm-evaluation-harness defines them (Gao et al. 2024,
// `loglikelihood`): sum over the continuation of log p(token | all before it).
#pragma once

#include <cstdint>
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
  std::int64_t batch_size = 16;
  bool truncate_left = false;  // a pair beyond the model's limit keeps its last (limit + 1) tokens; otherwise it is an Error
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
};

// In the order of the requests. Logits are computed for the positions that predict a continuation, and no others.
std::vector<ScoreResult> score(HeadedModel& model, std::span<const ScoreRequest> requests, const ScoreOptions& options);

}  // namespace temper::inference
