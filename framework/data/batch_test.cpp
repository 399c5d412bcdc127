// Packing, and the key of an item.
#include <temper/batch.h>

#include <gtest/gtest.h>

#include <temper/error.h>
#include <temper/example.h>

namespace temper {
namespace {

TEST(Batch, PacksSequencesOneBehindTheOther) {
  Batch batch;
  EXPECT_EQ(batch.size(), 0);
  batch.append({7, 8, 9}, {}, 1);
  batch.append({5}, {1}, 2);
  EXPECT_EQ(batch.ids, (std::vector<std::int32_t>{7, 8, 9, 5}));
  EXPECT_EQ(batch.positions, (std::vector<std::int32_t>{0, 1, 2, 0}));
  EXPECT_EQ(batch.segments, (std::vector<std::int32_t>{0, 0, 0, 1}));
  EXPECT_EQ(batch.starts, (std::vector<std::int32_t>{0, 3, 4}));
  EXPECT_EQ(batch.items, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(batch.size(), 2);
  EXPECT_EQ(batch.tokens(), 4);
}

TEST(Batch, TakesNoEmptySequenceAndNoUnevenTypeIds) {
  Batch batch;
  EXPECT_THROW(batch.append({}, {}, 1), Error);
  EXPECT_THROW(batch.append({1, 2}, {0}, 1), Error);
  EXPECT_EQ(batch.tokens(), 0);
}

// Dropout draws from it, so a stored study depends on it: XXH3_64bits, as other implementations give it.
TEST(ItemKey, NeverChanges) {
  EXPECT_EQ(item_key(""), 0x2D06800538D394C2u);
  EXPECT_EQ(item_key("train:1"), item_key("train:1"));
  EXPECT_NE(item_key("train:1"), item_key("train:2"));
}

}  // namespace
}  // namespace temper
