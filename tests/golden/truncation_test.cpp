// Stored truncation and padding of batches against what the library makes of them: golden/tokenizer_files/truncation_padding.jsonl.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include <temper/error.h>
#include <temper/tokenizer_pipeline.h>

#include "support/shared.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Json = nlohmann::json;

// The arguments of enable_truncation and enable_padding, as tokenizer.json stores them.
Json stored_truncation(const Json& arguments) {
  if (arguments.is_null()) return nullptr;
  const std::string strategy = arguments["strategy"];
  return {{"max_length", arguments["max_length"]}, {"stride", arguments["stride"]}, {"direction", arguments["direction"] == "left" ? "Left" : "Right"},
          {"strategy", strategy == "longest_first" ? "LongestFirst" : strategy == "only_first" ? "OnlyFirst" : "OnlySecond"}};
}

Json stored_padding(const Json& arguments) {
  if (arguments.is_null()) return nullptr;
  Json stored = {{"strategy", "BatchLongest"}, {"direction", arguments.value("direction", "right") == "left" ? "Left" : "Right"}, {"pad_id", arguments.value("pad_id", 0)},
                 {"pad_type_id", arguments.value("pad_type_id", 0)}, {"pad_token", arguments.value("pad_token", "[PAD]")}, {"pad_to_multiple_of", nullptr}};
  if (arguments.contains("length") && !arguments["length"].is_null()) stored["strategy"] = Json{{"Fixed", arguments["length"]}};
  if (arguments.contains("pad_to_multiple_of")) stored["pad_to_multiple_of"] = arguments["pad_to_multiple_of"];
  return stored;
}

// Golden offsets count characters, of whichever text a token is of.
std::size_t characters(const std::string& text, std::size_t bytes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes; ++i) count += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
  return count;
}

// `texts`: the two of a pair may be told apart by their lengths only where that matters, so either may fit.
void expect_equal(const Encoding& encoding, const Json& wanted, const std::vector<std::string>& texts, const std::string& where) {
  ASSERT_EQ(encoding.ids, wanted["ids"].get<std::vector<std::int32_t>>()) << where;
  EXPECT_EQ(encoding.type_ids, wanted["type_ids"].get<std::vector<std::int32_t>>()) << where;
  if (wanted.contains("special_tokens_mask")) { EXPECT_EQ(encoding.is_special, wanted["special_tokens_mask"].get<std::vector<std::uint8_t>>()) << where; }
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    const std::size_t begin = wanted["offsets"][i][0], end = wanted["offsets"][i][1];
    bool fits = false;
    for (const std::string& text : texts) {
      fits = fits || (encoding.offsets[i].end <= text.size() && characters(text, encoding.offsets[i].begin) == begin && characters(text, encoding.offsets[i].end) == end);
    }
    EXPECT_TRUE(fits) << where << ": token " << i << " has offsets " << encoding.offsets[i].begin << ", " << encoding.offsets[i].end << ", wanted are characters " << begin << ", " << end;
  }
}

TEST(TruncationGolden, WindowsAndPaddingAreTheLibrarys) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const std::filesystem::path files = *shared / "golden/tokenizer_files";
  const TemporaryFolder folder;
  std::ifstream rows(files / "truncation_padding.jsonl");
  std::size_t number = 0, windows = 0;
  for (std::string line; std::getline(rows, line); ++number) {
    const Json row = Json::parse(line);
    const std::string where = "row " + std::to_string(number) + " (" + row["tokenizer"].get<std::string>() + ")";
    Json file = Json::parse(std::ifstream(files / row["tokenizer"] / "tokenizer.json"));
    file["truncation"] = stored_truncation(row["truncation"]);
    file["padding"] = stored_padding(row["padding"]);
    const TokenizerPipeline tokenizer(folder.write("tokenizer.json", file.dump()), {"tokenizer.json/BPE", "tokenizer.json/WordPiece", "tokenizer.json/Unigram"});

    std::vector<std::vector<std::string>> texts;
    std::vector<TextPair> batch;
    for (const Json& item : row["batch"]) texts.push_back(item.is_array() ? item.get<std::vector<std::string>>() : std::vector<std::string>{item.get<std::string>()});
    for (const auto& item : texts) batch.push_back({item[0], item.size() > 1 ? std::optional<std::string_view>(item[1]) : std::nullopt});
    EncodeOptions options;
    options.add_special_tokens = row["add_special_tokens"];
    options.stored_limits = true;
    if (row.contains("error")) {
      EXPECT_THROW(tokenizer.encode_batch(batch, options), Error) << where << ": " << row["error"];
      continue;
    }
    const auto encodings = tokenizer.encode_batch(batch, options);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Json& wanted = row["encodings"][i];
      const Json overflowing = wanted.value("overflowing", Json::array());
      ASSERT_EQ(encodings[i].size(), 1 + overflowing.size()) << where;
      expect_equal(encodings[i][0], wanted, texts[i], where);
      for (std::size_t w = 0; w < overflowing.size(); ++w, ++windows) expect_equal(encodings[i][w + 1], overflowing[w], texts[i], where + ", window " + std::to_string(w));
    }
  }
  EXPECT_GT(number, 100u);
  EXPECT_GT(windows, 100u);
}

}  // namespace
}  // namespace temper::testing
