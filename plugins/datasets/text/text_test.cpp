// Plain text as one document or many, and bytes that are no text.
#include <gtest/gtest.h>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class PlainText : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, const std::string& documents) const {
    return read_dataset("text", Value::Table{{"documents", documents}}, {folder.write("t.txt", contents), "train", Task::kLanguageModeling});
  }
  TemporaryFolder folder;
};

TEST_F(PlainText, KeepsTheDatasetContract) {
  const Source source{folder.write("t.txt", "one\ntwo\n\nthree\n"), "train", Task::kLanguageModeling};
  for (const char* documents : {"file", "paragraphs", "lines"}) check_dataset("text", Value::Table{{"documents", documents}}, source);
}

TEST_F(PlainText, IsOneDocumentOrItsParagraphsOrItsLines) {
  const std::string text = "\xEF\xBB\xBF\none\r\ntwo\n \n\nthree\r\n";
  EXPECT_EQ(read(text, "file").texts(), Texts{"\none\ntwo\n \n\nthree\n"});
  const ReadDataset paragraphs = read(text, "paragraphs");
  EXPECT_EQ(paragraphs.texts(), (Texts{"one\ntwo", "three"}));
  EXPECT_EQ(paragraphs.ids(), (Texts{"train:2", "train:6"}));
  EXPECT_EQ(read(text, "lines").texts(), (Texts{"one", "two", "three"}));
  EXPECT_EQ(read("", "lines").split->size(), 0u);
}

TEST_F(PlainText, TellsTheLineOfBytesThatAreNoText) {
  EXPECT_EQ(read("one\ncaf\xE9\ntwo\n", "lines").bad_rows, Texts{"2: is not UTF-8 at its byte 4"});
  EXPECT_EQ(read("one\n\nt\ncaf\xE9\ntwo\n\nthree", "paragraphs").bad_rows, Texts{"4: is not UTF-8 at its byte 6"});
  EXPECT_EQ(read(std::string("one\nt\0o\n", 8), "file").bad_rows, Texts{"2: holds a NUL at its byte 6"});
  EXPECT_NE(message_of([&] { read(std::string("o\0n\0e\0", 6), "file"); }).find("t.txt:1: is UTF-16LE, expected UTF-8"), std::string::npos);
  EXPECT_NE(message_of([&] { read(std::string("\xFF\xFE\0\0o\0\0\0", 8), "file"); }).find("t.txt:1: is UTF-32, expected UTF-8"), std::string::npos);
}

TEST_F(PlainText, HasNoTargets) {
  EXPECT_NE(message_of([&] { read_dataset("text", Value::Table(), {folder.write("t.txt", "a"), "train", Task::kClassification}); }).find("plain text has no targets for the task classification"), std::string::npos);
}

TEST_F(PlainText, ReadsTinyShakespeareAndWikiText) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const auto read = [&](const char* file, const char* documents) { return read_dataset("text", Value::Table{{"documents", documents}}, {*shared / "data" / file, "train", Task::kLanguageModeling}); };
  EXPECT_EQ(read("tinyshakespeare/input.txt", "file").texts()[0].size(), 1115394u);
  EXPECT_EQ(read("tinyshakespeare/input.txt", "paragraphs").split->size(), 7222u);
  const ReadDataset lines = read("wikitext2/valid.txt", "lines");
  EXPECT_EQ(lines.bad_rows, Texts());
  EXPECT_EQ(lines.split->size(), 2461u);
}

}  // namespace
