// Recall, MRR and nDCG against values worked out by hand.
#include "retrieval/ranking_quality.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::retrieval {
namespace {

using Ranking = std::vector<std::string>;

TEST(RankingQuality, CountsWhatIsFoundOfWhatIsRelevant) {
  EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"x", "a", "y", "b"}, {{"a", 1}, {"b", 1}, {"c", 1}, {"x", 0}}, 10).recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"x", "a", "y", "b"}, {{"a", 1}, {"b", 1}, {"c", 1}}, 3).recall, 1.0 / 3);
}
TEST(RankingQuality, LooksForTheFirstRelevantAmongTheFirstK) {
  EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"x", "y", "a"}, {{"a", 1}}, 3).mrr, 1.0 / 3);
  EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"x", "y", "a"}, {{"a", 1}}, 2).mrr, 0);
}
TEST(RankingQuality, WeighsGradesByRank) {
  // (1 / log2 2 + 0 + 3 / log2 4) / (3 / log2 2 + 1 / log2 3)
  const double expected = (1 + 3.0 / 2) / (3 + 1 / std::log2(3.0));
  EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"b", "x", "a"}, {{"a", 3}, {"b", 1}, {"x", -2}}, 10).ndcg, expected);
}
TEST(RankingQuality, CutsTheIdealToo) { EXPECT_DOUBLE_EQ(ranking_quality(Ranking{"a"}, {{"a", 1}, {"b", 1}, {"c", 1}}, 1).ndcg, 1); }
TEST(RankingQuality, IsUndefinedWithoutARelevantPassage) { EXPECT_TRUE(std::isnan(ranking_quality(Ranking{"a"}, {{"a", 0}}, 10).ndcg)); }

const std::vector<Passage> kCorpus = {{"a", ""}, {"b", ""}};

TEST(ScoreRankings, AveragesOverJudgedQueriesWithTheirStandardError) {
  const std::vector<Passage> queries = {{"q1", ""}, {"q2", ""}, {"q3", ""}, {"q4", ""}};
  const Qrels qrels = {{"q1", {{"a", 1}}}, {"q2", {{"a", 1}}}, {"q4", {{"a", 0}}}, {"other", {{"a", 1}}}};
  const auto values = score_rankings(queries, kCorpus, {{{0, 2.0f}}, {{1, 2.0f}}, {{0, 1.0f}}, {}}, qrels, 10);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[0].name, "recall@10");
  EXPECT_DOUBLE_EQ(values[0].value, 0.5);
  EXPECT_DOUBLE_EQ(values[0].standard_error, 0.5);  // sqrt(0.5 / 2)
  EXPECT_EQ(values[0].items, 2u);
  EXPECT_EQ(values[1].name, "mrr@10");
  EXPECT_EQ(values[2].name, "ndcg@10");
  EXPECT_EQ(to_json(*to_value(values).find("mrr@10")), "{\"value\": 0.5, \"stderr\": 0.5, \"items\": 2, \"better\": \"higher\"}");
}
TEST(ScoreRankings, HasNoStandardErrorForOneQuery) {
  const auto values = score_rankings(std::vector<Passage>{{"q", ""}}, kCorpus, {{{0, 1.0f}}}, {{"q", {{"a", 1}}}}, 1);
  EXPECT_TRUE(to_value(values).find("recall@1")->find("stderr")->is_null());
}
TEST(ScoreRankings, RefusesJudgementsOfOtherQueries) {
  EXPECT_THAT(testing::message_of([] { score_rankings(std::vector<Passage>{{"q", ""}}, kCorpus, {{}}, {{"p", {{"a", 1}}}}, 1); }),
              ::testing::HasSubstr("name no relevant passage for any of the queries"));
}

}  // namespace
}  // namespace temper::retrieval
