// Words and bytes of texts, as lm-evaluation-harness counts them; expected numbers are those of Python's len(re.split(r"\s+", text)).
#include "data/text_size.h"

#include <gtest/gtest.h>

namespace temper::data {
namespace {

TEST(TextSize, CountsWhatLiesBetweenRunsOfBlanks) {
  EXPECT_EQ(size_of_text("two words").words, 2);
  EXPECT_EQ(size_of_text("one \n\t two\r\n\r\nthree").words, 3);
  EXPECT_EQ(size_of_text("a-hyphen counts-not").words, 2);
}

TEST(TextSize, CountsAnEmptyWordAtEitherEndWhereBlanksAre) {
  EXPECT_EQ(size_of_text("").words, 1);
  EXPECT_EQ(size_of_text(" ").words, 2);
  EXPECT_EQ(size_of_text(" \n = Title = \n ").words, 5);
}

TEST(TextSize, KnowsTheBlanksOfPython) {
  EXPECT_EQ(size_of_text("a\u00a0b\u2003c\u3000d\u0085e\x1c" "f").words, 6);
  EXPECT_EQ(size_of_text("a\u200bb").words, 1);  // of no width: no blank
}

TEST(TextSize, CountsBytesNotCharacters) {
  EXPECT_EQ(size_of_text("größer").bytes, 8);
  EXPECT_EQ(size_of_text("größer").words, 1);
}

}  // namespace
}  // namespace temper::data
