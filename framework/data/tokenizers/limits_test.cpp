// Truncation of one text and of pairs.
#include "data/tokenizers/limits.h"

#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::data::tokenizers {
namespace {

using Sizes = std::pair<std::size_t, std::size_t>;

Sizes cut(std::size_t first, std::size_t second, std::int64_t max_length) {
  Truncation truncation;
  truncation.max_length = max_length;
  const Truncated result = truncate(truncation, 0, first, second);
  return {result.first[0].second, result.second[0].second};
}

TEST(Truncation, CutsTheLongerTextFirst) {
  EXPECT_EQ(cut(10, 2, 8), (Sizes{6, 2}));
  EXPECT_EQ(cut(2, 10, 8), (Sizes{2, 6}));
  EXPECT_EQ(cut(10, 10, 8), (Sizes{4, 4}));
  EXPECT_EQ(cut(10, 10, 7), (Sizes{3, 4}));
  EXPECT_EQ(cut(11, 10, 7), (Sizes{4, 3}));
  EXPECT_EQ(cut(3, 3, 6), (Sizes{3, 3}));
  EXPECT_EQ(cut(5, 5, 0), (Sizes{0, 0}));
}

TEST(Truncation, OverflowsIntoWindowsThatShareAStride) {
  Truncation truncation;
  truncation.max_length = 4;
  truncation.stride = 1;
  EXPECT_EQ(truncate(truncation, 0, 8, {}).first, (Windows{{0, 4}, {3, 7}, {6, 8}}));
  truncation.from_left = true;
  EXPECT_EQ(truncate(truncation, 0, 8, {}).first, (Windows{{4, 8}, {1, 5}, {0, 2}}));
  EXPECT_EQ(truncate(truncation, 1, 4, {}).first, (Windows{{1, 4}, {0, 2}}));
  EXPECT_EQ(truncate(truncation, 4, 2, {}).first, (Windows{{0, 0}, {0, 2}}));
}

TEST(Truncation, SaysWhenItCannot) {
  Truncation truncation;
  truncation.max_length = 1;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 2, 5, {}); }).find("max_length is 1, but the special tokens alone are 2"), std::string::npos);
  truncation.max_length = 4;
  truncation.strategy = Truncation::Strategy::kOnlySecond;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 0, 5, 5); }).find("would have to go"), std::string::npos);
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 0, 5, {}); }).find("only the second text may be truncated, and there is none"), std::string::npos);
  truncation.strategy = Truncation::Strategy::kLongestFirst;
  truncation.stride = 4;
  EXPECT_NE(testing::message_of([&] { truncate(truncation, 0, 5, {}); }).find("the stride 4 leaves no progress"), std::string::npos);
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
  pad(padding, padded_length(padding, 3), encoding);
  EXPECT_EQ(encoding.ids, (std::vector<std::int32_t>{9, 1, 2, 3}));
  EXPECT_EQ(encoding.is_special, (std::vector<std::uint8_t>{1, 0, 0, 0}));
}

}  // namespace
}  // namespace temper::data::tokenizers
