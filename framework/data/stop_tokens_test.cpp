// Which tokens end a checkpoint's texts.
#include "data/stop_tokens.h"

#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using Ids = std::vector<std::int32_t>;

TEST(StopTokens, AreThoseOfTheFirstConfigThatNamesSome) {
  const Value one = parse_json(R"({"eos_token_id": 7})"), list = parse_json(R"({"eos_token_id": [1, 2]})"), none = parse_json(R"({"eos_token_id": null})");
  EXPECT_EQ(stop_tokens(list, one, nullptr), (Ids{1, 2}));
  EXPECT_EQ(stop_tokens(none, one, nullptr), Ids{7});
  EXPECT_EQ(stop_tokens(Value(), list, nullptr), (Ids{1, 2}));
  EXPECT_TRUE(stop_tokens(Value(), none, nullptr).empty());
}

TEST(StopTokens, RefuseWhatIsNoTokenAndNameTheFile) {
  for (const char* text : {R"({"eos_token_id": "</s>"})", R"({"eos_token_id": [1, -2]})", R"({"eos_token_id": 99999999999})", R"({"eos_token_id": 1.5})"}) {
    EXPECT_NE(testing::message_of([&] { stop_tokens(parse_json(text), Value(), nullptr); }).find("generation_config.json: eos_token_id"), std::string::npos) << text;
    EXPECT_NE(testing::message_of([&] { stop_tokens(Value(), parse_json(text), nullptr); }).find("config.json: eos_token_id"), std::string::npos) << text;
  }
}

TEST(GenerationConfig, IsReadWhereThereIsOne) {
  const testing::TemporaryFolder folder;
  EXPECT_TRUE(read_generation_config(folder.path()).is_null());
  folder.write("generation_config.json", R"({"eos_token_id": [3]})");
  EXPECT_EQ(stop_tokens(read_generation_config(folder.path()), Value(), nullptr), Ids{3});
  folder.write("generation_config.json", "[1]");
  EXPECT_NE(testing::message_of([&] { read_generation_config(folder.path()); }).find("must be an object"), std::string::npos);
  folder.write("generation_config.json", "{\"eos_token_id\": ");
  EXPECT_NE(testing::message_of([&] { read_generation_config(folder.path()); }).find("generation_config.json"), std::string::npos);
}

}  // namespace
}  // namespace temper::data
