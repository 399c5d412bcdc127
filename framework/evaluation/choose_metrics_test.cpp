// Names of metrics to plugins and values, with the installed metrics.
#include "evaluation/choose_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/message_of.h"

namespace temper::evaluation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using testing::message_of;

const TaskInfo kTask{Task::kClassification, {"good", "bad"}};

std::vector<std::string> chosen(const MetricSet& set) {
  std::vector<std::string> names;
  for (const MetricSet::Choice& choice : set.choices) names.push_back(set.chosen(choice).name);
  return names;
}
MetricSet choose(const std::vector<std::string>& names, const TaskInfo& task = kTask) { return choose_metrics(registry::installed(), names, task); }

TEST(ChooseMetrics, TakesPluginsAndValuesInTheOrderOfTheirNames) {
  const MetricSet set = choose({"f1_weighted", "accuracy", "f1", "recall_bad"});
  EXPECT_THAT(chosen(set), ElementsAre("f1_weighted", "accuracy", "f1_macro", "recall_bad"));
  EXPECT_EQ(set.plugins.size(), 2u);  // f1 is loaded once
}
TEST(ChooseMetrics, ReportsAValueOnce) { EXPECT_THAT(chosen(choose({"f1", "f1_macro", "f1"})), ElementsAre("f1_macro")); }
TEST(ChooseMetrics, TakesTheUsualOnesWhenNoneIsNamed) {
  EXPECT_THAT(chosen(choose({})), IsSupersetOf({"accuracy", "f1_macro"}));
  EXPECT_THAT(usual_metrics(registry::installed(), Task::kLanguageModeling), ::testing::Contains("perplexity"));
}
TEST(ChooseMetrics, KnowsTheUsualOnesOfEveryTask) {
  const auto usual = [](Task task) { return chosen(choose({}, {task, {}})); };
  EXPECT_THAT(usual(Task::kMultiLabel), IsSupersetOf({"accuracy", "f1_macro"}));
  EXPECT_THAT(usual(Task::kRegression), IsSupersetOf({"pearson", "spearman", "mse"}));
  EXPECT_THAT(usual(Task::kTokenClassification), IsSupersetOf({"accuracy", "seqeval_precision", "seqeval_recall", "seqeval_f1"}));
  EXPECT_THAT(usual(Task::kQuestionAnswering), IsSupersetOf({"exact_match", "squad_f1"}));
  EXPECT_THAT(usual(Task::kGeneration), IsSupersetOf({"exact_match", "rougeL"}));
}
TEST(ChooseMetrics, TakesOptionsBehindAName) {
  EXPECT_THAT(chosen(choose({"seqeval_f1", "accuracy"}, {Task::kTokenClassification, {}})), ElementsAre("seqeval_f1", "accuracy"));
  EXPECT_THAT(chosen(choose({"bleu:tokenize=char,lowercase=true"}, {Task::kGeneration, {}})), ElementsAre("bleu"));
  EXPECT_THAT(message_of([] { choose({"bleu:tokenize=chars"}, {Task::kGeneration, {}}); }), HasSubstr("char"));
  EXPECT_EQ(values_named(registry::installed(), "ece:bins=10", Task::kClassification).at(0).name, "ece");
  EXPECT_EQ(values_named(registry::installed(), "seqeval_f1_PER", Task::kTokenClassification).at(0).name, "seqeval_f1_PER");
}
TEST(ChooseMetrics, AcceptsKindAndName) { EXPECT_THAT(chosen(choose({"metric/f1"})), ElementsAre("f1_macro")); }
TEST(ChooseMetrics, SaysWhatMayHaveBeenMeant) {
  EXPECT_THAT(message_of([] { choose({"acuracy"}); }), HasSubstr("there is no metric \"acuracy\"\n    did you mean \"accuracy\"?"));
  EXPECT_THAT(message_of([] { choose({"f1_marco"}); }), HasSubstr("did you mean \"f1_macro\"?"));
  EXPECT_THAT(message_of([] { choose({"f1_goood"}); }), HasSubstr("did you mean \"f1_good\"?"));
}
TEST(ChooseMetrics, ReportsAllWrongNamesAtOnce) {
  const std::string message = message_of([] { choose({"acuracy", "accuracy", "no_such_metric"}); });
  EXPECT_THAT(message, HasSubstr("acuracy"));
  EXPECT_THAT(message, HasSubstr("no_such_metric"));
}
TEST(ChooseMetrics, RefusesAMetricOfAnotherTask) {
  const std::string message = message_of([] { choose({"perplexity"}); });
  EXPECT_THAT(message, HasSubstr("the metric \"perplexity\" does not score the task classification"));
  EXPECT_THAT(message, HasSubstr("accuracy"));
}
TEST(ValuesNamed, TakesALabelAtItsWord) {
  const auto values = values_named(registry::installed(), "f1_a label", Task::kClassification);
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].name, "f1_a label");
  EXPECT_EQ(values[0].better, Better::kHigher);
}
TEST(ValuesNamed, KnowsPluginsAndAverages) {
  EXPECT_EQ(values_named(registry::installed(), "f1", Task::kClassification).at(0).name, "f1_macro");
  EXPECT_EQ(values_named(registry::installed(), "f1_micro", Task::kClassification).at(0).name, "f1_micro");
  EXPECT_EQ(values_named(registry::installed(), "cross_entropy", Task::kClassification).at(0).better, Better::kLower);
}
TEST(ValuesNamed, RefusesWhatNoMetricComputes) {
  EXPECT_THAT(message_of([] { values_named(registry::installed(), "validation_loss", Task::kClassification); }), HasSubstr("there is no metric"));
}

}  // namespace
}  // namespace temper::evaluation
