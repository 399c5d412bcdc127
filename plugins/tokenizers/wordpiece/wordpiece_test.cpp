// WordPiece on small files: what it makes of text, and what it says of damaged files.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/tokenizer_pipeline.h>

#include "support/message_of.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Ids = std::vector<std::int32_t>;

Value path_option(const std::filesystem::path& path) { return Value(Value::Table{{"path", Value(path.string())}}); }

TokenizerPipeline open(const std::filesystem::path& path) { return {path, {"tokenizer.json/WordPiece", "vocab.txt"}}; }

std::int32_t id(const std::string& piece) {
  for (std::size_t i = 0; i < word_pieces().size(); ++i) {
    if (word_pieces()[i] == piece) return static_cast<std::int32_t>(i);
  }
  throw Error("no piece " + piece);
}

Ids ids(const std::vector<std::string>& pieces) {
  Ids result;
  for (const std::string& piece : pieces) result.push_back(id(piece));
  return result;
}

class WordPiece : public ::testing::Test {
 protected:
  std::filesystem::path json(const Json& tokenizer) const { return folder_.write("tokenizer.json", tokenizer.dump()); }
  std::filesystem::path bare(const std::string& vocabulary = vocab_txt()) const { return folder_.write("vocab.txt", vocabulary); }
  std::string error_of(const std::filesystem::path& path) const {
    return message_of([&] { open(path); });
  }
  TemporaryFolder folder_;
};

TEST_F(WordPiece, KeepsTheTokenizerContractFromTokenizerJson) { check_tokenizer("wordpiece", path_option(json(word_piece_json()))); }

TEST_F(WordPiece, KeepsTheTokenizerContractFromVocabTxt) { check_tokenizer("wordpiece", path_option(bare())); }

TEST_F(WordPiece, TakesTheLongestPieceFirstBetweenItsSpecialTokens) {
  const TokenizerPipeline tokenizer = open(bare());
  const Encoding encoding = tokenizer.encode("The unaffable cats!");
  EXPECT_EQ(encoding.ids, ids({"[CLS]", "the", "un", "##aff", "##able", "cat", "##s", "!", "[SEP]"}));
  EXPECT_EQ(encoding.offsets, (std::vector<ByteRange>{{0, 0}, {0, 3}, {4, 6}, {6, 9}, {9, 13}, {14, 17}, {17, 18}, {18, 19}, {0, 0}}));
  EXPECT_EQ(encoding.is_special, (std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST_F(WordPiece, OneUnknownPieceMakesTheWordUnknown) {
  EXPECT_EQ(open(bare()).encode("catsz cat").ids, ids({"[CLS]", "[UNK]", "cat", "[SEP]"}));
}

TEST_F(WordPiece, StripsAccentsAndKeepsTheOffsetsOfTheSource) {
  const Encoding encoding = open(bare()).encode("Caf\u00e9 cafe\u0301s");
  EXPECT_EQ(encoding.ids, ids({"[CLS]", "cafe", "cafe", "##s", "[SEP]"}));
  EXPECT_EQ(encoding.offsets[1], (ByteRange{0, 5}));
  EXPECT_EQ(encoding.offsets[3], (ByteRange{12, 13}));
}

TEST_F(WordPiece, CjkCharactersAndPunctuationStandAlone) {
  EXPECT_EQ(open(bare()).encode("x\u65e5\u672c,cat").ids, ids({"[CLS]", "x", "\u65e5", "\u672c", ",", "cat", "[SEP]"}));
}

TEST_F(WordPiece, TokenizerConfigKeepsTheCase) {
  folder_.write("tokenizer_config.json", R"({"do_lower_case": false})");
  const TokenizerPipeline tokenizer = open(bare());
  EXPECT_EQ(tokenizer.encode("The the \u00e9").ids, ids({"[CLS]", "The", "the", "\u00e9", "[SEP]"}));
}

TEST_F(WordPiece, PairsHaveTypesZeroAndOne) {
  const Encoding encoding = open(bare()).encode_pair("the cat", "cats");
  EXPECT_EQ(encoding.ids, ids({"[CLS]", "the", "cat", "[SEP]", "cat", "##s", "[SEP]"}));
  EXPECT_EQ(encoding.type_ids, (Ids{0, 0, 0, 0, 1, 1, 1}));
}

TEST_F(WordPiece, TruncationCutsTheLongerTextOfAPair) {
  EncodeOptions options;
  options.max_length = 7;
  const Encoding encoding = open(bare()).encode_pair("the the the the", "cat", options);
  EXPECT_EQ(encoding.ids, ids({"[CLS]", "the", "the", "the", "[SEP]", "cat", "[SEP]"}));
  EXPECT_EQ(encoding.dropped_tokens, 1);
}

TEST_F(WordPiece, FindsSpecialTokensInsideText) {
  const TokenizerPipeline tokenizer = open(bare());
  const Encoding encoding = tokenizer.encode("the [MASK].");
  EXPECT_EQ(encoding.ids, ids({"[CLS]", "the", "[MASK]", ".", "[SEP]"}));
  EXPECT_EQ(tokenizer.encode("[mask]").ids.size(), 5u);  // only as it is written
  EXPECT_EQ(tokenizer.special_ids().mask, id("[MASK]"));
  EXPECT_EQ(tokenizer.special_ids().cls, id("[CLS]"));
}

TEST_F(WordPiece, DecodingJoinsPiecesAndCleansUpEachTokenAlone) {
  const TokenizerPipeline tokenizer = open(bare());
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("the cats, don't!").ids, true), "the cats, don ' t!");
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("cats.").ids, false), "[CLS] cats. [SEP]");
}

TEST_F(WordPiece, VocabTxtAndTokenizerJsonGiveTheSame) {
  const TokenizerPipeline a = open(bare()), b = open(json(word_piece_json()));
  for (const std::string text : {"The unaffable caf\u00e9", "x\u65e5[SEP]\u672c's", "\tcat\ncats\u200d"}) {
    EXPECT_EQ(a.encode(text).ids, b.encode(text).ids);
    EXPECT_EQ(a.encode(text).offsets, b.encode(text).offsets);
  }
}

TEST_F(WordPiece, LongWordsAreUnknown) {
  Json tokenizer = word_piece_json();
  tokenizer["model"]["max_input_chars_per_word"] = 3;
  EXPECT_EQ(open(json(tokenizer)).encode("cat cats").ids, ids({"[CLS]", "cat", "[UNK]", "[SEP]"}));
}

TEST_F(WordPiece, SaysWhatAVocabularyLacks) {
  const std::string message = error_of(bare("[PAD]\n[UNK]\n[CLS]\nthe\n"));
  EXPECT_NE(message.find("vocab.txt: the token \"[SEP]\" is not in the vocabulary"), std::string::npos) << message;
}

TEST_F(WordPiece, NamesTheLineThatIsNotUtf8) {
  const std::string message = error_of(bare("[PAD]\n[UNK]\n\xFF\xFE\n"));
  EXPECT_NE(message.find("vocab.txt:3: this line is not valid UTF-8"), std::string::npos) << message;
}

TEST_F(WordPiece, NamesAnUnknownNormalizer) {
  Json tokenizer = word_piece_json();
  tokenizer["normalizer"]["type"] = "BertNormaliser";
  const std::string message = error_of(json(tokenizer));
  EXPECT_NE(message.find("tokenizer.json: normalizer: the normalizer \"BertNormaliser\" is unknown"), std::string::npos) << message;
}

TEST_F(WordPiece, NamesWhatIsNotAnId) {
  Json tokenizer = word_piece_json();
  tokenizer["model"]["vocab"]["cat"] = "seven";
  const std::string message = error_of(json(tokenizer));
  EXPECT_NE(message.find("tokenizer.json: model.vocab: the id of \"cat\" is not an integer"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper::testing
