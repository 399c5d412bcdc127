// The plugin dense: the contract of retrievers on a small random encoder, its scores, and its index.
#include <temper/testing/retriever.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temper/array_file.h>
#include <temper/error.h>
#include <temper/torch/text_encoder.h>

#include "registry/registry.h"
#include "retrieval/index_cache.h"
#include "support/message_of.h"
#include "support/small_encoder.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using ::testing::HasSubstr;

class Dense : public ::testing::Test {
 protected:
  Value options(Value::Table more = {}) const {
    more.emplace_back("checkpoint", Value(encoder_.string()));
    return Value(std::move(more));
  }
  std::unique_ptr<Retriever> indexed(const std::vector<std::string>& texts, Value::Table more = {}) const {
    auto retriever = registry::installed().create<Retriever>("dense", options(std::move(more)));
    std::vector<Passage> corpus;
    for (const std::string& text : texts) corpus.push_back({std::to_string(corpus.size()), text});
    retriever->index(corpus);
    return retriever;
  }
  std::vector<float> vector_of(std::string_view text, const TextEncoderOptions& how = {}) const { return TextEncoder(encoder_, how).encode({&text, 1}).values; }

  testing::TemporaryFolder folder_;
  std::filesystem::path encoder_ = testing::write_small_encoder(folder_ / "encoder");
};

TEST_F(Dense, KeepsTheRetrieverContract) { testing::check_retriever("dense", options()); }
TEST_F(Dense, KeepsItWithOtherOptions) {
  testing::check_retriever("dense", options({{"pooling", Value("first")}, {"bf16", Value(true)}, {"batch_tokens", Value(1)}}));
}

TEST_F(Dense, ScoresByTheCosine) {
  const auto hits = indexed({"rain", "the river rose", ""})->search("river", 5);
  ASSERT_EQ(hits.size(), 2u);
  const std::vector<float> query = vector_of("river");
  for (const Hit& hit : hits) {
    const std::vector<float> passage = vector_of(hit.passage == 0 ? "rain" : "the river rose");
    double expected = 0;
    for (std::size_t i = 0; i < query.size(); ++i) expected += static_cast<double>(query[i]) * passage[i];
    EXPECT_NEAR(hit.score, expected, 1e-5);
  }
}
TEST_F(Dense, PutsPrefixesBeforeTexts) {
  const auto hits = indexed({"river"}, {{"query_prefix", Value("ask ")}, {"passage_prefix", Value("read ")}})->search("moon", 1);
  const std::vector<float> query = vector_of("ask moon"), passage = vector_of("read river");
  double expected = 0;
  for (std::size_t i = 0; i < query.size(); ++i) expected += static_cast<double>(query[i]) * passage[i];
  EXPECT_NEAR(hits.at(0).score, expected, 1e-5);
}
TEST_F(Dense, AnswersManyQueriesAsOneAfterAnother) {
  const auto retriever = indexed({"rain fell", "the moon", "a river", "old stones", ""});
  const std::vector<std::string_view> queries = {"moon", "", "rain on stones", "moon"};
  const auto together = retriever->search_batch(queries, 3);
  ASSERT_EQ(together.size(), queries.size());
  EXPECT_TRUE(together[1].empty());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto alone = retriever->search(queries[i], 3);
    ASSERT_EQ(together[i].size(), alone.size());
    for (std::size_t j = 0; j < alone.size(); ++j) {
      EXPECT_EQ(together[i][j].passage, alone[j].passage);
      EXPECT_NEAR(together[i][j].score, alone[j].score, 1e-5);
    }
  }
}
TEST_F(Dense, KeepsTheOrderOfEqualTextsApart) {
  const auto hits = indexed({"rain", "moon", "rain", "moon"})->search("moon", 3);
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].passage, 1);
  EXPECT_EQ(hits[1].passage, 3);
  EXPECT_EQ(hits[0].score, hits[1].score);
  EXPECT_EQ(hits[2].passage, 0);
}

TEST_F(Dense, TellsAnIndexOfAnotherEncoder) {
  const auto saved = folder_ / "index";
  std::filesystem::create_directory(saved);
  indexed({"rain", "moon"})->save(saved);
  const auto other = registry::installed().create<Retriever>("dense", Value(Value::Table{{"checkpoint", Value(testing::write_small_encoder(folder_ / "other", 2).string())}}));
  other->load(saved);
  EXPECT_THAT(testing::message_of([&] { other->search("rain", 1); }), HasSubstr("the index was made by another encoder than"));
}
TEST_F(Dense, TellsADamagedIndex) {
  const std::vector<std::int64_t> places = {0, 7};
  const std::vector<float> values = {1, 2};
  ArrayWriter writer;
  writer.add<std::int64_t>("vector_of", {2}, places);
  writer.add<float>("vectors", {1, 2}, values);
  writer.add<float>("probe", {1, 2}, values);
  writer.write(folder_ / "vectors.safetensors");
  const auto retriever = registry::installed().create<Retriever>("dense", options());
  EXPECT_THAT(testing::message_of([&] { retriever->load(folder_.path()); }), HasSubstr("vectors.safetensors: is damaged: a passage has a vector that is not there"));
}
TEST_F(Dense, TellsACheckpointThatIsNone) {
  const auto open = [&](const std::string& name) {
    const auto retriever = registry::installed().create<Retriever>("dense", Value(Value::Table{{"checkpoint", Value((folder_ / name).string())}}));
    const std::vector<Passage> corpus = {{"a", "rain"}};
    return testing::message_of([&] { retriever->index(corpus); });
  };
  EXPECT_THAT(open("nowhere"), HasSubstr("nowhere"));
  std::filesystem::create_directory(folder_ / "bare");
  std::filesystem::copy(encoder_ / "config.json", folder_ / "bare/config.json");
  EXPECT_THAT(open("bare"), HasSubstr("holds no weights"));
  std::filesystem::copy(encoder_ / "model.safetensors", folder_ / "bare/model.safetensors");
  EXPECT_THAT(open("bare"), HasSubstr("has no tokenizer"));
}

TEST_F(Dense, IsIndexedAnewWhenTheCheckpointChanges) {
  const std::vector<Passage> corpus = {{"a", "rain"}, {"b", "moon"}};
  const auto source = [&](Value::Table more = {}) {
    return retrieval::indexed_retriever(registry::installed(), "dense", options(std::move(more)), corpus, folder_ / "cache").source;
  };
  EXPECT_EQ(source(), retrieval::IndexSource::kMade);
  EXPECT_EQ(source(), retrieval::IndexSource::kCache);
  EXPECT_EQ(source({{"normalize", Value(false)}}), retrieval::IndexSource::kMade);
  testing::write_small_encoder(encoder_, 3);  // under the same name
  EXPECT_EQ(source(), retrieval::IndexSource::kMade);
}

}  // namespace
}  // namespace temper
