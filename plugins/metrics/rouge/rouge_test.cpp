// The plugin rouge: the contract of metrics, then its words, stems and subsequences.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Rouge, KeepsTheMetricContract) { testing::check_metric("rouge"); }

TEST(Rouge, OfTheMeasuresByHand) {
  // 4 of 5 and of 6 words, 2 of 4 and of 5 bigrams; the longest common subsequence is "the cat on mat".
  const auto values = testing::text_values("rouge", {{"the cat lay on mat", "the cat sat on the mat"}});
  EXPECT_NEAR(values.at("rouge1"), 2 * 4.0 / 11, 1e-12);
  EXPECT_NEAR(values.at("rouge2"), 2 * 1.0 / 9, 1e-12);
  EXPECT_NEAR(values.at("rougeL"), 2 * 4.0 / 11, 1e-12);
}
TEST(Rouge, LinesAreTheSentencesOfLsum) {
  const auto values = testing::text_values("rouge", {{"b c\na", "a\nb c"}});
  EXPECT_NEAR(values.at("rougeL"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(values.at("rougeLsum"), 1, 1e-12);
}
TEST(Rouge, WordsAreRunsOfAsciiLettersAndDigits) {
  EXPECT_NEAR(testing::text_values("rouge", {{"Caf\u00e9-42 it's", "caf 42 IT s"}}).at("rouge2"), 1, 1e-12);
  EXPECT_EQ(testing::text_values("rouge", {{"日本語", "日本語"}}).at("rouge1"), 0);
}
TEST(Rouge, ComparesStemsIfAsked) {
  EXPECT_NEAR(testing::text_values("rouge:use_stemmer=true", {{"flies relational happily", "fly relate happy"}}).at("rouge1"), 2.0 / 3 / 2, 1e-12);  // "relat"; "fly" is too short
  EXPECT_EQ(testing::text_values("rouge", {{"relational", "relate"}}).at("rouge1"), 0);
}
TEST(Rouge, TakesLongTexts) {
  std::string a, b;
  for (int i = 0; i < 30000; ++i) a += std::to_string(i % 977) + " ", b += std::to_string(i % 983) + " ";
  const auto values = testing::text_values("rouge", {{a, b}});
  EXPECT_GT(values.at("rougeL"), 0.5);
  EXPECT_EQ(values.at("rougeL"), values.at("rougeLsum"));
}
TEST(Rouge, TakesEmptyTexts) {
  for (const auto& [name, value] : testing::text_values("rouge", {{"", "a"}, {"a", ""}, {"\n\n", "\n"}})) EXPECT_EQ(value, 0) << name;
}

}  // namespace
}  // namespace temper
