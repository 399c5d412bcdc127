// Passes over the nodes of a tree whose parents have run, the deepest first, so that few keys and values are kept at a time.
#include "inference/run_tree.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <set>

#include "nn/key_value_cache.h"

namespace temper::inference {

namespace {

class TreeRun {
 public:
  TreeRun(HeadedModel& model, const PrefixTree& tree, const std::vector<TreePlace>& places, const TreeRunOptions& options)
      : model_(model), tree_(tree), places_(places), options_(options), reads_(tree.nodes.size()), children_of_(tree.nodes.size()),
        kept_(tree.nodes.size()), unfinished_(tree.nodes.size()) {
    for (std::size_t i = 0; i < places.size(); ++i) reads_[static_cast<std::size_t>(places[i].node)].push_back(static_cast<std::int64_t>(i));
    for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
      unfinished_[n] = tree.nodes[n].children;
      if (tree.nodes[n].parent < 0) ready_.insert(rank(n));
      else children_of_[static_cast<std::size_t>(tree.nodes[n].parent)].push_back(n);
    }
  }

  TreeRunWork run(const std::function<void(const std::vector<std::int64_t>&, const Tensor&, const ForwardContext&)>& take) {
    while (!ready_.empty()) {
      const std::vector<std::size_t> nodes = next_nodes();
      run(nodes, take);
      for (const std::size_t n : nodes) finish(n);
    }
    return work_;
  }

 private:
  using Rank = std::pair<std::int64_t, std::size_t>;
  Rank rank(std::size_t n) const { return {-tree_.nodes[n].depth, n}; }

  // A pass either reads one token of each sequence at most, and then runs the last block for these alone, or any number of them.
  bool reads_many(std::size_t n) const { return reads_[n].size() > 1; }

  std::vector<std::size_t> next_nodes() {
    std::vector<std::size_t> nodes;
    std::int64_t tokens = 0;
    const bool many = reads_many(ready_.begin()->second);
    for (auto next = ready_.begin(); next != ready_.end() && static_cast<std::int64_t>(nodes.size()) < std::max<std::int64_t>(1, options_.batch_size);) {
      const std::int64_t length = static_cast<std::int64_t>(tree_.nodes[next->second].tokens.size());
      if (!nodes.empty() && tokens + length > options_.batch_tokens) break;
      if (reads_many(next->second) != many) {
        ++next;
        continue;
      }
      tokens += length;
      nodes.push_back(next->second);
      next = ready_.erase(next);
    }
    std::sort(nodes.begin(), nodes.end());  // siblings beside each other
    return nodes;
  }

  void run(const std::vector<std::size_t>& nodes, const std::function<void(const std::vector<std::int64_t>&, const Tensor&, const ForwardContext&)>& take) {
    const bool many = reads_many(nodes.front());
    Batch batch;
    CachedTokens cached;
    cached.cache = &cache_;
    std::vector<std::int64_t> read, taken, rows;  // tokens of the batch, the places that are among them, and these places' rows
    for (const std::size_t n : nodes) {
      const PrefixNode& node = tree_.nodes[n];
      const std::int64_t first = batch.tokens();
      batch.append(node.tokens, {}, 0, static_cast<std::int32_t>(node.first_position));
      cached.before.push_back(before(n));
      if (node.children > 0) kept_[n] = cache_.reserve(static_cast<std::int64_t>(node.tokens.size()));
      cached.kept_at.push_back(node.children > 0 ? kept_[n].first : -1);
      for (const std::int64_t place : reads_[n]) {
        rows.push_back(static_cast<std::int64_t>(read.size()));
        taken.push_back(place);
        read.push_back(first + places_[static_cast<std::size_t>(place)].offset);
      }
      if (!many && reads_[n].empty()) read.push_back(batch.tokens() - 1);  // its keys and values are wanted, and one row costs little
    }
    const PackedInput input(batch, options_.device);
    ForwardContext context;
    context.input = &input;
    context.bf16 = options_.bf16;
    context.plain = options_.plain;
    context.cached = &cached;
    Tensor states = model_.states(context, at::tensor(read, at::kLong).to(options_.device));
    if (rows.size() != read.size()) states = states.index_select(0, at::tensor(rows, at::kLong).to(options_.device));
    work_.tokens += batch.tokens();
    ++work_.passes;
    if (!taken.empty()) take(taken, states, context);
  }

  std::vector<nn::CacheRange> before(std::size_t n) const {
    std::vector<nn::CacheRange> ranges;
    for (std::int64_t above = tree_.nodes[n].parent; above >= 0; above = tree_.nodes[static_cast<std::size_t>(above)].parent) {
      ranges.push_back(kept_[static_cast<std::size_t>(above)]);
    }
    std::reverse(ranges.begin(), ranges.end());
    return ranges;
  }

  // What hangs on the node may run; what it hangs on may be forgotten when this was the last.
  void finish(std::size_t n) {
    for (const std::size_t child : children_of_[n]) ready_.insert(rank(child));
    for (std::int64_t node = static_cast<std::int64_t>(n); node >= 0 && unfinished_[static_cast<std::size_t>(node)] == 0;) {
      cache_.release(kept_[static_cast<std::size_t>(node)]);
      node = tree_.nodes[static_cast<std::size_t>(node)].parent;
      if (node >= 0) --unfinished_[static_cast<std::size_t>(node)];
    }
  }

  HeadedModel& model_;
  const PrefixTree& tree_;
  const std::vector<TreePlace>& places_;
  const TreeRunOptions& options_;
  std::vector<std::vector<std::int64_t>> reads_;  // of each node: places
  std::vector<std::vector<std::size_t>> children_of_;
  std::vector<nn::CacheRange> kept_;
  std::vector<std::int64_t> unfinished_;  // of each node: children that have not run with all below them
  std::set<Rank> ready_;
  nn::KeyValueCache cache_;
  TreeRunWork work_;
};

}  // namespace

TreeRunWork run_tree(HeadedModel& model, const PrefixTree& tree, const std::vector<TreePlace>& places, const TreeRunOptions& options,
                     const std::function<void(const std::vector<std::int64_t>&, const Tensor&, const ForwardContext&)>& take) {
  const at::NoGradGuard no_grad;
  return TreeRun(model, tree, places, options).run(take);
}

}  // namespace temper::inference
