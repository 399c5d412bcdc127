// Sorted sequences that begin alike stand beside each other: the tree is cut out of the sorted order, range by range.
#include "inference/prefix_tree.h"

#include <algorithm>
#include <numeric>

namespace temper::inference {

namespace {

// Distinct sequences [begin, end), in sorted order, begin alike: `known` tokens at least, of which the nodes up to `parent` hold the first `done`.
struct Range {
  std::size_t begin, end, known, done;
  std::int64_t parent;
};

std::size_t common_prefix(const Tokens& a, const Tokens& b, std::size_t known) {
  const std::size_t most = std::min(a.size(), b.size());
  while (known < most && a[known] == b[known]) ++known;
  return known;
}

std::int64_t add_node(PrefixTree& tree, const Tokens& from, std::size_t begin, std::size_t end, std::int64_t parent) {
  PrefixNode node;
  node.parent = parent;
  node.first_position = static_cast<std::int64_t>(begin);
  node.tokens.assign(from.begin() + static_cast<std::ptrdiff_t>(begin), from.begin() + static_cast<std::ptrdiff_t>(end));
  if (parent >= 0) {
    node.depth = tree.nodes[static_cast<std::size_t>(parent)].depth + 1;
    ++tree.nodes[static_cast<std::size_t>(parent)].children;
  }
  tree.nodes.push_back(std::move(node));
  return static_cast<std::int64_t>(tree.nodes.size()) - 1;
}

}  // namespace

PrefixTree prefix_tree(const std::vector<Tokens>& sequences, std::int64_t worth, std::int64_t longest) {
  std::vector<std::size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sequences[a] < sequences[b]; });
  const auto shares = [&](std::size_t i) { return longest == 0 || static_cast<std::int64_t>(sequences[i].size()) <= longest; };
  const auto first_alone = std::stable_partition(order.begin(), order.end(), shares);
  const std::vector<std::size_t> alone(first_alone, order.end());
  order.erase(first_alone, order.end());
  std::vector<const Tokens*> distinct;
  std::vector<std::size_t> number(sequences.size());  // of each sequence, among the distinct ones
  for (const std::size_t i : order) {
    if (distinct.empty() || *distinct.back() != sequences[i]) distinct.push_back(&sequences[i]);
    number[i] = distinct.size() - 1;
  }

  PrefixTree tree;
  std::vector<std::int64_t> ends(distinct.size(), -1);
  std::vector<Range> waiting;  // the last one is next, so that a node's children follow it
  if (!distinct.empty()) waiting.push_back({0, distinct.size(), 0, 0, -1});
  while (!waiting.empty()) {
    Range range = waiting.back();
    waiting.pop_back();
    const Tokens& first = *distinct[range.begin];
    // The first and the last of a sorted range differ before any two between them do.
    range.known = common_prefix(first, *distinct[range.end - 1], range.known);
    const bool first_ends = first.size() == range.known;  // only the first one can
    const std::int64_t saved = static_cast<std::int64_t>((range.known - range.done) * (range.end - range.begin - 1));
    std::vector<Range> parts;
    if (range.known > range.done && (range.end - range.begin == 1 || saved >= worth)) {
      range.parent = add_node(tree, first, range.done, range.known, range.parent);
      range.done = range.known;
      if (first_ends) ends[range.begin++] = range.parent;
    } else if (first_ends) {
      parts.push_back({range.begin, range.begin + 1, range.known, range.done, range.parent});
      ++range.begin;
    }
    while (range.begin < range.end) {
      std::size_t end = range.begin + 1;
      while (end < range.end && (*distinct[end])[range.known] == (*distinct[range.begin])[range.known]) ++end;
      parts.push_back({range.begin, end, range.known + 1, range.done, range.parent});
      range.begin = end;
    }
    waiting.insert(waiting.end(), parts.rbegin(), parts.rend());
  }
  tree.last.resize(sequences.size());
  for (const std::size_t i : order) tree.last[i] = ends[number[i]];
  for (std::size_t a = 0; a < alone.size(); ++a) {
    const std::size_t i = alone[a];
    const bool is_new = a == 0 || sequences[i] != sequences[alone[a - 1]];
    tree.last[i] = is_new ? add_node(tree, sequences[i], 0, sequences[i].size(), -1) : tree.last[alone[a - 1]];
  }
  return tree;
}

PrefixTree without_sharing(const std::vector<Tokens>& sequences) {
  PrefixTree tree;
  for (const Tokens& sequence : sequences) tree.last.push_back(add_node(tree, sequence, 0, sequence.size(), -1));
  return tree;
}

}  // namespace temper::inference
