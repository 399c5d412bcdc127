// Split expressions: Ruby's meaning through PCRE2, and the scanners against the expressions whose twins they are.
#include "data/tokenizers/regex.h"

#include <gtest/gtest.h>

#include <random>

#include "data/tokenizers/scanners.h"
#include "data/tokenizers/unicode.h"
#include "support/message_of.h"

namespace temper::data::tokenizers {
namespace {

std::vector<std::string> found(std::string_view pattern, std::string_view text) {
  std::vector<std::string> result;
  for (const ByteRange& match : Regex(pattern).matches(text)) result.emplace_back(text.substr(match.begin, match.end - match.begin));
  return result;
}

using Strings = std::vector<std::string>;

TEST(Regex, AnchorsAreThoseOfLines) {
  EXPECT_EQ(found("^a", "ab\nac\n"), (Strings{"a", "a"}));
  EXPECT_EQ(found("\\s+$", "a \nb  "), (Strings{" ", "  "}));
}

TEST(Regex, TheFirstAlternativeWins) { EXPECT_EQ(found("a|ab", "ab"), Strings{"a"}); }

TEST(Regex, TheFlagMLetsTheDotMatchLineEnds) {
  EXPECT_EQ(found("a.b", "a\nb"), Strings{});
  EXPECT_EQ(found("(?m:a.b)", "a\nb"), Strings{"a\nb"});
}

TEST(Regex, SpacesAreWhiteSpaceAndNothingElse) {
  EXPECT_EQ(found("\\s", "\u0085\u2028\u3000\u00A0"), (Strings{"\u0085", "\u2028", "\u3000", "\u00A0"}));
  EXPECT_EQ(found("\\s", "\u200B\uFEFF\u180E\x1C"), Strings{});
}

TEST(Regex, LettersAreThoseOfUnicode16) {
  EXPECT_EQ(found("\\p{L}", "\U00010D50\U0001DF25\u1C89"), (Strings{"\U00010D50", "\U0001DF25", "\u1C89"}));
  EXPECT_EQ(found("[^\\p{L}]", "\U00010D50"), Strings{});
  EXPECT_EQ(found("\\p{L}", "\U00016EA0"), Strings{});  // came with 17
}

TEST(Regex, SetsMayBeNestedIntersectedAndNegated) {
  EXPECT_EQ(found("[^(\\s|[.,!?])]+", "ab,(c| d"), (Strings{"ab", "c", "d"}));
  EXPECT_EQ(found("[[:alpha:]&&[^aeiou]]+", "hello"), (Strings{"h", "ll"}));
  EXPECT_EQ(found("[a[^\\d]]", "1a-"), (Strings{"a", "-"}));
  EXPECT_EQ(found("[]a]", "]b"), Strings{"]"});
  EXPECT_EQ(found("[a-]", "-b"), Strings{"-"});
}

TEST(Regex, WordsHoldSuperscriptsOfLatin1OnlyOutsideOfBrackets) {
  EXPECT_EQ(found("\\w", "\u00B2\u2074"), Strings{"\u00B2"});
  EXPECT_EQ(found("[\\w]", "\u00B2"), Strings{});
}

TEST(Regex, APlusBehindAnIntervalRepeatsIt) {
  EXPECT_EQ(found("a{2}+", "aaaaa"), Strings{"aaaa"});
  EXPECT_EQ(found("x{,2}y", "xxxy"), Strings{"xxy"});
  EXPECT_EQ(found("a{,", "a{,"), Strings{"a{,"});
}

TEST(Regex, CaseIsIgnoredAsUnicodeSays) { EXPECT_EQ(found("(?i:'s)", "'S'\u017F"), (Strings{"'S", "'\u017F"})); }

TEST(Regex, AnEmptyMatchBehindAMatchIsNone) { EXPECT_EQ(Regex("b*").matches("abb").size(), 2u); }

TEST(Regex, QuotedTextMatchesItself) {
  const std::string text = "a.b*(c)[d]{2}\\ \u00E9#\n^$";
  EXPECT_EQ(found(Regex::quoted(text), "x" + text), Strings{text});
}

TEST(Regex, SaysWhyAnExpressionIsNotUnderstood) {
  for (const char* bad : {"(", ")", "[a", "\\p{Nonsense}", "\\x{110000}", "[z-a]", "a\\", "(?s:a)", "(?<name", "*a"}) {
    const std::string message = testing::message_of([&] { Regex{bad}; });
    EXPECT_NE(message.find("the expression \"" + std::string(bad) + "\" is not understood"), std::string::npos) << bad << ": " << message;
  }
}

TEST(Regex, AbsurdBacktrackingIsAnErrorAndNoHang) {
  const std::string message = testing::message_of([] { Regex("(a+)+[b-d]").matches(std::string(5000, 'a')); });
  EXPECT_NE(message.find("failed on a text of 5000 bytes"), std::string::npos) << message;
}

TEST(Regex, DeepBacktrackingNeedsNoStack) { EXPECT_EQ(Regex("(?:a|b)*c").matches(std::string(200000, 'a') + "c").size(), 1u); }

// Text in which every class of characters meets every other.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> parts = {" ", " ", "  ", "\n", "\r\n", "\t", "'", "'s", "'LL", "'re", "'\u017F", "a", "Word", "\u00E9", "e\u0301", "\u4E2D\u6587", "7", "123", "12345", "\u0663", "\u00BD",
                                                 "\u2167", "!", "...", "\u2014", "$", "_", "\u3000", "\u0085", "\u00A0", "\u200B", "\U0001F600", "\U00010D50", "\U00016EA0", "\u180E", "\u1C89", "\u0378"};
  std::string text;
  for (int i = 0; i < 40; ++i) text += parts[random() % parts.size()];
  return text;
}

TEST(Scanners, MatchWhatTheirExpressionsMatch) {
  std::mt19937 random(1);
  for (const std::string_view pattern : {kGpt2Pattern, kLlama3Pattern, kQwen2Pattern}) {
    const Regex regex(pattern);
    const Scanner scanner = scanner_for(pattern);
    ASSERT_NE(scanner, nullptr);
    for (int round = 0; round < 2000; ++round) {
      const std::string text = random_text(random);
      std::vector<ByteRange> scanned;
      scanner(text, 0, scanned);
      ASSERT_EQ(scanned, regex.matches(text)) << pattern << "\n" << text;
    }
  }
}

TEST(Scanners, ClassifyEveryCharacterAsTheirExpressionsDo) {
  const Regex regex(kGpt2Pattern);
  const Scanner scanner = scanner_for(kGpt2Pattern);
  for (char32_t block = 0; block < 0x110000; block += 256) {
    std::string text;
    for (char32_t c = block; c < block + 256; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      text += 'a';
      append_utf8(c, text);
      text += '1';
    }
    std::vector<ByteRange> scanned;
    scanner(text, 0, scanned);
    ASSERT_EQ(scanned, regex.matches(text)) << "characters from U+" << std::hex << static_cast<unsigned>(block);
  }
}

TEST(Scanners, ThereIsNoneForOtherExpressions) { EXPECT_EQ(scanner_for("\\s+"), nullptr); }

}  // namespace
}  // namespace temper::data::tokenizers
