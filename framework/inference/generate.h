// Text continued by a causal language model, many prompts at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <temper/generation_options.h>
#include <temper/torch/headed_model.h>

namespace temper::inference {

struct GenerateRequest {
  std::vector<std::int32_t> prompt;  // at least one token
  std::uint64_t item = 0;            // item_key: what its draws depend on
};

enum class Finish {
  kStopToken,   // a token of stop_tokens; it is not part of the answer
  kStopString,  // `text_ends` said so
  kLength,      // max_new_tokens
  kContext,     // the model can read no further
};
std::string_view to_string(Finish finish);  // "stop_token", "stop_string", "length", "context"

struct GenerateResult {
  std::vector<std::int32_t> tokens;  // without the prompt
  double logprob = 0;                // of these tokens under the model, in nats, before temperature and cuts
  Finish finish = Finish::kLength;
};

// What was computed; for tests and cost.
struct GenerateWork {
  std::int64_t tokens = 0;  // through the blocks
  std::int64_t passes = 0;
};

struct GenerateOptions {
  GenerationOptions generation;
  std::uint64_t seed = 0;
  std::vector<std::int32_t> stop_tokens;
  // Whether an answer is at its end: asked with its tokens so far, after each of them; may be empty.
  std::function<bool(std::size_t request, std::span<const std::int32_t> tokens)> text_ends;
  std::int64_t rows = 32;  // prompts that are continued at a time
  bool bf16 = false;
  bool plain = false;      // no cache: every token from the whole text before it
  at::Device device = at::kCPU;
  std::function<void(std::size_t request, const GenerateResult&)> on_done;  // in the order in which they end; may be empty
  GenerateWork* work = nullptr;
};

// In the order of the requests. What all prompts begin with is computed once; prompts of different lengths run together without
// padding; a row that ends gives its place to the next prompt. Throws Error for an empty prompt and one that fills the model's context.
std::vector<GenerateResult> generate(HeadedModel& model, std::span<const GenerateRequest> requests, const GenerateOptions& options);

}  // namespace temper::inference
