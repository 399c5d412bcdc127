// WordLevel on a small file.
#include <temper/testing/tokenizer.h>

#include <gtest/gtest.h>

#include <temper/tokenizer_pipeline.h>

#include "support/message_of.h"
#include "support/small_tokenizer.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Ids = std::vector<std::int32_t>;

Json words_json() {
  return {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", Json::array({added_token(0, "[UNK]")})},
          {"normalizer", {{"type", "Lowercase"}}}, {"pre_tokenizer", {{"type", "Whitespace"}}}, {"post_processor", nullptr}, {"decoder", nullptr},
          {"model", {{"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", {{"[UNK]", 0}, {"the", 1}, {"cat", 2}, {"!?", 3}}}}}};
}

class WordLevel : public ::testing::Test {
 protected:
  std::filesystem::path json(const Json& tokenizer) const { return folder_.write("tokenizer.json", tokenizer.dump()); }
  TokenizerPipeline open(const Json& tokenizer) const { return {json(tokenizer), {"tokenizer.json/WordLevel"}}; }
  TemporaryFolder folder_;
};

TEST_F(WordLevel, KeepsTheTokenizerContract) { check_tokenizer("wordlevel", Value(Value::Table{{"path", Value(json(words_json()).string())}})); }

TEST_F(WordLevel, WordsAreTokensOrUnknown) {
  const Encoding encoding = open(words_json()).encode("The cat!? dog");
  EXPECT_EQ(encoding.ids, (Ids{1, 2, 3, 0}));
  EXPECT_EQ(encoding.offsets[3], (ByteRange{10, 13}));
}

TEST_F(WordLevel, WithoutDecoderTokensAreJoinedBySpaces) { EXPECT_EQ(open(words_json()).decode(Ids{1, 2, 3}, true), "the cat !?"); }

TEST_F(WordLevel, NamesTheWordThatNothingStandsFor) {
  Json tokenizer = words_json();
  tokenizer["added_tokens"] = Json::array();
  tokenizer["model"]["unk_token"] = "<none>";
  const TokenizerPipeline words = open(tokenizer);
  const std::string message = message_of([&] { words.encode("the dog"); });
  EXPECT_NE(message.find("the word \"dog\" is no token"), std::string::npos) << message;
}

}  // namespace
}  // namespace temper::testing
