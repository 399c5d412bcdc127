// Runs a causal language model over a tree of token sequences, each token once.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <c10/core/Device.h>
#include <temper/torch/headed_model.h>

#include "inference/prefix_tree.h"

namespace temper::inference {

struct TreeRunOptions {
  std::int64_t batch_size = 64, batch_tokens = 2048;  // of one forward pass, see ScoreOptions
  bool bf16 = false, plain = false;
  at::Device device = at::kCPU;
};

// A token whose final state is wanted.
struct TreePlace {
  std::int64_t node = 0;
  std::int64_t offset = 0;  // within the node

  friend auto operator<=>(const TreePlace&, const TreePlace&) = default;
};

struct TreeRunWork {
  std::int64_t tokens = 0, passes = 0;
};

// Calls `take` after each pass with some of `places` (indices into it) and their states [M, C], in this order; each place once. Places
// are distinct. Keys and values of a node are kept until all that hangs on it has run.
TreeRunWork run_tree(HeadedModel& model, const PrefixTree& tree, const std::vector<TreePlace>& places, const TreeRunOptions& options,
                     const std::function<void(const std::vector<std::int64_t>&, const Tensor&, const ForwardContext&)>& take);

}  // namespace temper::inference
