// Which blocks stay when a prompt is too long.
#include "data/fit_prompt.h"

#include <gtest/gtest.h>

namespace temper::data {
namespace {

std::int64_t length(const std::string& text) { return static_cast<std::int64_t>(text.size()); }
const Prompt kPrompt{{{"a", "11"}, {"b", "222"}, {"c", "3"}}, Prompt::LeaveOut::kFirst};

TEST(FitPrompt, KeepsAllBlocksThatFit) {
  const FittedPrompt fitted = fit_prompt(kPrompt, "xy", 8, length);
  EXPECT_EQ(fitted.text, "112223xy");
  EXPECT_EQ(fitted.used_ids, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(fitted.dropped_ids.empty());
}
TEST(FitPrompt, LeavesOutTheFirstBlocksFirst) {
  const FittedPrompt fitted = fit_prompt(kPrompt, "xy", 6, length);
  EXPECT_EQ(fitted.text, "2223xy");
  EXPECT_EQ(fitted.dropped_ids, std::vector<std::string>{"a"});
}
TEST(FitPrompt, LeavesOutTheLastBlocksWhereThePromptSaysSo) {
  const FittedPrompt fitted = fit_prompt({kPrompt.blocks, Prompt::LeaveOut::kLast}, "xy", 6, length);
  EXPECT_EQ(fitted.text, "11xy");
  EXPECT_EQ(fitted.used_ids, std::vector<std::string>{"a"});
  EXPECT_EQ(fitted.dropped_ids, (std::vector<std::string>{"b", "c"}));
}
TEST(FitPrompt, KeepsTheItemWholeWhereItIsTooLongAlone) {
  const FittedPrompt fitted = fit_prompt(kPrompt, "xyz", 2, length);
  EXPECT_EQ(fitted.text, "xyz");
  EXPECT_EQ(fitted.dropped_ids.size(), 3u);
}

}  // namespace
}  // namespace temper::data
