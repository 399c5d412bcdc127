// sentencepiece's own model files, on small ones.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/tokenizer_pipeline.h>

#include "support/message_of.h"
#include "support/small_sentencepiece.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Ids = std::vector<std::int32_t>;

// Ids from 3 on: ▁ a b ▁a ab ba ▁ab.
SmallSentencePiece small(int model_type) {
  SmallSentencePiece file;
  file.model_type = model_type;
  file.add({{"\u2581", -5}, {"a", -6}, {"b", -7}, {"\u2581a", -1}, {"ab", -2}, {"ba", -3}, {"\u2581ab", -9}});
  return file;
}

class TokenizerModel : public ::testing::Test {
 protected:
  std::filesystem::path write(const SmallSentencePiece& file) const { return folder_.write("tokenizer.model", file.bytes()); }
  TokenizerPipeline open(const SmallSentencePiece& file) const { return {write(file), {"tokenizer.model"}}; }
  TemporaryFolder folder_;
};

TEST_F(TokenizerModel, KeepsTheTokenizerContract) {
  for (int type = 1; type <= 4; ++type) check_tokenizer("sentencepiece", Value(Value::Table{{"path", Value(write(small(type)).string())}}));
}

TEST_F(TokenizerModel, BpeMergesTheHighestScoreFirst) {
  EXPECT_EQ(open(small(2)).encode("ab").ids, (Ids{1, 9, 2}));       // ▁a comes before ab, then ▁ab
  EXPECT_EQ(open(small(2)).encode("bab").ids, (Ids{1, 3, 5, 7, 2}));  // ab before ba
}

TEST_F(TokenizerModel, UnigramTakesTheLargestSum) {
  EXPECT_EQ(open(small(1)).encode("ab").ids, (Ids{1, 3, 7, 2}));   // -5 - 2 against -1 - 7, and -9 for the whole
  EXPECT_EQ(open(small(1)).encode("aab").ids, (Ids{1, 6, 7, 2}));
}

TEST_F(TokenizerModel, WordsEndAtMarksAndCharactersStandAlone) {
  EXPECT_EQ(open(small(3)).encode("ab a c").ids, (Ids{1, 9, 6, 0, 2}));
  EXPECT_EQ(open(small(4)).encode("ab").ids, (Ids{1, 3, 4, 5, 2}));
}

TEST_F(TokenizerModel, InsertedSpacesCoverNothingAndRemovedOnesGoToTheTokenBefore) {
  const Encoding encoding = open(small(4)).encode(" a  b ", {.add_special_tokens = false});
  EXPECT_EQ(encoding.ids, (Ids{3, 4, 3, 5}));
  EXPECT_EQ(encoding.offsets, (std::vector<ByteRange>{{1, 1}, {1, 2}, {2, 4}, {4, 5}}));
}

TEST_F(TokenizerModel, SpacesAreKeptWhereTheModelSaysSo) {
  SmallSentencePiece file = small(4);
  file.remove_extra_whitespaces = file.add_dummy_prefix = false;
  EXPECT_EQ(open(file).encode(" a  ", {.add_special_tokens = false}).ids, (Ids{3, 4, 3, 3}));
  file.add_dummy_prefix = file.whitespace_as_suffix = true;
  EXPECT_EQ(open(file).encode("a", {.add_special_tokens = false}).ids, (Ids{4, 3}));
  file.escape_whitespaces = false;
  file.add({{" ", -1}});
  EXPECT_EQ(open(file).encode("a", {.add_special_tokens = false}).ids, (Ids{4, 10}));
}

TEST_F(TokenizerModel, UnknownNeighboursAreOneToken) {
  const Encoding encoding = open(small(2)).encode("axyb", {.add_special_tokens = false});
  EXPECT_EQ(encoding.ids, (Ids{6, 0, 5}));
  EXPECT_EQ(encoding.offsets[1], (ByteRange{1, 3}));
}

TEST_F(TokenizerModel, OfTheBytesOfACharacterTheLastCoversIt) {
  SmallSentencePiece file = small(2);
  file.add_bytes();
  const Encoding encoding = open(file).encode("a\u00e9b", {.add_special_tokens = false});
  EXPECT_EQ(encoding.ids, (Ids{6, 10 + 0xC3, 10 + 0xA9, 5}));
  EXPECT_EQ(encoding.offsets, (std::vector<ByteRange>{{0, 1}, {1, 1}, {1, 3}, {3, 4}}));
  EXPECT_EQ(open(file).decode(encoding.ids, true), "a\u00e9b");
  EXPECT_EQ(open(file).decode(Ids{6, 10 + 0xC3, 5}, true), "a\uFFFDb");
}

TEST_F(TokenizerModel, UserDefinedSymbolsAreNeverCut) {
  for (int type : {1, 2}) {
    SmallSentencePiece file = small(type);
    file.add({{"bab", 0, kUserDefinedPiece}});
    EXPECT_EQ(open(file).encode("abab", {.add_special_tokens = false}).ids, (Ids{6, 10})) << type;
  }
}

TEST_F(TokenizerModel, ControlSymbolsInTextAreText) {
  SmallSentencePiece file = small(4);
  file.add({{"<", 0}, {"s", 0}, {">", 0}});
  EXPECT_EQ(open(file).encode("<s>", {.add_special_tokens = false}).ids, (Ids{3, 10, 11, 12}));
  EXPECT_EQ(open(file).decode(Ids{1, 6, 2}, false), "a");
}

TEST_F(TokenizerModel, UnusedPiecesAreTakenApartAgain) {
  SmallSentencePiece file = small(2);
  file.pieces[9].type = kUnusedPiece;  // ▁ab
  EXPECT_EQ(open(file).encode("ab", {.add_special_tokens = false}).ids, (Ids{6, 5}));
}

TEST_F(TokenizerModel, TheUnknownPieceHasASurface) {
  EXPECT_EQ(open(small(2)).decode(Ids{6, 0}, true), "a \u2047 ");
  SmallSentencePiece file = small(2);
  file.unknown_surface = "?";
  EXPECT_EQ(open(file).decode(Ids{6, 0}, true), "a?");
}

TEST_F(TokenizerModel, AFolderTellsWhatStandsAroundAText) {
  write(small(2));
  folder_.write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"2": {"content": "</s>", "special": true}}})");
  const TokenizerPipeline tokenizer(folder_.path(), {"tokenizer.model"});
  EXPECT_EQ(tokenizer.encode("a</s>").ids, (Ids{1, 6, 2}));
  EXPECT_EQ(tokenizer.special_ids().eos, 2);
}

TEST_F(TokenizerModel, ATruncatedFileIsAnError) {
  const std::string whole = small(2).bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::filesystem::path path = folder_.write("tokenizer.model", whole.substr(0, size));
    try {
      const TokenizerPipeline tokenizer(path, {"tokenizer.model"});  // ends behind a field: a smaller model
      tokenizer.encode("ab ab");
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("tokenizer.model: "), std::string::npos) << error.what();
    }
  }
}

TEST_F(TokenizerModel, SaysWhatIsWrong) {
  const auto message = [&](const SmallSentencePiece& file) { return message_of([&] { open(file); }); };
  SmallSentencePiece file = small(2);
  file.add({{"a", 0}});
  EXPECT_NE(message(file).find("the piece \"a\" stands twice in the vocabulary"), std::string::npos) << message(file);
  file = small(2);
  file.pieces[0].type = kNormalPiece;
  EXPECT_NE(message(file).find("0 pieces are the unknown one, it must be one"), std::string::npos) << message(file);
  file = small(2);
  file.add({{"<0x41>", 0, kBytePiece}});
  EXPECT_NE(message(file).find("the byte piece \"<0x41>\" is there although byte_fallback is false"), std::string::npos) << message(file);
  file = small(7);
  EXPECT_NE(message(file).find("trainer_spec: byte "), std::string::npos) << message(file);
  EXPECT_NE(message(file).find("the model type 7 is unknown"), std::string::npos) << message(file);
  file = small(2);
  file.character_map = "abc";
  EXPECT_NE(message(file).find("the character map says it holds a table of 0 bytes"), std::string::npos) << message(file);
}

}  // namespace
}  // namespace temper::testing
