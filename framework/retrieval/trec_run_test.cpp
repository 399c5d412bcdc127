// TREC run lines.
#include "retrieval/trec_run.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"

namespace temper::retrieval {
namespace {

std::string run(const std::vector<Passage>& queries, const std::vector<std::vector<Hit>>& hits, const std::vector<Passage>& corpus = {{"a", ""}, {"b", ""}}) {
  std::ostringstream out;
  write_trec_run(out, queries, corpus, hits, "bm25");
  return out.str();
}

TEST(TrecRun, RanksFromOneWithScoresThatReadBack) {
  EXPECT_EQ(run({{"q1", ""}, {"q2", ""}, {"q3", ""}}, {{{1, 0.1f}, {0, 0.1f}}, {}, {{0, 12.5f}}}), "q1 Q0 b 1 0.1 bm25\nq1 Q0 a 2 0.1 bm25\nq3 Q0 a 1 12.5 bm25\n");
}
TEST(TrecRun, RefusesIdsWithBlanks) {
  EXPECT_THAT(testing::message_of([] { run({{"q 1", ""}}, {{}}); }), ::testing::HasSubstr("the query id \"q 1\" holds a blank"));
  EXPECT_THAT(testing::message_of([] { run({{"q1", ""}}, {{}}, {{"a\tb", ""}}); }), ::testing::HasSubstr("the passage id"));
}

}  // namespace
}  // namespace temper::retrieval
