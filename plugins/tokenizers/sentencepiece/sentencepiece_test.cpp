// Unigram models on a small file.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/tokenizer_pipeline.h>

#include "support/message_of.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Ids = std::vector<std::int32_t>;

// <unk> 0, </s> 1, then pieces with their log-probabilities.
Json unigram_json() {
  const Json vocabulary = Json::array({Json::array({"<unk>", 0.0}), Json::array({"</s>", 0.0}), Json::array({"\u2581", -3.0}), Json::array({"a", -2.0}), Json::array({"b", -2.0}),
                                       Json::array({"ab", -3.5}), Json::array({"\u2581a", -2.5}), Json::array({"ba", -3.9})});
  const Json metaspace = {{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "always"}, {"split", true}};
  return {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", Json::array({added_token(0, "<unk>"), added_token(1, "</s>")})},
          {"normalizer", {{"type", "NFKC"}}}, {"pre_tokenizer", metaspace},
          {"post_processor", {{"type", "TemplateProcessing"},
                              {"single", Json::array({{{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, {{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}}})},
                              {"pair", Json::array({{{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, {{"Sequence", {{"id", "B"}, {"type_id", 0}}}}, {{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}}})},
                              {"special_tokens", {{"</s>", {{"id", "</s>"}, {"ids", Json::array({1})}, {"tokens", Json::array({"</s>"})}}}}}}},
          {"decoder", metaspace}, {"model", {{"type", "Unigram"}, {"unk_id", 0}, {"byte_fallback", false}, {"vocab", vocabulary}}}};
}

class SentencePiece : public ::testing::Test {
 protected:
  std::filesystem::path json(const Json& tokenizer) const { return folder_.write("tokenizer.json", tokenizer.dump()); }
  TokenizerPipeline open(const Json& tokenizer) const { return {json(tokenizer), {"tokenizer.json/Unigram"}}; }
  TemporaryFolder folder_;
};

TEST_F(SentencePiece, KeepsTheTokenizerContract) { check_tokenizer("sentencepiece", Value(Value::Table{{"path", Value(json(unigram_json()).string())}})); }

TEST_F(SentencePiece, TakesTheMostProbablePieces) {
  const TokenizerPipeline tokenizer = open(unigram_json());
  EXPECT_EQ(tokenizer.encode("ab").ids, (Ids{6, 4, 1}));    // -4.5 against -6.5 for the mark and "ab"
  EXPECT_EQ(tokenizer.encode("b ab").ids, (Ids{2, 4, 6, 4, 1}));
  EXPECT_EQ(tokenizer.encode("bab").ids, (Ids{2, 4, 5, 1}));  // "b ab" -5.5 beats "ba b" -5.9
}

TEST_F(SentencePiece, NeighbouringUnknownCharactersAreOneToken) {
  const Encoding encoding = open(unigram_json()).encode("axyb");
  EXPECT_EQ(encoding.ids, (Ids{6, 0, 4, 1}));
  EXPECT_EQ(encoding.offsets[1], (ByteRange{1, 3}));
}

TEST_F(SentencePiece, DecodingTurnsMarksIntoSpaces) { EXPECT_EQ(open(unigram_json()).decode(Ids{6, 4, 2, 4, 1}, true), "ab b"); }

TEST_F(SentencePiece, NamesAnUnknownIdThatIsNotThere) {
  Json tokenizer = unigram_json();
  tokenizer["model"]["unk_id"] = 99;
  const std::string message = message_of([&] { open(tokenizer); });
  EXPECT_NE(message.find("tokenizer.json: model.unk_id: the id 99 is not in the vocabulary"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper::testing
