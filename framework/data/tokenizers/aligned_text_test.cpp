// Changed texts that know where they came from.
#include "data/tokenizers/aligned_text.h"

#include <gtest/gtest.h>

namespace temper::data::tokenizers {
namespace {

TEST(AlignedText, IsAViewOfItsSourceUntilItChanges) {
  const std::string source = "ab\u00E9";
  AlignedText text(source, 10);
  EXPECT_TRUE(text.is_source());
  EXPECT_EQ(text.text().data(), source.data());
  EXPECT_EQ(text.place(0, 1), (ByteRange{10, 11}));
  EXPECT_EQ(text.place(3, 4), (ByteRange{12, 14}));  // part of a character: all of it
}

TEST(AlignedText, ReplacedRangesTakeThePlaceOfTheirLastCharacter) {
  AlignedText text("a  b", 0);
  text.replace({{1, 3}}, "__");
  EXPECT_EQ(text.text(), "a__b");
  EXPECT_EQ(text.place(1, 3), (ByteRange{2, 3}));
  EXPECT_EQ(text.place(3, 4), (ByteRange{3, 4}));
}

TEST(AlignedText, APrefixTakesThePlaceOfTheFirstCharacter) {
  AlignedText text("\u00E9x", 5);
  text.prepend("__");
  EXPECT_EQ(text.text(), "__\u00E9x");
  EXPECT_EQ(text.place(0, 2), (ByteRange{5, 7}));
  AlignedText empty;
  empty.prepend("__");
  EXPECT_EQ(empty.text(), "");
}

TEST(AlignedText, FilteringKeepsThePlacesOfWhatStays) {
  AlignedText text("-a--b-", 0);
  text.filter([](char32_t c) { return c != '-'; });
  EXPECT_EQ(text.text(), "ab");
  EXPECT_EQ(text.place(0, 1), (ByteRange{1, 2}));
  EXPECT_EQ(text.place(1, 2), (ByteRange{4, 5}));
}

TEST(AlignedText, PartsKeepTheirPlaces) {
  AlignedText text("abcd", 0);
  text.replace({{0, 1}}, "xx");
  const AlignedText part = text.part(2, 4);
  EXPECT_EQ(part.text(), "bc");
  EXPECT_EQ(part.place(0, 2), (ByteRange{1, 3}));
}

TEST(Rewriter, InsertedCharactersTakeThePlaceBeforeThem) {
  AlignedText text("ab", 0);
  Rewriter rewriter(text);
  rewriter.add('a', 0);
  rewriter.add('!', 1);
  rewriter.add('b', 0);
  rewriter.finish(text);
  EXPECT_EQ(text.text(), "a!b");
  EXPECT_EQ(text.place(1, 2), (ByteRange{0, 1}));
  EXPECT_EQ(text.place(2, 3), (ByteRange{1, 2}));
}

}  // namespace
}  // namespace temper::data::tokenizers
