// Equal inputs of two splits, to the letter and nearly so.
#include "data/leakage.h"

#include <gtest/gtest.h>

namespace temper::data {
namespace {

RowsInMemory split(const std::vector<std::pair<std::string, std::string>>& rows) {
  RowsInMemory result;
  for (const auto& [text, label] : rows) {
    Item item;
    item.fields.set("text", text);
    item.fields.set("source", "copied from " + text);
    result.add(std::move(item), {Label{label}});
  }
  return result;
}

TEST(Leakage, ATextWithoutCasePunctuationAndBlanksIsTheSame) {
  EXPECT_EQ(normal_text("  Good\tMORNING,   \u00c9lan!! "), "good morning \u00e9lan");
  EXPECT_EQ(normal_text("don't 3.5%"), "dont 35");
  EXPECT_EQ(normal_text(" :-) "), " :-) ");  // nothing else is left of it
}

TEST(Leakage, FindsCopiesAndNearCopiesAndWhetherTheyAreAnsweredAlike) {
  const SharedRows shared = shared_rows(split({{"one", "a"}, {"Two!", "a"}, {"three", "a"}, {"", "a"}, {" two", "b"}}), split({{"two", "a"}, {"One", "b"}, {"one", "a"}, {"", "a"}}));
  ASSERT_EQ(shared.pairs.size(), 3u);
  EXPECT_EQ(shared.pairs[0].row, 0u);
  EXPECT_EQ(shared.pairs[0].other, 2u);  // the exact copy, though a similar row stands before it
  EXPECT_TRUE(shared.pairs[0].is_exact);
  EXPECT_TRUE(shared.pairs[0].is_answered_alike);
  EXPECT_EQ(shared.pairs[1].row, 1u);
  EXPECT_FALSE(shared.pairs[1].is_exact);
  EXPECT_TRUE(shared.pairs[1].is_answered_alike);
  EXPECT_EQ(shared.pairs[2].row, 4u);
  EXPECT_FALSE(shared.pairs[2].is_answered_alike);
}

TEST(Leakage, AnInputIsWhatTasksReadOfAnItem) {
  Item item;
  item.fields.set("note", std::string("other"));
  EXPECT_EQ(input_text(item), "other\n");
  item.fields.set("context", std::string("c"));
  item.fields.set("question", std::string("q"));
  EXPECT_EQ(input_text(item), "q\nc\n");
  item.fields.set("tokens", std::vector<std::string>{"a", "b"});
  item.fields.set("input_ids", std::vector<std::int64_t>{1, 2});
  EXPECT_EQ(input_text(item), "a b \nq\nc\n1 2 \n");
}

}  // namespace
}  // namespace temper::data
