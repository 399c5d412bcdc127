// Scoring lines of any system's answers, with the installed metrics; then all ways in which a line may be wrong.
#include "evaluation/evaluate_lines.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/message_of.h"

namespace temper::evaluation {
namespace {

using ::testing::HasSubstr;
using testing::message_of;

std::vector<ScoredValue> evaluate(const std::string& lines, const std::vector<std::string>& metrics, std::optional<Task> task = std::nullopt) {
  std::istringstream input(lines);
  return evaluate_lines(registry::installed(), input, "answers.jsonl", metrics, task);
}
double value(const std::string& lines, const std::string& metric) { return evaluate(lines, {metric}).at(0).value; }
std::string message(const std::string& lines, const std::string& metric = "accuracy") { return message_of([&] { evaluate(lines, {metric}); }); }

const std::string kLabels = R"({"prediction": "a", "reference": "a"}
{"prediction": "b", "reference": "a"}
{"prediction": "b", "reference": "b"}
{"prediction": "b", "reference": "b"}
)";

TEST(EvaluateLines, ScoresLabels) {
  const auto values = evaluate(kLabels, {"accuracy", "f1_a", "f1"});
  ASSERT_EQ(values.size(), 3u);
  EXPECT_DOUBLE_EQ(values[0].value, 0.75);
  EXPECT_NEAR(values[0].standard_error, 0.25, 1e-12);  // sqrt(0.75 x 0.25 / 3)
  EXPECT_DOUBLE_EQ(values[1].value, 2.0 / 3);
  EXPECT_EQ(values[2].name, "f1_macro");
}
TEST(EvaluateLines, GivesOneObject) {
  EXPECT_EQ(to_json(to_value(evaluate(kLabels, {"accuracy"}))), R"({"accuracy": {"value": 0.75, "stderr": 0.25, "items": 4, "better": "higher"}})");
}
TEST(EvaluateLines, WritesWhatIsUndefinedAsNull) {
  EXPECT_THAT(to_json(to_value(evaluate(R"({"prediction": "a", "reference": "a"})", {"accuracy"}))), HasSubstr("\"stderr\": null"));
}
TEST(EvaluateLines, TakesNumbersAndTruthValuesAsLabels) {
  EXPECT_DOUBLE_EQ(value("{\"prediction\": 1, \"reference\": 1.0}\n{\"prediction\": 0, \"reference\": 1}", "accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(value("{\"prediction\": true, \"reference\": true}", "f1_true"), 1);
}
TEST(EvaluateLines, AcceptsAnyOfSeveralReferences) {
  EXPECT_DOUBLE_EQ(value(R"({"prediction": "b", "references": ["a", "b"]})", "accuracy"), 1);
}
TEST(EvaluateLines, ScoresSetsOfLabels) {
  EXPECT_DOUBLE_EQ(value(R"({"prediction": ["a", "b"], "reference": ["b"]})", "f1_micro"), 2.0 / 3);
}
TEST(EvaluateLines, ScoresTagsWhereTheTaskIsGiven) {
  EXPECT_DOUBLE_EQ(evaluate(R"({"prediction": ["O", "B"], "reference": ["O", "O"]})", {"accuracy"}, Task::kTokenClassification).at(0).value, 0.5);
}
TEST(EvaluateLines, ReadsProbabilitiesBesideAndInThePrediction) {
  const std::string lines = R"({"prediction": {"probabilities": {"a": 0.75, "b": 0.25}}, "reference": "a"}
{"probabilities": {"b": 0.5, "a": 0.5}, "reference": "a"}
)";
  const auto values = evaluate(lines, {"cross_entropy", "accuracy"});
  EXPECT_DOUBLE_EQ(values[0].value, -(std::log(0.75) + std::log(0.5)) / 2);
  EXPECT_DOUBLE_EQ(values[1].value, 0.5);  // of equal ones the first is answered
}
TEST(EvaluateLines, ReadsTheLikelihoodsOfScore) {
  EXPECT_NEAR(value("{\"logprob\": -2, \"tokens\": 4, \"is_greedy\": false}\n{\"nll\": 6, \"nll_tokens\": 4}", "perplexity"), std::exp(1.0), 1e-12);
}
TEST(EvaluateLines, ScoresEachMetricByATaskOfItsOwn) {
  const auto values = evaluate(R"({"prediction": "a", "reference": "a", "nll": 2, "nll_tokens": 2})", {"perplexity", "accuracy"});
  EXPECT_EQ(values.at(0).name, "perplexity");
  EXPECT_EQ(values.at(1).name, "accuracy");
}
TEST(EvaluateLines, TakesByteOrderMarkCarriageReturnsAndEmptyLines) {
  EXPECT_DOUBLE_EQ(value("\xEF\xBB\xBF{\"prediction\": \"a\", \"reference\": \"a\"}\r\n\r\n{\"prediction\": \"a\", \"reference\": \"b\"}\r\n", "accuracy"), 0.5);
}

TEST(EvaluateLines, TakesOptionsBehindAMetricsName) {
  const std::string lines = R"({"prediction": "A b", "reference": "a b"})";
  EXPECT_LT(value(lines, "chrf"), 100);
  EXPECT_DOUBLE_EQ(value(lines, "chrf:lowercase=true"), 100);
  EXPECT_THAT(message(lines, "chrf:lowercase=maybe"), HasSubstr("lowercase"));
  EXPECT_THAT(message(lines, "chrf:lowercas=true"), HasSubstr("lowercase"));
  EXPECT_THAT(message(lines, "chrf:lowercase"), HasSubstr("it must be one like"));
  EXPECT_THAT(message_of([&] { evaluate(lines, {"chrf", "chrf++:lowercase=true"}); }), HasSubstr("other options"));
}
TEST(EvaluateLines, TakesALabelWithAColonForALabel) {
  EXPECT_DOUBLE_EQ(value(R"({"prediction": "x:y=1", "reference": "x:y=1"})", "f1_x:y=1"), 1);
}
TEST(EvaluateLines, TellsTheSignature) {
  EXPECT_THAT(to_json(to_value(evaluate(R"({"prediction": "a", "references": ["a", "b"]})", {"bleu"}))), HasSubstr("\"signature\": \"nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp"));
}
TEST(EvaluateLines, ScoresQuestionsWithoutAnAnswer) {
  const std::string lines = "{\"prediction\": \"\", \"references\": []}\n{\"prediction\": \"a cat\", \"references\": [\"The cat!\", \"dog\"]}\n{\"prediction\": \"x\", \"references\": []}\n";
  EXPECT_DOUBLE_EQ(value(lines, "exact_match"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value(lines, "squad_f1"), 2.0 / 3);
  EXPECT_THAT(message(lines, "rouge1"), HasSubstr("answers.jsonl:1: \"references\" must be a list of at least one"));
}
TEST(EvaluateLines, TakesSpansAsObjects) {
  EXPECT_DOUBLE_EQ(value(R"({"prediction": {"text": "in 1066", "begin": 3, "end": 10}, "references": [{"text": "In 1066"}]})", "exact_match"), 1);
}
TEST(EvaluateLines, ScoresTagsWithSeqeval) {
  const auto values = evaluate(R"({"prediction": ["B-X", "I-X", "O"], "reference": ["B-X", "I-X", "B-Y"]})", {"seqeval", "seqeval_f1_Y"});
  EXPECT_EQ(values.at(0).name, "seqeval_f1");
  EXPECT_DOUBLE_EQ(values.at(0).value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(values.at(3).value, 0);
}
TEST(EvaluateLines, ReadsProbabilitiesOfSeveralLabels) {
  const std::string lines = R"({"probabilities": {"a": 0.9, "b": 0.8}, "reference": ["a", "b"]}
{"probabilities": {"a": 0.2, "b": 0.6}, "reference": []}
)";
  EXPECT_DOUBLE_EQ(value(lines, "auroc"), 1);
  EXPECT_DOUBLE_EQ(value(lines, "accuracy"), 0.5);  // above a half is answered: {a, b}, {b}
}
TEST(EvaluateLines, TakesFractionsForTheProbabilityOfTheOne) {
  const std::string lines = "{\"prediction\": 0.9, \"reference\": 1}\n{\"prediction\": 0.4, \"reference\": 1}\n{\"prediction\": 0.6, \"reference\": 0}\n{\"prediction\": 0, \"reference\": 0}";
  EXPECT_DOUBLE_EQ(value(lines, "auroc"), 0.75);
  EXPECT_DOUBLE_EQ(value(lines, "brier"), (0.01 + 0.36 + 0.36) / 4);
  EXPECT_DOUBLE_EQ(value(lines, "accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(value("{\"prediction\": 0.9, \"reference\": 0.9}", "accuracy"), 1);  // these are labels
}
TEST(EvaluateLines, TakesNumbersAsTextForMetricsOfTexts) { EXPECT_DOUBLE_EQ(value("{\"prediction\": 42, \"references\": [7, 42.0]}", "exact_match"), 1); }
TEST(EvaluateLines, ScoresNumbers) {
  const auto values = evaluate("{\"prediction\": 1, \"reference\": 2}\n{\"prediction\": 2, \"reference\": 4}\n{\"prediction\": 4, \"reference\": 5}", {"pearson", "spearman", "mae"});
  EXPECT_NEAR(values.at(0).value, 0.9286, 1e-4);
  EXPECT_DOUBLE_EQ(values.at(1).value, 1);
  EXPECT_DOUBLE_EQ(values.at(2).value, 4.0 / 3);
}

TEST(EvaluateLines, NamesEveryBadLine) {
  const std::string text = message("{\"prediction\": \"a\", \"reference\": \"a\"}\nnot json\n{\"prediction\": \"a\"}\n[1]\n{\"reference\": \"a\"}\n");
  EXPECT_THAT(text, HasSubstr("answers.jsonl:2"));
  EXPECT_THAT(text, HasSubstr("answers.jsonl:3: there is neither \"reference\" nor \"references\""));
  EXPECT_THAT(text, HasSubstr("answers.jsonl:4: the line is an array"));
  EXPECT_THAT(text, HasSubstr("answers.jsonl:5: there is no \"prediction\""));
}
TEST(EvaluateLines, CountsBadLinesBeyondTheFirstTwenty) {
  std::string lines;
  for (int i = 0; i < 25; ++i) lines += "{}\n";
  const std::string text = message(lines);
  EXPECT_THAT(text, HasSubstr("answers.jsonl:20:"));
  EXPECT_EQ(text.find("answers.jsonl:21:"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("and 5 more bad lines"));
}
TEST(EvaluateLines, RefusesAnswersOfTwoKinds) {
  EXPECT_THAT(message("{\"prediction\": \"a\", \"reference\": \"a\"}\n{\"prediction\": [\"a\"], \"reference\": \"a\"}"), HasSubstr("answers.jsonl:2: the answer is a list, where line 1 has a string"));
  EXPECT_THAT(message("{\"prediction\": 1, \"reference\": \"1\"}"), HasSubstr("is a number, where line 1 has a string"));
}
TEST(EvaluateLines, RefusesWhatIsNoAnswer) {
  EXPECT_THAT(message(R"({"prediction": null, "reference": "a"})"), HasSubstr("\"prediction\" is nothing"));
  EXPECT_THAT(message(R"({"prediction": [["a"]], "reference": ["a"]})"), HasSubstr("in its list"));
  EXPECT_THAT(message(R"({"prediction": {"x": 1}, "reference": "a"})"), HasSubstr("without \"probabilities\""));
  EXPECT_THAT(message(R"({"prediction": "a", "references": []})"), HasSubstr("at least one"));
  EXPECT_THAT(message(R"({"prediction": "a", "reference": "a", "references": ["a"]})"), HasSubstr("both"));
}
TEST(EvaluateLines, RefusesProbabilitiesThatAreNone) {
  EXPECT_THAT(message(R"({"probabilities": {"a": 1.5}, "reference": "a"})"), HasSubstr("the probability of \"a\" is 1.5"));
  EXPECT_THAT(message(R"({"probabilities": {"a": 0.5, "b": 0.2}, "reference": "a"})"), HasSubstr("sum to 0.7"));
  EXPECT_THAT(message(R"({"probabilities": {}, "reference": "a"})"), HasSubstr("must be an object"));
  EXPECT_THAT(message(R"({"probabilities": [1], "reference": "a"})"), HasSubstr("must be an object"));
}
TEST(EvaluateLines, RefusesLikelihoodsOfUnknownLength) {
  EXPECT_THAT(message(R"({"logprob": -1})", "perplexity"), HasSubstr("\"tokens\" must say"));
  EXPECT_THAT(message(R"({"nll": "x", "nll_tokens": 1})", "perplexity"), HasSubstr("\"nll\" must be a number"));
  EXPECT_THAT(message(R"({"nll": 1, "nll_tokens": -1})", "perplexity"), HasSubstr("\"nll_tokens\" must say"));
}
TEST(EvaluateLines, RefusesAnEmptyInput) { EXPECT_THAT(message("\n\n"), HasSubstr("answers.jsonl has no lines to score")); }
TEST(EvaluateLines, RefusesAMetricThatSuchLinesDoNotFit) {
  EXPECT_THAT(message("{\"prediction\": [\"a\"], \"reference\": [\"a\"]}", "perplexity"), HasSubstr("does not score lines whose answers are a list"));
}
TEST(EvaluateLines, RefusesATaskOfOtherAnswers) {
  EXPECT_THAT(message_of([] { evaluate(kLabels, {"accuracy"}, Task::kMultiLabel); }), HasSubstr("which multi_label does not know"));
}
TEST(EvaluateLines, NamesUnknownMetricsBeforeItReads) {
  EXPECT_THAT(message_of([] { evaluate("not json", {"acuracy", "nonsense"}); }), ::testing::AllOf(HasSubstr("acuracy"), HasSubstr("nonsense")));
}

}  // namespace
}  // namespace temper::evaluation
