// temper retrieve, as a user calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"

namespace temper::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Retrieve : public ::testing::Test {
 protected:
  Retrieve() {
    folder_.write("corpus.jsonl", "{\"id\": \"d1\", \"text\": \"Heavy rain flooded the valley.\"}\n{\"id\": \"d2\", \"text\": \"\"}\n{\"id\": \"d3\", \"text\": \"Rain, rain.\"}\n");
    folder_.write("queries.jsonl", "{\"id\": \"q1\", \"text\": \"flooded valley\"}\n{\"id\": \"q2\", \"text\": \"rain\"}\n");
    folder_.write("qrels", "q1 0 d1 1\nq2 0 d1 1\n");
  }
  ProgramResult retrieve(const std::string& more, const std::string& retriever = "bm25") const {
    return run_shell("XDG_CACHE_HOME='" + (folder_ / "cache").string() + "' '" + temper_program() + "' retrieve --corpus corpus.jsonl --queries queries.jsonl --retriever " + retriever + ' ' + more, folder_.path());
  }
  TemporaryFolder folder_;
};

TEST_F(Retrieve, PrintsTrecRunLines) {
  const ProgramResult result = retrieve("-k 2");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("q1 Q0 d1 1 "));
  EXPECT_THAT(result.out, HasSubstr("q2 Q0 d3 1 "));
  EXPECT_THAT(result.out, HasSubstr("q2 Q0 d1 2 "));
  EXPECT_EQ(retrieve("-k 2").out, result.out) << "from the cache";
  EXPECT_TRUE(std::filesystem::exists(folder_ / "cache/temper/indexes"));
}
TEST_F(Retrieve, ScoresAgainstJudgements) {
  const ProgramResult result = retrieve("--qrels qrels -k 10 --no-cache");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("{\"recall@10\": {\"value\": 1.0, \"stderr\": 0.0, \"items\": 2, \"better\": \"higher\"}, \"mrr@10\": {\"value\": 0.75, \"stderr\": 0.25, "));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "cache/temper/indexes"));
}
TEST_F(Retrieve, TakesTheRetrieversOptions) {
  EXPECT_NE(retrieve("--set k1=0.1").out, retrieve("").out);
  const ProgramResult wrong = retrieve("--set k2=1");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("k2"));
}
TEST_F(Retrieve, TellsWhatIsWrong) {
  EXPECT_THAT(retrieve("-k 0").err, HasSubstr("-k is 0, it must be at least 1"));
  EXPECT_THAT(retrieve("", "bm24").err, HasSubstr("did you mean \"bm25\"?"));
  EXPECT_THAT(retrieve("--qrels nowhere").err, HasSubstr("nowhere"));
  EXPECT_EQ(run_temper("retrieve --corpus corpus.jsonl", folder_.path()).status, 2);
}

}  // namespace
}  // namespace temper::testing
