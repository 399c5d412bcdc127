// Token sequences as a tree: what several of them begin with stands there once. No torch.
#pragma once

#include <cstdint>
#include <vector>

namespace temper::inference {

using Tokens = std::vector<std::int32_t>;

struct PrefixNode {
  std::int64_t parent = -1;          // -1: none
  std::int64_t depth = 0;            // how many nodes stand before it
  std::int64_t first_position = 0;   // of its first token, within a whole sequence
  std::int64_t children = 0;         // how many
  Tokens tokens;                     // at least one
};

struct PrefixTree {
  std::vector<PrefixNode> nodes;   // a node, then all that hangs on it, then its next sibling
  std::vector<std::int64_t> last;  // for each sequence the node that its last token lies in
  std::int64_t tokens() const {
    std::int64_t count = 0;
    for (const PrefixNode& node : nodes) count += static_cast<std::int64_t>(node.tokens.size());
    return count;
  }
};

// The tree of sequences, none of them empty. Where several go on alike, the tokens become a node of their own only if that saves
// `worth` tokens or more; otherwise each of them brings its own. Equal sequences are always one. Sequences of more than `longest` tokens,
// unless it is 0, share nothing with others.
PrefixTree prefix_tree(const std::vector<Tokens>& sequences, std::int64_t worth, std::int64_t longest = 0);

// Every sequence for itself, in their order.
PrefixTree without_sharing(const std::vector<Tokens>& sequences);

}  // namespace temper::inference
