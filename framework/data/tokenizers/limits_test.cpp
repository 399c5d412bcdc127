// Truncation of one text and of pairs.
#include "data/tokenizers/limits.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::data::tokenizers {
namespace {

std::vector<Token> tokens(std::size_t count) {
  std::vector<Token> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back({static_cast<std::int32_t>(i), 0, 0, false});
  return result;
}

std::pair<std::size_t, std::size_t> cut(std::size_t first, std::size_t second, std::int64_t max_length) {
  std::vector<Token> a = tokens(first), b = tokens(second);
  Truncation truncation;
  truncation.max_length = max_length;
  const std::int64_t dropped = truncate(truncation, 0, a, &b);
  EXPECT_EQ(dropped, static_cast<std::int64_t>(first + second - a.size() - b.size()));
  return {a.size(), b.size()};
}

using Sizes = std::pair<std::size_t, std::size_t>;

TEST(Truncation, CutsTheLongerTextFirst) {
  EXPECT_EQ(cut(10, 2, 8), (Sizes{6, 2}));
  EXPECT_EQ(cut(2, 10, 8), (Sizes{2, 6}));
  EXPECT_EQ(cut(10, 10, 8), (Sizes{4, 4}));
  EXPECT_EQ(cut(10, 10, 7), (Sizes{3, 4}));
  EXPECT_EQ(cut(11, 10, 7), (Sizes{4, 3}));
  EXPECT_EQ(cut(3, 3, 6), (Sizes{3, 3}));
  EXPECT_EQ(cut(5, 5, 0), (Sizes{0, 0}));
}

TEST(Truncation, FromTheLeftKeepsTheEnd) {
  std::vector<Token> a = tokens(5);
  Truncation truncation;
  truncation.max_length = 3;
  truncation.from_left = true;
  EXPECT_EQ(truncate(truncation, 1, a, nullptr), 3);
  EXPECT_EQ(a.front().id, 3);
}

TEST(Truncation, SaysWhenItCannot) {
  std::vector<Token> a = tokens(5), b = tokens(5);
  Truncation truncation;
  truncation.max_length = 1;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 2, a, nullptr); }).find("max_length is 1, but the special tokens alone are 2"), std::string::npos);
  truncation.max_length = 4;
  truncation.strategy = Truncation::Strategy::kOnlySecond;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 0, a, &b); }).find("would have to go"), std::string::npos);
  truncation.stride = 4;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 0, a, &b); }).find("the stride 4 leaves no progress"), std::string::npos);
}

TEST(Padding, GrowsToALengthOrAMultiple) {
  Encoding encoding;
  encoding.ids = {1, 2, 3};
  encoding.offsets.resize(3);
  encoding.type_ids.resize(3);
  encoding.is_special.resize(3);
  Padding padding;
  padding.multiple = 4;
  padding.id = 9;
  padding.on_left = true;
  pad(padding, encoding);
  EXPECT_EQ(encoding.ids, (std::vector<std::int32_t>{9, 1, 2, 3}));
  EXPECT_EQ(encoding.is_special, (std::vector<std::uint8_t>{1, 0, 0, 0}));
}

}  // namespace
}  // namespace temper::data::tokenizers
