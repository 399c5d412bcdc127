// The plugin bleu: the contract of metrics, then its tokenizers and options.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Bleu, KeepsTheMetricContract) { testing::check_metric("bleu"); }

double bleu(const std::string& metric, const std::string& answer, const std::string& reference) { return testing::text_values(metric, {{answer, reference}}).at("bleu"); }

TEST(Bleu, OfHalfTheWordsInARow) {
  // 4 of 8 words, 3, 2, 1 n-grams of 7, 6, 5 match; the lengths are equal.
  EXPECT_NEAR(bleu("bleu", "a b c d x y z w", "a b c d e f g h"), 100 * std::pow(4.0 / 8 * 3 / 7 * 2 / 6 * 1 / 5, 0.25), 1e-9);
}
TEST(Bleu, PunishesShortAnswers) { EXPECT_NEAR(bleu("bleu", "a b c d", "a b c d e f g h"), 100 * std::exp(1 - 8.0 / 4), 1e-9); }
TEST(Bleu, SumsOverTheCorpusBeforeItDivides) {
  EXPECT_NEAR(testing::text_values("bleu", {{"a b c d", "a b c d"}, {"x", "y"}}).at("bleu"), 100 * std::pow(4.0 / 5, 0.25), 1e-9);
}
TEST(Bleu, SmoothsOrdersWithoutAMatch) {
  EXPECT_NEAR(bleu("bleu", "a x b y c", "a b c d e"), 100 * std::pow(3.0 / 5 * 1 / (2.0 * 4) * 1 / (4.0 * 3) * 1 / (8.0 * 2), 0.25), 1e-9);
  EXPECT_EQ(bleu("bleu:smooth_method=none", "a x b y c", "a b c d e"), 0);
}
TEST(Bleu, SplitsPunctuationAsMtevalDoes) {
  EXPECT_NEAR(bleu("bleu", "Hello, world! It costs 3,000.50 (net).", "Hello , world ! It costs 3,000.50 ( net ) ."), 100, 1e-9);
  EXPECT_NEAR(bleu("bleu", "a &quot;b&quot; c &amp; d", "a \" b \" c & d"), 100, 1e-9);
  EXPECT_LT(bleu("bleu:tokenize=none", "Hello, world! It costs", "Hello , world ! It costs"), 50);
}
TEST(Bleu, CutsCharactersAndUnicodesClassesIfAsked) {
  EXPECT_NEAR(bleu("bleu:tokenize=char", "中文句子", "中 文 句 子"), 100, 1e-9);
  EXPECT_NEAR(bleu("bleu:tokenize=intl", "中文。€5 und «so»", "中文 。 € 5 und « so »"), 100, 1e-9);
}
TEST(Bleu, HasTheSignatureOfSacrebleu) {
  const evaluation::MetricSet set = evaluation::choose_metrics(registry::installed(), {"bleu:tokenize=char,lowercase=true,smooth_method=floor"}, {Task::kGeneration, {}});
  const std::vector<Targets> one = {{Text{"a"}}, {Text{"b"}}}, varying = {{Text{"a"}}, {Text{"b"}, Text{"c"}}};
  EXPECT_EQ(set.plugins[0].metric->signature(set.task, "bleu", one), "nrefs:1|case:lc|eff:no|tok:char|smooth:floor[0.10]|version:2.6.0");
  EXPECT_EQ(set.plugins[0].metric->signature(set.task, "bleu", varying).substr(0, 10), "nrefs:var|");
}
TEST(Bleu, TakesEmptyTexts) {
  EXPECT_EQ(bleu("bleu", "", "a b c d"), 0);
  EXPECT_EQ(bleu("bleu", "a b c d", ""), 0);
}

}  // namespace
}  // namespace temper
