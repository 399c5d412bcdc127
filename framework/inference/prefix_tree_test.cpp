// The tree holds every sequence, and what they share once.
#include "inference/prefix_tree.h"

#include <gtest/gtest.h>

#include "nn/random_bits.h"

namespace temper::inference {
namespace {

Tokens tokens_up_to(const PrefixTree& tree, std::int64_t last) {
  if (last < 0) return {};
  const PrefixNode& node = tree.nodes.at(static_cast<std::size_t>(last));
  Tokens tokens = tokens_up_to(tree, node.parent);
  EXPECT_EQ(node.first_position, static_cast<std::int64_t>(tokens.size()));
  tokens.insert(tokens.end(), node.tokens.begin(), node.tokens.end());
  return tokens;
}

void expect_holds(const PrefixTree& tree, const std::vector<Tokens>& sequences) {
  ASSERT_EQ(tree.last.size(), sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) EXPECT_EQ(tokens_up_to(tree, tree.last[i]), sequences[i]) << i;
  std::vector<std::int64_t> children(tree.nodes.size(), 0);
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
    EXPECT_FALSE(tree.nodes[n].tokens.empty());
    EXPECT_LT(tree.nodes[n].parent, static_cast<std::int64_t>(n));
    if (tree.nodes[n].parent >= 0) {
      ++children[static_cast<std::size_t>(tree.nodes[n].parent)];
      EXPECT_EQ(tree.nodes[n].depth, tree.nodes[static_cast<std::size_t>(tree.nodes[n].parent)].depth + 1);
    }
  }
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) EXPECT_EQ(children[n], tree.nodes[n].children);
}

TEST(PrefixTree, HoldsACommonBeginningOnce) {
  const std::vector<Tokens> sequences = {{1, 2, 3, 4}, {1, 2, 3, 5, 6}, {1, 2, 3}, {1, 2, 3, 4}, {9}};
  const PrefixTree tree = prefix_tree(sequences, 1);
  expect_holds(tree, sequences);
  EXPECT_EQ(tree.tokens(), 3 + 1 + 2 + 1);
  EXPECT_EQ(tree.last[0], tree.last[3]);
}

TEST(PrefixTree, ParentsStandBeforeAllThatHangsOnThem) {
  const PrefixTree tree = prefix_tree({{1, 2, 5}, {1, 2, 6, 7}, {1, 2, 6, 8}, {1, 3}}, 1);
  std::vector<std::int64_t> parents;
  for (const PrefixNode& node : tree.nodes) parents.push_back(node.parent);
  EXPECT_EQ(parents, (std::vector<std::int64_t>{-1, 0, 1, 1, 3, 3, 0}));
}

TEST(PrefixTree, IsNotCutWhereThatSavesTooLittle) {
  const std::vector<Tokens> sequences = {{1, 2, 3, 4}, {1, 2, 5}, {1, 7}, {1}};
  const PrefixTree tree = prefix_tree(sequences, 3);
  expect_holds(tree, sequences);
  EXPECT_EQ(tree.tokens(), 1 + 3 + 2 + 1);  // only the first 1 saves three tokens
  EXPECT_EQ(prefix_tree(sequences, 4).tokens(), 10);
  EXPECT_EQ(without_sharing(sequences).tokens(), 10);
  EXPECT_EQ(prefix_tree({{1, 2}, {1, 2}}, 1000).tokens(), 2);  // equal ones cost nothing to share
  EXPECT_TRUE(prefix_tree({}, 1).nodes.empty());
}

TEST(PrefixTree, LeavesLongSequencesAlone) {
  const std::vector<Tokens> sequences = {{1, 2, 3, 4}, {1, 2, 5}, {1, 2}, {1, 2, 3, 4}, {1, 2, 3, 5}};
  const PrefixTree tree = prefix_tree(sequences, 1, 3);
  expect_holds(tree, sequences);
  EXPECT_EQ(tree.tokens(), 2 + 1 + 4 + 4);
  EXPECT_EQ(tree.last[0], tree.last[3]);  // but for equal ones
}

TEST(PrefixTree, HoldsRandomSequences) {
  std::uint64_t state = 7;
  const auto below = [&](std::uint64_t bound) { return (state = nn::mix64(state + 1)) % bound; };
  for (int round = 0; round < 200; ++round) {
    std::vector<Tokens> sequences(1 + below(12));
    for (Tokens& sequence : sequences) {
      sequence.resize(1 + below(7));
      for (std::int32_t& token : sequence) token = static_cast<std::int32_t>(below(2));
    }
    for (const std::int64_t worth : {1, 2, 5, 100}) expect_holds(prefix_tree(sequences, worth), sequences);
    expect_holds(without_sharing(sequences), sequences);
  }
}

}  // namespace
}  // namespace temper::inference
