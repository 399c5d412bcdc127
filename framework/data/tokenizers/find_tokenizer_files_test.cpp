// Which format a folder or a file is.
#include <temper/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/temporary_folder.h"

namespace temper {
namespace {

TEST(TokenizerFormat, IsTheFirstOfAllThatAreThere) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(tokenizer_format(folder.path()), "");
  folder.write("vocab.txt", "a\n");
  EXPECT_EQ(tokenizer_format(folder.path()), "vocab.txt");
  folder.write("encoder.json", "{}");
  EXPECT_EQ(tokenizer_format(folder.path()), "vocab.txt");  // without its merges it is none
  folder.write("vocab.bpe", "");
  EXPECT_EQ(tokenizer_format(folder.path()), "encoder.json+vocab.bpe");
  folder.write("vocab.json", "{}");
  folder.write("merges.txt", "");
  EXPECT_EQ(tokenizer_format(folder.path()), "vocab.json+merges.txt");
  folder.write("tokenizer.model", "");
  EXPECT_EQ(tokenizer_format(folder.path()), "tokenizer.model");
  folder.write("tokenizer.json", R"({"model": {"type": "WordLevel"}})");
  EXPECT_EQ(tokenizer_format(folder.path()), "tokenizer.json/WordLevel");
}

TEST(TokenizerFormat, OldFilesTellTheirModelByItsOptions) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(tokenizer_format(folder.write("a.json", R"({"model": {"merges": []}})")), "tokenizer.json/BPE");
  EXPECT_EQ(tokenizer_format(folder.write("b.json", R"({"model": {"unk_id": 0}})")), "tokenizer.json/Unigram");
  EXPECT_EQ(tokenizer_format(folder.write("c.json", R"({"model": {"max_input_chars_per_word": 3}})")), "tokenizer.json/WordPiece");
}

TEST(TokenizerFormat, OfAFileGoesByItsName) {
  const testing::TemporaryFolder folder;
  folder.write("merges.txt", "");
  const auto vocabulary = folder.write("vocab.json", "{}");
  EXPECT_EQ(tokenizer_format(vocabulary), "vocab.json+merges.txt");
  EXPECT_EQ(tokenizer_format(folder.write("my-vocab.txt", "")), "vocab.txt");
  EXPECT_EQ(tokenizer_format(folder.write("notes.md", "")), "");
  EXPECT_THROW(tokenizer_format(folder / "missing.json"), Error);
}

}  // namespace
}  // namespace temper
