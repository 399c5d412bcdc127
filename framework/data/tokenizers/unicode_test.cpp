// Tables of several Unicode versions, and repair of invalid UTF-8.
#include "data/tokenizers/unicode.h"

#include <gtest/gtest.h>

#include "data/tokenizers/unicode_forms.h"

namespace temper::data::tokenizers {
namespace {

TEST(Unicode, CategoriesDependOnTheVersion) {
  EXPECT_EQ(category('a', Age::kV8), Category::kLl);
  EXPECT_EQ(category(0x2E43, Age::kV8), Category::kCn);  // a punctuation mark of Unicode 9
  EXPECT_EQ(category(0x2E43, Age::kV9), Category::kPo);
  EXPECT_EQ(category(0x16EA0, Age::kV16), Category::kCn);
  EXPECT_EQ(category(0x16EA0, Age::kV17), Category::kLu);
  EXPECT_EQ(category(0x295, Age::kV16), Category::kLl);
  EXPECT_EQ(category(0x295, Age::kV17), Category::kLo);
  EXPECT_EQ(category(0x110000, Age::kV17), Category::kCn);
}

TEST(Unicode, BertFollowsUnicode8) {
  EXPECT_TRUE(is_bert_punctuation('$'));
  EXPECT_TRUE(is_bert_punctuation(0x3002));
  EXPECT_FALSE(is_bert_punctuation(0x2E43));
  EXPECT_FALSE(is_bert_punctuation(0xA3));  // a symbol outside of ASCII
  EXPECT_TRUE(is_bert_control(0x200D));
  EXPECT_TRUE(is_bert_control(0x85));
  EXPECT_FALSE(is_bert_control('\n'));
  EXPECT_TRUE(is_bert_accent(0x301));
  EXPECT_FALSE(is_bert_accent(0x903));
  EXPECT_TRUE(is_mark(0x903));
  EXPECT_TRUE(is_cjk(0x4E00));
  EXPECT_FALSE(is_cjk(0x30000));
}

TEST(Unicode, NumbersHoldFractionsButNoIdeographs) {
  EXPECT_TRUE(is_numeric(0xBD));
  EXPECT_TRUE(is_numeric(0x2167));
  EXPECT_FALSE(is_numeric(0x4E09));
}

std::u32string lower(char32_t c) {
  std::u32string out;
  append_lower(c, out);
  return out;
}

TEST(Unicode, LowerCaseGoesByCharacter) {
  EXPECT_EQ(lower('Q'), U"q");
  EXPECT_EQ(lower(0x3A3), U"\u03C3");
  EXPECT_EQ(lower(0x130), U"i\u0307");
  EXPECT_EQ(lower(0x1E9E), U"\u00DF");
  EXPECT_EQ(lower(0x10D50), U"\U00010D70");
  EXPECT_EQ(lower(0x100), U"\u0101");
  EXPECT_EQ(lower(0x101), U"\u0101");
}

TEST(Unicode, InvalidPartsBecomeOneReplacementEach) {
  EXPECT_EQ(replace_invalid("a\xFF\xFE z"), "a\uFFFD\uFFFD z");
  EXPECT_EQ(replace_invalid("\xE2\x82"), "\uFFFD");            // the start of a character is one part
  EXPECT_EQ(replace_invalid("\xE2\x82z"), "\uFFFDz");
  EXPECT_EQ(replace_invalid("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate: no byte of it starts anything valid
  EXPECT_EQ(replace_invalid("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(replace_invalid("\xF0\x9F\x98\x80\xF0\x9F\x98"), "\U0001F600\uFFFD");
}

TEST(Unicode, SanitisedTextKnowsItsPlaces) {
  const Sanitised sanitised = sanitise("\u00E9\xE2\x82z");
  EXPECT_EQ(sanitised.text, "\u00E9\uFFFDz");
  EXPECT_EQ(sanitised.begin, (std::vector<std::uint32_t>{0, 0, 2, 2, 2, 4}));
  EXPECT_EQ(sanitised.end, (std::vector<std::uint32_t>{2, 2, 4, 4, 4, 5}));
}

std::string form(std::string_view text, UnicodeForm which) {
  AlignedText aligned(text, 0);
  to_form(aligned, which);
  return std::string(aligned.text());
}

TEST(UnicodeForms, ComposeAndDecompose) {
  EXPECT_EQ(form("e\u0301", UnicodeForm::kNfc), "\u00E9");
  EXPECT_EQ(form("\u00E9", UnicodeForm::kNfd), "e\u0301");
  EXPECT_EQ(form("\uFB01", UnicodeForm::kNfkc), "fi");
  EXPECT_EQ(form("\uAC01", UnicodeForm::kNfd), "\u1100\u1161\u11A8");
  EXPECT_EQ(form("\u1100\u1161\u11A8", UnicodeForm::kNfc), "\uAC01");
  EXPECT_EQ(form("a\u0301\u0323", UnicodeForm::kNfc), "\u1EA1\u0301");  // marks are put in order first
  EXPECT_EQ(form("\u0958", UnicodeForm::kNfc), "\u0915\u093C");          // excluded from composition
}

TEST(UnicodeForms, KnowNothingYoungerThanUnicode9) { EXPECT_EQ(form("\u32FF", UnicodeForm::kNfkc), "\u32FF"); }

}  // namespace
}  // namespace temper::data::tokenizers
