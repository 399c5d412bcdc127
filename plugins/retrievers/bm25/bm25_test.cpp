// The plugin bm25: the contract of retrievers, the formula by hand, and SQuAD's passages.
#include <temper/testing/retriever.h>

#include <cmath>

#include <gtest/gtest.h>
#include <temper/error.h>

#include "data/atomic_file.h"
#include "registry/registry.h"
#include "retrieval/ranking_quality.h"
#include "retrieval/search_all.h"
#include "support/shared.h"

namespace temper {
namespace {

TEST(Bm25, KeepsTheRetrieverContract) { testing::check_retriever("bm25"); }
TEST(Bm25, KeepsItWithOtherOptions) { testing::check_retriever("bm25", Value::Table{{"k1", Value(0.0)}, {"b", Value(1.0)}, {"stop_words", Value("none")}}); }

std::unique_ptr<Retriever> indexed(const std::vector<std::string>& texts, const Value& options = Value::Table()) {
  auto retriever = registry::installed().create<Retriever>("bm25", options);
  std::vector<Passage> corpus;
  for (const std::string& text : texts) corpus.push_back({std::to_string(corpus.size()), text});
  retriever->index(corpus);
  return retriever;
}

TEST(Bm25, ScoresByLucenesFormula) {
  // Lengths 3, 1 and 0 words, mean 4 / 3; "river" stands in two of three passages, twice in the first.
  const auto hits = indexed({"River rain, the river!", "river", ""})->search("RIVER", 10);
  const double idf = std::log(1 + (3 - 2 + 0.5) / (2 + 0.5));
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].passage, 1);
  EXPECT_NEAR(hits[0].score, idf * 1 / (1 + 1.5 * (0.25 + 0.75 * 1 / (4.0 / 3))), 1e-6);
  EXPECT_EQ(hits[1].passage, 0);
  EXPECT_NEAR(hits[1].score, idf * 2 / (2 + 1.5 * (0.25 + 0.75 * 3 / (4.0 / 3))), 1e-6);
}
TEST(Bm25, AddsUpTheWordsOfAQueryEachTimeTheyStandThere) {
  const auto retriever = indexed({"river rain", "moon"});
  EXPECT_FLOAT_EQ(retriever->search("river river rain", 1)[0].score, 2 * retriever->search("river", 1)[0].score + retriever->search("rain", 1)[0].score);
}
TEST(Bm25, LeavesOutStopWordsUnlessToldOtherwise) {
  EXPECT_TRUE(indexed({"the river"})->search("the", 5).empty());
  EXPECT_EQ(indexed({"the river"}, Value::Table{{"stop_words", Value("none")}})->search("the", 5).size(), 1u);
}
TEST(Bm25, LeavesOutSingleCharacters) { EXPECT_TRUE(indexed({"x y zebra"})->search("x y", 5).empty()); }
TEST(Bm25, LeavesOutPassagesWithoutASharedWord) { EXPECT_EQ(indexed({"river", "moon", "river moon"})->search("river", 5).size(), 2u); }
TEST(Bm25, ChecksItsOptions) { EXPECT_THROW(indexed({}, Value::Table{{"b", Value(1.5)}}), Error); }

// bm25s 0.3.16 with English stop words finds 0.7497 of the passages first, and 0.9377 among ten.
TEST(Bm25, FindsThePassagesOfSquadsQuestions) {
  const auto shared = testing::shared_folder();
  if (!shared) GTEST_SKIP() << testing::kNoSharedFolder;
  std::vector<Passage> corpus, queries;
  retrieval::Qrels qrels;
  const Value squad = parse_json(data::read_file(*shared / "data/squad/dev.json"));
  for (const Value& article : squad.find("data")->as_array()) {
    for (const Value& paragraph : article.find("paragraphs")->as_array()) {
      corpus.push_back({"p" + std::to_string(corpus.size()), paragraph.find("context")->as_string()});
      for (const Value& question : paragraph.find("qas")->as_array()) {
        queries.push_back({question.find("id")->as_string(), question.find("question")->as_string()});
        qrels[queries.back().id] = {{corpus.back().id, 1}};
      }
    }
  }
  ASSERT_EQ(corpus.size(), 2067u);
  ASSERT_EQ(queries.size(), 10570u);
  const auto retriever = registry::installed().create<Retriever>("bm25");
  retriever->index(corpus);
  const auto hits = retrieval::search_all(*retriever, queries, 10, 2);
  EXPECT_NEAR(retrieval::score_rankings(queries, corpus, hits, qrels, 1)[0].value, 0.7497, 0.0005);
  EXPECT_NEAR(retrieval::score_rankings(queries, corpus, hits, qrels, 10)[0].value, 0.9377, 0.0005);
}

}  // namespace
}  // namespace temper
