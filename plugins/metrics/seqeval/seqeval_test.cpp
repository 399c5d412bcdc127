// The plugin seqeval: the contract of metrics, then entities read loosely and strictly.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Seqeval, KeepsTheMetricContract) { testing::check_metric("seqeval"); }

testing::MetricValues of(const std::string& metric, const std::vector<std::string>& answer, const std::vector<std::string>& reference) {
  return testing::metric_values(metric, {Task::kTokenClassification, {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}}, std::vector<Target>{Tags{answer}}, {{Tags{reference}}});
}
TEST(Seqeval, CountsWholeEntities) {
  const auto values = of("seqeval", {"B-PER", "I-PER", "O", "B-LOC", "O", "B-LOC"}, {"B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O"});
  EXPECT_DOUBLE_EQ(values.at("seqeval_precision"), 1.0 / 3);
  EXPECT_DOUBLE_EQ(values.at("seqeval_recall"), 1.0 / 2);
  EXPECT_DOUBLE_EQ(values.at("seqeval_f1"), 0.4);
  EXPECT_DOUBLE_EQ(values.at("seqeval_f1_PER"), 1);
  EXPECT_DOUBLE_EQ(values.at("seqeval_f1_LOC"), 0);
  EXPECT_DOUBLE_EQ(values.at("seqeval_f1_macro"), 0.5);
}
TEST(Seqeval, ReadsAnInsideTagAsABeginUnlessStrict) {
  EXPECT_DOUBLE_EQ(of("seqeval", {"I-PER", "I-PER"}, {"B-PER", "I-PER"}).at("seqeval_f1"), 1);
  EXPECT_DOUBLE_EQ(of("seqeval:strict=true", {"I-PER", "I-PER"}, {"B-PER", "I-PER"}).at("seqeval_f1"), 0);
}
TEST(Seqeval, TakesMissingTagsAsOutside) {
  EXPECT_DOUBLE_EQ(of("seqeval", {"B-PER"}, {"B-PER", "O", "B-LOC"}).at("seqeval_recall"), 0.5);
  EXPECT_DOUBLE_EQ(of("seqeval", {"B-PER", "O", "B-LOC"}, {"B-PER"}).at("seqeval_precision"), 1);
}
TEST(Seqeval, IsNothingWithoutEntities) { EXPECT_EQ(of("seqeval", {"O"}, {"O"}).at("seqeval_f1"), 0); }
TEST(Seqeval, TakesTagsOfNoKnownForm) { EXPECT_EQ(of("seqeval", {"", "B", "é-x", "-"}, {"O", "B-PER", "O", "O"}).at("seqeval_recall"), 0); }

}  // namespace
}  // namespace temper
