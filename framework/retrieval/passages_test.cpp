// Corpora and queries as files.
#include <temper/passages.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::retrieval {
namespace {

using ::testing::HasSubstr;

std::string problem(const std::string& lines) {
  const testing::TemporaryFolder folder;
  const auto file = folder.write("c.jsonl", lines);
  return testing::message_of([&] { read_passages(file, "the corpus"); });
}

TEST(Passages, AreReadInTheirOrderWithEmptyTexts) {
  const testing::TemporaryFolder folder;
  const auto passages = read_passages(folder.write("c.jsonl", "{\"id\": \"b\", \"text\": \"one\\ntwo\", \"title\": \"t\"}\n\n{\"text\": \"\", \"id\": 7}\r\n"), "the corpus");
  ASSERT_EQ(passages.size(), 2u);
  EXPECT_EQ(passages[0].id, "b");
  EXPECT_EQ(passages[0].text, "one\ntwo");
  EXPECT_EQ(passages[1].id, "7");
  EXPECT_EQ(passages[1].text, "");
}
TEST(Passages, AreWrittenAsTheyAreRead) {
  const testing::TemporaryFolder folder;
  const std::vector<Passage> passages = {{"a \"b\"", "one\ntwo \xC3\xA9"}, {"7", ""}};
  write_passages(folder / "w.jsonl", passages);
  const auto read = read_passages(folder / "w.jsonl", "the corpus");
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].id, passages[0].id);
  EXPECT_EQ(read[0].text, passages[0].text);
  EXPECT_EQ(read[1].text, "");
}
TEST(Passages, TellEveryBadLine) {
  const std::string told = problem("{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": \"a\", \"text\": \"y\"}\n{\"text\": \"z\"}\n{\"id\": \"b\"}\nnonsense\n");
  EXPECT_THAT(told, HasSubstr("c.jsonl:2: id \"a\" was given to line 1 already"));
  EXPECT_THAT(told, HasSubstr("c.jsonl:3: has no member \"id\""));
  EXPECT_THAT(told, HasSubstr("c.jsonl:4: has no member \"text\""));
  EXPECT_THAT(problem("{\"id\": 1, \"input_ids\": [1, 2]}"), HasSubstr("c.jsonl:1: has no member \"text\""));
  EXPECT_THAT(told, HasSubstr("c.jsonl:5: is no JSON"));
  EXPECT_THAT(problem("{\"id\": \"\", \"text\": \"x\"}"), HasSubstr("c.jsonl:1: member \"id\" is empty"));
}
TEST(Passages, NameTwentyBadLinesAndCountTheRest) {
  std::string lines;
  for (int i = 0; i < 25; ++i) lines += "{}\n";
  EXPECT_THAT(problem(lines), HasSubstr("and 5 more bad lines"));
}
TEST(Passages, MustBeSome) { EXPECT_THAT(problem("\n"), HasSubstr("the corpus has no lines")); }
TEST(Passages, TellAMissingFile) { EXPECT_THAT(testing::message_of([] { read_passages("/no/such/file", "the corpus"); }), HasSubstr("/no/such/file")); }

}  // namespace
}  // namespace temper::retrieval
