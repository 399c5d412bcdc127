// Many queries: each gets its own hits, many at once are asked for, and what a retriever throws comes out.
#include "retrieval/search_all.h"

#include <algorithm>
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temper/error.h>

#include "support/message_of.h"

namespace temper::retrieval {
namespace {

// Finds the passage whose place the query names.
class ByPlace final : public Retriever {
 public:
  void index(std::span<const Passage>) override {}
  std::int64_t size() const override { return 1'000'000; }
  std::vector<Hit> search(std::string_view query, std::size_t) const override { return {{std::stoll(std::string(query)), 1}}; }
  std::vector<std::vector<Hit>> search_batch(std::span<const std::string_view> queries, std::size_t k) const override {
    std::size_t before = largest;
    while (queries.size() > before && !largest.compare_exchange_weak(before, queries.size())) {}
    if (std::ranges::find(queries, refused) != queries.end()) throw Error("no");
    auto hits = Retriever::search_batch(queries, k);
    if (forgets) hits.pop_back();
    return hits;
  }
  void save(const std::filesystem::path&) const override {}
  void load(const std::filesystem::path&) override {}

  mutable std::atomic<std::size_t> largest{0};
  std::string_view refused;
  bool forgets = false;
};

std::vector<Passage> queries(std::size_t count) {
  std::vector<Passage> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back({"q", std::to_string(i)});
  return result;
}

TEST(SearchAll, GivesEachQueryItsHitsWhateverTheThreads) {
  for (const std::size_t count : {0, 1, 15, 16, 17, 3000}) {
    for (const std::size_t threads : {1, 3}) {
      const auto hits = search_all(ByPlace(), queries(count), 1, threads);
      ASSERT_EQ(hits.size(), count);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(hits[i], (std::vector<Hit>{{static_cast<std::int64_t>(i), 1}}));
    }
  }
}
TEST(SearchAll, AsksForManyAtOnce) {
  ByPlace retriever;
  search_all(retriever, queries(3000), 1, 1);
  EXPECT_EQ(retriever.largest, 256u);
}
TEST(SearchAll, PassesOnWhatARetrieverThrows) {
  ByPlace retriever;
  retriever.refused = "70";
  EXPECT_EQ(testing::message_of([&] { search_all(retriever, queries(100), 1, 2); }), "no");
}
TEST(SearchAll, TellsARetrieverThatForgetsAQuery) {
  ByPlace retriever;
  retriever.forgets = true;
  EXPECT_THAT(testing::message_of([&] { search_all(retriever, queries(5), 1, 1); }), ::testing::HasSubstr("answered 4 of 5 queries"));
}

}  // namespace
}  // namespace temper::retrieval
