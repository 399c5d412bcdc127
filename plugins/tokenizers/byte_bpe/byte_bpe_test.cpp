// Byte pair encoding on small files: what it makes of text, and what it says of damaged files.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/tokenizer_pipeline.h>

#include "support/message_of.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Ids = std::vector<std::int32_t>;
const Merges kMerges = {{"t", "h"}, {"th", "e"}, {" ", "the"}, {"a", "b"}, {"b", "c"}, {"l", "l"}, {"\xC3", "\xA9"}};  // 256 to 262
constexpr std::int32_t kThe = 257, kSpaceThe = 258, kAb = 259, kEndOfText = 263;

Value path_option(const std::filesystem::path& path) { return Value(Value::Table{{"path", Value(path.string())}}); }

TokenizerPipeline open(const std::filesystem::path& path) { return {path, {"tokenizer.json/BPE", "vocab.json+merges.txt", "encoder.json+vocab.bpe"}}; }

class ByteBpe : public ::testing::Test {
 protected:
  std::filesystem::path json(const Json& tokenizer) const { return folder_.write("tokenizer.json", tokenizer.dump()); }
  std::filesystem::path bare_files(const Json& vocabulary, const std::string& merges) const {
    folder_.write("vocab.json", vocabulary.dump());
    folder_.write("merges.txt", merges);
    return folder_.path();
  }
  std::string error_of(const std::filesystem::path& path) const {
    return message_of([&] { open(path); });
  }
  TemporaryFolder folder_;
};

TEST_F(ByteBpe, KeepsTheTokenizerContractFromTokenizerJson) { check_tokenizer("byte_bpe", path_option(json(byte_bpe_json(kMerges)))); }

TEST_F(ByteBpe, KeepsTheTokenizerContractFromVocabularyAndMerges) { check_tokenizer("byte_bpe", path_option(bare_files(byte_vocabulary(kMerges), merges_text(kMerges)))); }

TEST_F(ByteBpe, KeepsTheTokenizerContractWithSpecialTokensAroundTheText) {
  Json tokenizer = byte_bpe_json(kMerges);
  tokenizer["post_processor"] = {{"type", "RobertaProcessing"}, {"sep", Json::array({"<|endoftext|>", kEndOfText})}, {"cls", Json::array({"<|endoftext|>", kEndOfText})},
                                 {"trim_offsets", true}, {"add_prefix_space", false}};
  check_tokenizer("byte_bpe", path_option(json(tokenizer)));
}

TEST_F(ByteBpe, MergesTheLowestRankFirstAndThenTheLeftmost) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  EXPECT_EQ(tokenizer.encode("abc").ids, (Ids{kAb, 'c'}));
  EXPECT_EQ(tokenizer.encode("lll").ids, (Ids{261, 'l'}));
  EXPECT_EQ(tokenizer.encode("the the").ids, (Ids{kThe, kSpaceThe}));
}

TEST_F(ByteBpe, MergesLongWordsAsItMergesShortOnes) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  std::string word;
  Ids wanted;
  for (int i = 0; i < 500; ++i) {
    word += "theabcx";
    wanted.insert(wanted.end(), {kThe, kAb, 'c', 'x'});
  }
  EXPECT_EQ(tokenizer.encode(word).ids, wanted);
  EXPECT_EQ(tokenizer.encode(std::string(1001, 'l')).ids.size(), 501u);
}

TEST_F(ByteBpe, WordsThatWereMetBeforeGiveTheSameTokens) {
  const std::filesystem::path file = json(byte_bpe_json(kMerges));
  const TokenizerPipeline tokenizer = open(file);
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::string(" ") + "abcth"[i % 5] + "bcel"[i % 4] + "the" + std::string(static_cast<std::size_t>(i % 19), static_cast<char>('a' + i % 7));
  const Encoding first = tokenizer.encode(text);
  EXPECT_EQ(tokenizer.encode(text).ids, first.ids);
  EXPECT_EQ(tokenizer.encode(text).offsets, first.offsets);
  Ids one_by_one;  // each word by a tokenizer that met none
  for (std::size_t at = 0; at < 2000;) {
    const std::size_t end = text.find(' ', at + 1);
    for (const std::int32_t id : open(file).encode(text.substr(at, end - at)).ids) one_by_one.push_back(id);
    at = end;
  }
  EXPECT_EQ(one_by_one, Ids(first.ids.begin(), first.ids.begin() + static_cast<std::ptrdiff_t>(one_by_one.size())));
}

TEST_F(ByteBpe, SplitsContractionsNumbersAndSpacesAsGpt2) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json({{" ", "t"}, {" ", " "}, {"t", "h"}, {"'", "t"}, {"1", "t"}})));
  // " t" merges within a word only; the last of several spaces belongs to what follows.
  EXPECT_EQ(tokenizer.encode("   t").ids, (Ids{257, 256}));
  EXPECT_EQ(tokenizer.encode("x'th").ids, (Ids{'x', 259, 'h'}));
  EXPECT_EQ(tokenizer.encode("1t").ids, (Ids{'1', 't'}));
}

TEST_F(ByteBpe, OffsetsCountBytesAndCoverWholeCharacters) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  const Encoding encoding = tokenizer.encode("x\u00e9\u20ac");
  EXPECT_EQ(encoding.ids, (Ids{'x', 262, 0xE2, 0x82, 0xAC}));
  EXPECT_EQ(encoding.offsets, (std::vector<ByteRange>{{0, 1}, {1, 3}, {3, 6}, {3, 6}, {3, 6}}));
}

TEST_F(ByteBpe, InvalidBytesBecomeReplacementCharactersWithTheirOwnOffsets) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  const Encoding encoding = tokenizer.encode("a\xFFz");
  EXPECT_EQ(encoding.ids, (Ids{'a', 0xEF, 0xBF, 0xBD, 'z'}));
  EXPECT_EQ(encoding.offsets, (std::vector<ByteRange>{{0, 1}, {1, 2}, {1, 2}, {1, 2}, {2, 3}}));
}

TEST_F(ByteBpe, DecodesWhatItEncoded) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  for (const std::string text : {"the cat's  hat\n", "\u65e5\u672c \U0001F600", " lead and trail ", ""}) EXPECT_EQ(tokenizer.decode(tokenizer.encode(text).ids, true), text);
}

TEST_F(ByteBpe, DecodesBrokenCharactersWithReplacement) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  EXPECT_EQ(tokenizer.decode(Ids{'a', 0xE2, 0x82}, true), "a\uFFFD");
  EXPECT_EQ(tokenizer.decode(Ids{0x82, 'b', 100000, -1}, true), "\uFFFDb");
}

TEST_F(ByteBpe, FindsSpecialTokensInsideText) {
  const TokenizerPipeline tokenizer = open(json(byte_bpe_json(kMerges)));
  const Encoding encoding = tokenizer.encode("a<|endoftext|>b");
  EXPECT_EQ(encoding.ids, (Ids{'a', kEndOfText, 'b'}));
  EXPECT_EQ(encoding.offsets[1], (ByteRange{1, 14}));
  EXPECT_EQ(encoding.is_special, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(tokenizer.decode(encoding.ids, true), "ab");
  EXPECT_EQ(tokenizer.decode(encoding.ids, false), "a<|endoftext|>b");
}

TEST_F(ByteBpe, AddedTokensTakeSpacesAndMindWordsAsTheirFlagsSay) {
  Json tokenizer = byte_bpe_json(kMerges);
  Json mask = added_token(264, "<mask>"), word = added_token(265, "cat", false);
  mask["lstrip"] = true;
  word["single_word"] = true;
  tokenizer["added_tokens"].push_back(mask);
  tokenizer["added_tokens"].push_back(word);
  const TokenizerPipeline open_tokenizer = open(json(tokenizer));
  EXPECT_EQ(open_tokenizer.encode("a  <mask> b").ids, (Ids{'a', 264, ' ', 'b'}));
  EXPECT_EQ(open_tokenizer.encode("a  <mask> b").offsets[1], (ByteRange{1, 9}));
  EXPECT_EQ(open_tokenizer.encode("cat cats").ids, (Ids{265, ' ', 'c', 'a', 't', 's'}));
}

TEST_F(ByteBpe, BareFilesKnowEndOfTextAsBeginEndAndUnknown) {
  const TokenizerPipeline tokenizer = open(bare_files(byte_vocabulary(kMerges), merges_text(kMerges)));
  const SpecialIds ids = tokenizer.special_ids();
  EXPECT_EQ(ids.bos, kEndOfText);
  EXPECT_EQ(ids.eos, kEndOfText);
  EXPECT_EQ(ids.unk, kEndOfText);
  EXPECT_FALSE(ids.pad);
  EXPECT_EQ(tokenizer.encode("the<|endoftext|>").ids, (Ids{kThe, kEndOfText}));
}

TEST_F(ByteBpe, AllThreeFormatsGiveTheSameIds) {
  const TemporaryFolder first_release;
  first_release.write("encoder.json", byte_vocabulary(kMerges).dump());
  first_release.write("vocab.bpe", merges_text(kMerges));
  const TokenizerPipeline a = open(json(byte_bpe_json(kMerges))), b = open(first_release.path());
  bare_files(byte_vocabulary(kMerges), merges_text(kMerges));
  const TokenizerPipeline c = open(folder_ / "merges.txt");
  const std::string text = "the ab  bc's 12 \u00e9l <|endoftext|> ll";
  EXPECT_EQ(a.encode(text).ids, b.encode(text).ids);
  EXPECT_EQ(a.encode(text).ids, c.encode(text).ids);
}

TEST_F(ByteBpe, TokenizerConfigNamesTheSpecialTokens) {
  folder_.write("tokenizer_config.json", R"({"bos_token": "a", "pad_token": {"content": "b", "special": true}, "eos_token": null})");
  folder_.write("special_tokens_map.json", R"({"eos_token": "c", "bos_token": "z"})");
  const SpecialIds ids = open(json(byte_bpe_json(kMerges))).special_ids();
  EXPECT_EQ(ids.bos, 'a');
  EXPECT_EQ(ids.pad, 'b');
  EXPECT_EQ(ids.eos, 'c');
}

TEST_F(ByteBpe, WithoutByteLevelUnknownCharactersAreOneTokenOrBytes) {
  Json tokenizer = byte_bpe_json({});
  tokenizer["pre_tokenizer"] = tokenizer["post_processor"] = tokenizer["decoder"] = nullptr;
  tokenizer["added_tokens"] = Json::array();
  tokenizer["model"]["vocab"] = {{"<unk>", 0}, {"a", 1}, {"b", 2}, {"ab", 3}, {"<0xE2>", 4}, {"<0x82>", 5}, {"<0xAC>", 6}};
  tokenizer["model"]["merges"] = Json::array({Json::array({"a", "b"})});
  tokenizer["model"]["unk_token"] = "<unk>";
  tokenizer["model"]["fuse_unk"] = true;
  EXPECT_EQ(open(json(tokenizer)).encode("xyab\u20ac").ids, (Ids{0, 3, 0}));
  tokenizer["model"]["byte_fallback"] = true;
  EXPECT_EQ(open(json(tokenizer)).encode("xyab\u20ac").ids, (Ids{0, 3, 4, 5, 6}));
}

TEST_F(ByteBpe, StoredLimitsAreObeyedOnlyWhenAskedFor) {
  Json tokenizer = byte_bpe_json(kMerges);
  tokenizer["truncation"] = {{"direction", "Right"}, {"max_length", 3}, {"strategy", "LongestFirst"}, {"stride", 0}};
  tokenizer["padding"] = {{"strategy", {{"Fixed", 5}}}, {"direction", "Right"}, {"pad_to_multiple_of", nullptr}, {"pad_id", 7}, {"pad_type_id", 0}, {"pad_token", "x"}};
  const TokenizerPipeline open_tokenizer = open(json(tokenizer));
  EXPECT_EQ(open_tokenizer.encode("xyzxyz").ids.size(), 6u);
  EncodeOptions stored;
  stored.stored_limits = true;
  EXPECT_EQ(open_tokenizer.encode("xyzxyz", stored).ids, (Ids{'x', 'y', 'z', 7, 7}));
  EXPECT_EQ(open_tokenizer.encode("xyzxyz", stored).dropped_tokens, 3);
}

TEST_F(ByteBpe, NamesTheLineOfAMergeThatNeedsAnUnknownToken) {
  const std::string message = error_of(bare_files(byte_vocabulary({{"t", "h"}}), merges_text({{"t", "h"}, {"th", "e"}})));
  EXPECT_NE(message.find("merges.txt:3: the merge \"th e\" needs the token \"the\", which is not in the vocabulary"), std::string::npos) << message;
}

TEST_F(ByteBpe, NamesTheLineThatIsNoMerge) {
  const std::string message = error_of(bare_files(byte_vocabulary({}), "#version: 0.2\n\na b c\n"));
  EXPECT_NE(message.find("merges.txt:3: \"a b c\" is no merge"), std::string::npos) << message;
}

TEST_F(ByteBpe, NamesTheLineThatIsNotUtf8) {
  const std::string message = error_of(bare_files(byte_vocabulary({}), "#version: 0.2\na \xFF\n"));
  EXPECT_NE(message.find("merges.txt:2: this line is not valid UTF-8"), std::string::npos) << message;
}

TEST_F(ByteBpe, NamesTwoTokensOfOneId) {
  Json vocabulary = byte_vocabulary({});
  vocabulary["zz"] = 65;
  const std::string message = error_of(bare_files(vocabulary, ""));
  EXPECT_NE(message.find("vocab.json: the id 65 belongs to two tokens, \"A\" and \"zz\""), std::string::npos) << message;
}

TEST_F(ByteBpe, RefusesIdsThatAskForAllMemory) {
  Json vocabulary = byte_vocabulary({});
  vocabulary["zz"] = 4000000000;
  EXPECT_NE(error_of(bare_files(vocabulary, "")).find("\"zz\" has the id 4000000000, ids go from 0 to"), std::string::npos);
  vocabulary["zz"] = -1;
  EXPECT_NE(error_of(bare_files(vocabulary, "")).find("\"zz\" has the id -1"), std::string::npos);
}

TEST_F(ByteBpe, NamesThePlaceWhereAJsonFileEndsTooEarly) {
  const std::string text = byte_bpe_json(kMerges).dump(1);
  const std::string message = error_of(folder_.write("tokenizer.json", text.substr(0, text.size() / 2)));
  EXPECT_NE(message.find("tokenizer.json:"), std::string::npos) << message;
}

TEST_F(ByteBpe, EveryStartOfAFileIsAnErrorAndNoCrash) {
  const std::string text = byte_bpe_json(kMerges).dump();
  for (std::size_t size = 0; size < text.size(); size += 97) EXPECT_NE(error_of(folder_.write("tokenizer.json", text.substr(0, size))), "no error") << size;
}

TEST_F(ByteBpe, NamesAnUnknownComponentAndItsPlace) {
  Json tokenizer = byte_bpe_json(kMerges);
  tokenizer["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", Json::array({byte_level(), {{"type", "Telepathy"}}})}};
  const std::string message = error_of(json(tokenizer));
  EXPECT_NE(message.find("tokenizer.json: pre_tokenizer.pretokenizers[1]: the pre-tokenizer \"Telepathy\" is unknown"), std::string::npos) << message;
}

TEST_F(ByteBpe, NamesAnUnknownOptionOfAComponent) {
  Json tokenizer = byte_bpe_json(kMerges);
  tokenizer["model"]["fuse_unknown"] = true;
  const std::string message = error_of(json(tokenizer));
  EXPECT_NE(message.find("tokenizer.json: model: the option \"fuse_unknown\" is unknown"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean \"fuse_unk\"?"), std::string::npos) << message;
}

TEST_F(ByteBpe, NamesAnExpressionThatIsNotUnderstood) {
  Json tokenizer = byte_bpe_json(kMerges);
  tokenizer["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}, {"invert", false}};
  const std::string message = error_of(json(tokenizer));
  EXPECT_NE(message.find("tokenizer.json: pre_tokenizer.pattern: the expression \"(a\" is not understood"), std::string::npos) << message;
}

TEST_F(ByteBpe, SaysWhichFormatsItReads) {
  const std::string other = error_of(json(word_piece_json()));
  EXPECT_NE(other.find("this is a tokenizer of the format tokenizer.json/WordPiece, this plugin reads tokenizer.json/BPE, vocab.json+merges.txt"), std::string::npos) << other;
  const TemporaryFolder empty;
  EXPECT_NE(error_of(empty.path()).find("there is no tokenizer here"), std::string::npos);
  EXPECT_NE(error_of(empty / "nowhere").find("there is no such file or folder"), std::string::npos);
}

}  // namespace
}  // namespace temper::testing
