// Words as Python's `\b\w\w+\b` finds them in the lower-cased text.
#include <temper/lower_words.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace temper {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  LowerWords(text).for_each([&](std::string_view word) { result.emplace_back(word); });
  return result;
}

TEST(LowerWords, AreLowerCasedRunsOfLettersDigitsAndUnderscores) {
  EXPECT_THAT(words("The U.S. paid $3,000 for snake_case's"), ElementsAre("the", "paid", "000", "for", "snake_case"));
}
TEST(LowerWords, LeaveOutSingleCharactersHoweverManyBytes) { EXPECT_THAT(words("a \xC3\xA9 \xE6\x97\xA5 b"), IsEmpty()); }
TEST(LowerWords, KnowLettersBeyondAscii) {
  EXPECT_THAT(words("\xC3\x89" "COLE \xD0\x9C\xD0\x98\xD0\xA0 \xE6\x97\xA5\xE6\x9C\xAC"), ElementsAre("\xC3\xA9" "cole", "\xD0\xBC\xD0\xB8\xD1\x80", "\xE6\x97\xA5\xE6\x9C\xAC"));
}
TEST(LowerWords, CountNumbersOfEveryKind) { EXPECT_THAT(words("x\xC2\xB2 1\xC2\xBD"), ElementsAre("x\xC2\xB2", "1\xC2\xBD")); }
TEST(LowerWords, EndWhereLoweringLeavesAMark) { EXPECT_THAT(words("AB\xC4\xB0" "CD"), ElementsAre("abi", "cd")); }
TEST(LowerWords, TakeInvalidBytesAsSeparators) { EXPECT_THAT(words("ab\xFF" "cd\xE2\x82 ef\xED\xA0\x80gh\xC3"), ElementsAre("ab", "cd", "ef", "gh")); }
TEST(LowerWords, FindNoneInEmptyText) { EXPECT_THAT(words(""), IsEmpty()); }

}  // namespace
}  // namespace temper
