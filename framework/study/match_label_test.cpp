// Which label a written text means.
#include "study/match_label.h"

#include <gtest/gtest.h>

#include <temper/item.h>

namespace temper::study {
namespace {

std::string match(const std::string& text, const std::vector<std::string>& labels, const std::map<std::string, std::string>& spelled = {}) {
  PromptOptions options;
  options.labels = spelled;
  return match_label(text, PromptFormat(options, {Task::kClassification, labels}), labels);
}

TEST(MatchLabel, TakesATextThatIsASpelling) {
  EXPECT_EQ(match(" yes", {"no", "yes"}), "yes");
  EXPECT_EQ(match("\n no \n", {"no", "yes"}), "no");
  EXPECT_EQ(match(" fine", {"good", "bad"}, {{"good", " fine"}, {"bad", " poor"}}), "good");
  EXPECT_EQ(match("good", {"good", "bad"}, {{"good", " fine"}, {"bad", " poor"}}), kNoLabel);  // the name is not how it is spelled
}

TEST(MatchLabel, ElseTheLongestSpellingThatItBeginsWith) {
  EXPECT_EQ(match("yes, because", {"no", "yes"}), "yes");
  EXPECT_EQ(match("not sure at all", {"not", "not sure"}), "not sure");
  EXPECT_EQ(match("not sure", {"not sure", "not"}), "not sure");
  EXPECT_EQ(match("好的", {"好", "坏"}), "好");
}

TEST(MatchLabel, ElseNone) {
  EXPECT_EQ(match("nothing", {"no", "yes"}), kNoLabel);  // a word goes on
  EXPECT_EQ(match("it is yes", {"no", "yes"}), kNoLabel);
  EXPECT_EQ(match("Yes", {"no", "yes"}), kNoLabel);
  EXPECT_EQ(match("", {"no", "yes"}), kNoLabel);
}

}  // namespace
}  // namespace temper::study
