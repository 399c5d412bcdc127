// Vectors of token sequences: a model's final states, pooled.
#pragma once

#include <cstdint>
#include <span>

#include <c10/core/Device.h>
#include <temper/embeddings.h>
#include <temper/example.h>
#include <temper/torch/headed_model.h>

namespace temper::inference {

struct EmbedOptions {
  EmbeddingOptions embedding;
  std::int64_t batch_tokens = 4096;  // per forward pass; a longer sequence runs alone
  bool bf16 = false;
  bool plain = false;
  at::Device device = at::kCPU;
};

// One row per example, in their order; the vector 0 for one without tokens. The head is not asked, labels are not looked at.
// Pooling is over all tokens of the example: one that was padded brings padding in.
Embeddings embed(HeadedModel& model, std::span<const Example> examples, const EmbedOptions& options);

}  // namespace temper::inference
