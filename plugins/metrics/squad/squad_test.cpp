// The plugin squad: the contract of metrics, then the cases of SQuAD's script.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support/metric_values.h"

namespace temper {
namespace {

TEST(Squad, KeepsTheMetricContract) { testing::check_metric("squad"); }

TEST(Squad, TakesNoNoticeOfArticlesCaseAndPunctuation) {
  const auto values = testing::text_values("squad", {{"The Eiffel-Tower!", "an eiffeltower"}});
  EXPECT_EQ(values.at("exact_match"), 1);
  EXPECT_EQ(values.at("squad_f1"), 1);
}
TEST(Squad, CountsWordsAsOftenAsBothHaveThem) {
  const auto values = testing::text_values("squad", {{"cat cat dog", "cat dog dog bird"}});
  EXPECT_EQ(values.at("exact_match"), 0);
  EXPECT_DOUBLE_EQ(values.at("squad_f1"), 2 * (2.0 / 3) * (2.0 / 4) / (2.0 / 3 + 2.0 / 4));
}
TEST(Squad, TakesTheBestOfSeveralReferences) {
  const TaskInfo task{Task::kQuestionAnswering, {}};
  const auto span = [](const std::string& text) { return Spans{{{0, static_cast<std::int64_t>(text.size()), text}}}; };
  const auto values = testing::metric_values("squad", task, std::vector<Target>{span("in 1066")}, {{span("1066"), span("year 1066"), span("In 1066.")}});
  EXPECT_EQ(values.at("exact_match"), 1);
  EXPECT_EQ(values.at("squad_f1"), 1);
}
TEST(Squad, AQuestionWithoutAnAnswerHasTheEmptyOne) {
  const TaskInfo task{Task::kQuestionAnswering, {}};
  const auto f1 = [&](const Target& answer, const Targets& references) { return testing::metric_values("squad", task, std::vector<Target>{answer}, {references}).at("squad_f1"); };
  EXPECT_EQ(f1(Spans{}, {Spans{}}), 1);
  EXPECT_EQ(f1(Text{"something"}, {Spans{}}), 0);
  EXPECT_EQ(f1(Spans{}, {Text{"something"}}), 0);
  EXPECT_EQ(f1(Spans{}, {Text{"the"}, Text{"something"}}), 0) << "a reference of articles alone does not count beside another";
}
TEST(Squad, LowersAndSplitsAllOfUnicode) {
  EXPECT_EQ(testing::text_values("squad", {{"ΟΔΟΣ\u3000ÉTÉ", "οδος été"}}).at("exact_match"), 1);
}
TEST(Squad, AnAnswerThatIsNoTextIsWrong) {
  EXPECT_EQ(testing::metric_values("squad", {Task::kGeneration, {}}, std::vector<Target>{Score{5}}, {{Text{"5"}}}).at("exact_match"), 0);
}

}  // namespace
}  // namespace temper
