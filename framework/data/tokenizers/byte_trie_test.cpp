// ByteTrie on keys that begin alike.
#include "data/tokenizers/byte_trie.h"

#include <gtest/gtest.h>

#include <string>

namespace temper::data::tokenizers {
namespace {

TEST(ByteTrie, FindsEveryKeyThatATextBeginsWith) {
  const ByteTrie trie({{"a", 1}, {"ab", 2}, {"abcd", 3}, {"b", 4}, {"", 5}});
  std::vector<std::pair<std::size_t, std::int32_t>> found;
  trie.each_prefix("abcx", [&](std::size_t size, std::int32_t value) { found.emplace_back(size, value); });
  EXPECT_EQ(found, (std::vector<std::pair<std::size_t, std::int32_t>>{{1, 1}, {2, 2}}));
  EXPECT_EQ(trie.longest("abcde"), 4u);
  EXPECT_EQ(trie.longest("xa"), 0u);
  EXPECT_EQ(trie.longest(""), 0u);
  EXPECT_EQ(ByteTrie().longest("a"), 0u);
}

TEST(ByteTrie, NodesWithManyEdgesAreSearchedTheSame) {
  std::vector<std::string> texts;
  for (int b = 0; b < 256; b += 3) texts.push_back(std::string("x") + static_cast<char>(b));
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  for (std::size_t i = 0; i < texts.size(); ++i) keys.emplace_back(texts[i], static_cast<std::int32_t>(i));
  const ByteTrie trie(keys);
  for (int b = 0; b < 256; ++b) EXPECT_EQ(trie.longest(std::string("x") + static_cast<char>(b)), b % 3 == 0 ? 2u : 0u) << b;
}

TEST(ByteTrie, OfEqualKeysTheLastHolds) {
  std::int32_t found = -1;
  ByteTrie({{"a", 1}, {"a", 2}}).each_prefix("a", [&](std::size_t, std::int32_t value) { found = value; });
  EXPECT_EQ(found, 2);
}

}  // namespace
}  // namespace temper::data::tokenizers
