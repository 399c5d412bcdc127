// Texts as Python's str sees them: each expected value is what Python 3.11 gives.
#include <temper/texts.h>

#include <gtest/gtest.h>

namespace temper {
namespace {

TEST(LowerCase, IsTheFullMapping) {
  EXPECT_EQ(lower_case("ABC xyz 123"), "abc xyz 123");
  EXPECT_EQ(lower_case("ÀÉÎ ẞ"), "àéî ß");
  EXPECT_EQ(lower_case("İ"), "i\u0307");
  EXPECT_EQ(lower_case("\u212A"), "k");  // the sign of Kelvin
}
TEST(LowerCase, KnowsTheSigmaAtTheEndOfAWord) {
  EXPECT_EQ(lower_case("ΟΔΟΣ ΣΟΦΟΣ"), "οδος σοφος");
  EXPECT_EQ(lower_case("Σ"), "σ");
  EXPECT_EQ(lower_case("ΑΣ'Α ΑΣ. ΑΣ.Α"), "ασ'α ας. ασ.α");  // an apostrophe or a full stop does not end a word
}
TEST(LowerCase, MakesInvalidBytesReplacementCharacters) { EXPECT_EQ(lower_case("A\xFF"), "a\uFFFD"); }

std::vector<std::string> words(std::string_view text) {
  const auto views = split_at_blanks(text);
  return {views.begin(), views.end()};
}
TEST(SplitAtBlanks, KnowsAllOfPythonsBlanks) {
  EXPECT_EQ(words(" a\tb\u00A0c\u3000d\u2028e\x1F" "f\n"), (std::vector<std::string>{"a", "b", "c", "d", "e", "f"}));
  EXPECT_EQ(words("a\u200Bb \u2060"), (std::vector<std::string>{"a\u200Bb", "\u2060"}));  // no blanks
  EXPECT_TRUE(words("").empty());
  EXPECT_TRUE(words(" \n").empty());
}
TEST(SplitAtBlanks, StaysInsideACutCharacter) {
  EXPECT_EQ(words("a\xE3\x80"), (std::vector<std::string>{"a\xE3\x80"}));
  EXPECT_EQ(words("a\xC2"), (std::vector<std::string>{"a\xC2"}));
}

TEST(Characters, HaveTheirClasses) {
  EXPECT_TRUE(is_letter(U'中') && is_number(U'½') && is_punctuation(U'。') && is_symbol(U'€') && is_blank(0x85));
  EXPECT_FALSE(is_letter(0x301) || is_punctuation(U'$') || is_symbol(U'-') || is_blank(U'a') || is_letter(0x110000));
  EXPECT_EQ(to_bytes(to_characters("aé中😀")), "aé中😀");
}

TEST(AnswerText, IsThatOfTextsLabelsAndSpans) {
  EXPECT_EQ(answer_text(Text{"t"}), "t");
  EXPECT_EQ(answer_text(Label{"l"}), "l");
  EXPECT_EQ(answer_text(Spans{{{0, 1, "a"}, {4, 5, "b"}}}), "a b");
  EXPECT_EQ(answer_text(Spans{}), "");
  EXPECT_FALSE(answer_text(Score{1}));
  EXPECT_FALSE(answer_text(Tags{{"O"}}));
}

}  // namespace
}  // namespace temper
