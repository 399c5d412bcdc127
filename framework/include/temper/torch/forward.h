// What a forward pass needs beside the weights: packed inputs on the device, mode, precision, dropout's keys.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include <temper/batch.h>

namespace temper {

using at::Tensor;

// Consecutive sequences of one length: attention runs on [count, length] views, with no padding and no copy.
struct LengthGroup {
  std::int64_t first_token = 0, count = 0, length = 0;
};

// A batch on its device. Shapes: N packed tokens, B sequences.
struct PackedInput {
  PackedInput(const Batch& batch, at::Device device);
  Batch host;
  Tensor ids;        // [N] int64
  Tensor positions;  // [N] int64
  Tensor segments;   // [N] int64
  std::vector<LengthGroup> groups;  // cover all tokens, in order
  std::int64_t tokens() const { return host.tokens(); }
  std::int64_t size() const { return host.size(); }
};

// Dropout masks are a pure function of (seed, step, item, position, layer, site): never of the batch's layout.
struct DropoutSource {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
};

struct CachedTokens;  // the framework's
struct FrozenRows;    // temper/torch/headed_model.h

struct ForwardContext {
  const PackedInput* input = nullptr;
  bool training = false;  // dropout on
  bool bf16 = false;      // matrix products in bfloat16
  bool plain = false;     // take the plain twin of every fast path
  DropoutSource dropout;
  std::int64_t layer = -1;  // set by the driver before each call: -1 embed, 0 .. layers - 1, layers: finish and heads
  // Set by the driver in the last block when a head reads exactly these tokens, one per sequence and in their order ([B] int64).
  // The block then returns only their rows [B, C]: it takes x.index_select(0, read) for all but keys and values.
  Tensor read;
  // Set where the sequences go on behind tokens that ran before, whose keys and values are kept: the batch's positions count on from
  // these, and `attend` sees them. Nothing else of a model needs to look at it.
  const CachedTokens* cached = nullptr;
  // States of frozen blocks that were computed before: the model goes on behind them. Models need not look at it.
  const FrozenRows* frozen = nullptr;
};

// Shared by blocks of all families.

// Inverted dropout of packed rows x [N, C] (or [B, C] where context.read is in force): kept values are scaled by 1 / (1 - p).
// `site` tells the places of one layer apart. The identity outside training or with p = 0.
Tensor dropout(const Tensor& x, double p, int site, const ForwardContext& context);

struct AttentionOptions {
  bool causal = true;
  double scale = 1;      // of the scores, usually 1 / sqrt(D)
  double dropout = 0;    // of the probabilities
  int site = 0;
  std::int64_t window = 0;  // sliding window: a query sees this many keys, its own included; 0: all
};
// Softmax attention within each sequence of the batch. q [N, H, D] ([B, H, D] with context.read), k and v [N, K, D] with H a
// multiple of K (grouped queries); gives [N, H * D] ([B, H * D]).
Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options, const ForwardContext& context);

}  // namespace temper
