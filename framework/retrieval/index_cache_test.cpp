// Indexes on disk: found again by contents, made anew when anything differs or is damaged.
#include "retrieval/index_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry.h"
#include "retrieval/search_all.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::retrieval {
namespace {

namespace fs = std::filesystem;

std::vector<Passage> corpus() { return {{"a", "rain fell on the river"}, {"b", ""}, {"c", "the moon rose"}}; }

class IndexCache : public ::testing::Test {
 protected:
  IndexedRetriever open(const std::vector<Passage>& passages = corpus(), const Value& options = Value::Table()) {
    return indexed_retriever(registry::installed(), "bm25", options, passages, cache_.path());
  }
  std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(cache_.path()), fs::directory_iterator())); }
  fs::path entry() const { return fs::directory_iterator(cache_.path())->path(); }

  testing::TemporaryFolder cache_;
};

TEST_F(IndexCache, KeepsWhatWasMade) {
  const auto made = open(), kept = open();
  EXPECT_EQ(made.source, IndexSource::kMade);
  EXPECT_EQ(kept.source, IndexSource::kCache);
  EXPECT_EQ(kept.retriever->search("river moon", 5), made.retriever->search("river moon", 5));
  EXPECT_EQ(entries(), 1u);
}
TEST_F(IndexCache, TellsOptionsAndPassagesApart) {
  open();
  EXPECT_EQ(open(corpus(), Value::Table{{"k1", Value(1.2)}}).source, IndexSource::kMade);
  EXPECT_EQ(open(corpus(), Value::Table{{"k1", Value(1.5)}}).source, IndexSource::kCache);  // the default, written out
  auto changed = corpus();
  changed[2].text += '.';
  EXPECT_EQ(open(changed).source, IndexSource::kMade);
  auto moved = corpus();
  std::swap(moved[0], moved[2]);
  EXPECT_EQ(open(moved).source, IndexSource::kMade);
  EXPECT_EQ(entries(), 4u);
}
TEST_F(IndexCache, MakesADamagedIndexAnew) {
  const auto expected = open().retriever->search("river", 5);
  for (const auto& file : {entry() / "index" / "postings.bm25", entry() / "hash"}) {
    fs::resize_file(file, fs::file_size(file) / 2);
    const auto again = open();
    EXPECT_EQ(again.source, IndexSource::kMade);
    EXPECT_EQ(again.retriever->search("river", 5), expected);
    EXPECT_EQ(open().source, IndexSource::kCache);
  }
  EXPECT_EQ(entries(), 1u);
}
TEST_F(IndexCache, NoticesAChangedByte) {
  open();
  const fs::path file = entry() / "index" / "postings.bm25";
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(40).put('\x7f');
  EXPECT_EQ(open().source, IndexSource::kMade);
}
TEST_F(IndexCache, DoesWithoutAFolderThatCannotBeWritten) {
  const fs::path file = cache_.write("file", "");
  EXPECT_EQ(indexed_retriever(registry::installed(), "bm25", Value::Table(), corpus(), file / "below").source, IndexSource::kMade);
  EXPECT_EQ(indexed_retriever(registry::installed(), "bm25", Value::Table(), corpus(), {}).source, IndexSource::kMade);
}
TEST_F(IndexCache, TellsWrongOptions) {
  EXPECT_THAT(testing::message_of([&] { open(corpus(), Value::Table{{"k2", Value(1.2)}}); }), ::testing::HasSubstr("k2"));
  EXPECT_EQ(entries(), 0u);
}

TEST(SearchAll, GivesTheSameForAnyNumberOfThreads) {
  const auto indexed = indexed_retriever(registry::installed(), "bm25", Value::Table(), corpus(), {});
  std::vector<Passage> queries;
  for (int i = 0; i < 100; ++i) queries.push_back({std::to_string(i), i % 3 ? "river" : "moon river"});
  const auto one = search_all(*indexed.retriever, queries, 5, 1);
  ASSERT_EQ(one.size(), 100u);
  EXPECT_EQ(one[0].size(), 2u);
  EXPECT_EQ(one[1].size(), 1u);
  EXPECT_EQ(search_all(*indexed.retriever, queries, 5, 3), one);
  EXPECT_TRUE(search_all(*indexed.retriever, {}, 5, 3).empty());
}
TEST(SearchAll, HandsAnExceptionOn) {
  struct Throws : Retriever {
    void index(std::span<const Passage>) override {}
    std::int64_t size() const override { return 0; }
    std::vector<Hit> search(std::string_view, std::size_t) const override { throw Error("the search failed"); }
    void save(const fs::path&) const override {}
    void load(const fs::path&) override {}
  };
  const std::vector<Passage> queries(50);
  EXPECT_EQ(testing::message_of([&] { search_all(Throws(), queries, 5, 2); }), "the search failed");
}

}  // namespace
}  // namespace temper::retrieval
