// Relevance judgements in their two spellings.
#include "retrieval/qrels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::retrieval {
namespace {

using ::testing::HasSubstr;

Qrels read(const std::string& lines) {
  const testing::TemporaryFolder folder;
  return read_qrels(folder.write("qrels", lines));
}
std::string problem(const std::string& lines) { return testing::message_of([&] { read(lines); }); }

TEST(Qrels, TakeTrecColumns) { EXPECT_EQ(read("q1 0 d1 2\nq1  0 d2 0\r\n\nq2 0 d1 -1"), read("q1\td1\t2\nq1\td2\t0\nq2\td1\t-1\n")); }
TEST(Qrels, SkipTheNamesOfThreeColumns) { EXPECT_EQ(read("query-id\tcorpus-id\tscore\nq 1\td 1\t1\n"), (Qrels{{"q 1", {{"d 1", 1}}}})); }
TEST(Qrels, TellBadLines) {
  EXPECT_THAT(problem("q1 0 d1 high\n"), HasSubstr("qrels:1: relevance \"high\" is no integer"));
  EXPECT_THAT(problem("q1 0 d1 1\nq1 d2 1\n"), HasSubstr("qrels:2: has 3 columns, the first line has 4"));
  EXPECT_THAT(problem("q1 d1\n"), HasSubstr("qrels:1: has 2 columns"));
  EXPECT_THAT(problem("q1 0 d1 1\nq1 0 d1 0\n"), HasSubstr("qrels:2: the passage \"d1\" was judged for the query \"q1\" already"));
  EXPECT_THAT(problem("q1 0 d1 99999999999\n"), HasSubstr("is no integer"));
  EXPECT_THAT(problem("\n"), HasSubstr("holds no judgements"));
}

}  // namespace
}  // namespace temper::retrieval
