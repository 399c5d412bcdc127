// Tokenizers against ids, offsets and texts that other programs give: shared/golden/tokenizers and shared/golden/tokenizer_files.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <temper/tokenizer_pipeline.h>

#include "registry/registry.h"
#include "support/shared.h"

namespace temper::testing {
namespace {

using Json = nlohmann::json;

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> split_at(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string::npos) return parts;
    at = end + separator.size();
  }
}

EncodeOptions as_stored(bool add_special_tokens) {
  EncodeOptions options;
  options.add_special_tokens = add_special_tokens;
  options.stored_limits = true;
  return options;
}

// The 46 hard texts, through the plugin that a user names.
void check_hard_texts(const std::string& plugin, const std::string& folder, const std::string& file) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const auto tokenizer = registry::installed().create<Tokenizer>(plugin, Value(Value::Table{{"path", Value((*shared / "tokenizers" / folder).string())}}));
  const std::vector<std::string> texts = split_at(read_file(*shared / "golden/tokenizers" / (file + ".inp")), "\n__ggml_vocab_test__\n");
  std::istringstream answers(read_file(*shared / "golden/tokenizers" / (file + ".out")));
  ASSERT_EQ(texts.size(), 47u);  // the separator also ends the file
  for (std::size_t i = 0; i < 46; ++i) {
    std::string line;
    ASSERT_TRUE(std::getline(answers, line));
    std::istringstream numbers(line);
    std::vector<std::int32_t> ids;
    for (std::int32_t id; numbers >> id;) ids.push_back(id);
    EXPECT_EQ(tokenizer->encode(texts[i], as_stored(false)).ids, ids) << "text " << i << ": " << texts[i];
  }
}

TEST(TokenizersGolden, Gpt2sHardTexts) { check_hard_texts("byte_bpe", "gpt2", "ggml-vocab-gpt-2.gguf"); }
TEST(TokenizersGolden, BertsHardTexts) { check_hard_texts("wordpiece", "bert-base-uncased", "ggml-vocab-bert-bge.gguf"); }

TEST(TokenizersGolden, BertsHardTextsFromVocabTxtAlone) { check_hard_texts("wordpiece", "bert-base-uncased/vocab.txt", "ggml-vocab-bert-bge.gguf"); }

// Where the characters of a text begin, and its end: offsets of the golden rows may count characters.
std::vector<std::uint32_t> character_starts(const std::string& text) {
  std::vector<std::uint32_t> starts;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(static_cast<std::uint32_t>(text.size()));
  return starts;
}

std::vector<ByteRange> wanted_offsets(const Json& row) {
  std::vector<ByteRange> wanted;
  if (row.contains("byte_offsets")) {
    for (const Json& o : row["byte_offsets"]) wanted.push_back({o[0], o[1]});
    return wanted;
  }
  const std::vector<std::uint32_t> starts[] = {character_starts(row["text"]), character_starts(row.value("pair", ""))};
  for (std::size_t i = 0; i < row["offsets"].size(); ++i) {
    const Json& o = row["offsets"][i];
    const Json sequence = row.contains("sequence_ids") ? row["sequence_ids"][i] : Json(0);
    if (sequence.is_null()) wanted.push_back({});
    else wanted.push_back({starts[sequence.get<int>()].at(o[0]), starts[sequence.get<int>()].at(o[1])});
  }
  return wanted;
}

class TokenizerFiles : public ::testing::TestWithParam<const char*> {};

TEST_P(TokenizerFiles, GiveTheIdsOffsetsAndTextsOfTheLibrary) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const std::filesystem::path folder = *shared / "golden/tokenizer_files" / GetParam();
  const TokenizerPipeline tokenizer(folder, {"tokenizer.json/BPE", "tokenizer.json/WordPiece", "tokenizer.json/Unigram", "tokenizer.json/WordLevel"});
  std::istringstream rows(read_file(folder / "golden.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(rows, line); ++count) {
    const Json row = Json::parse(line);
    const std::string text = row["text"], where = row["kind"].get<std::string>() + " row " + std::to_string(count) + ": " + text.substr(0, 200);
    const bool is_pair = row.contains("pair");
    const auto encode = [&](bool specials) {
      return is_pair ? tokenizer.encode_pair(text, row["pair"].get<std::string>(), as_stored(specials)) : tokenizer.encode(text, as_stored(specials));
    };
    const Encoding encoding = encode(true);
    ASSERT_EQ(encoding.ids, row["ids"].get<std::vector<std::int32_t>>()) << where;
    EXPECT_EQ(encoding.offsets, wanted_offsets(row)) << where;
    if (row.contains("ids_plain")) { EXPECT_EQ(encode(false).ids, row["ids_plain"].get<std::vector<std::int32_t>>()) << where; }
    if (row.contains("decoded")) { EXPECT_EQ(tokenizer.decode(encoding.ids, true), row["decoded"]) << where; }
    if (row.contains("decoded_raw")) { EXPECT_EQ(tokenizer.decode(encoding.ids, false), row["decoded_raw"]) << where; }
    if (is_pair) { EXPECT_EQ(encoding.type_ids, row["type_ids"].get<std::vector<std::int32_t>>()) << where; }
    if (row.contains("special_tokens_mask")) { EXPECT_EQ(encoding.is_special, row["special_tokens_mask"].get<std::vector<std::uint8_t>>()) << where; }
  }
  EXPECT_GT(count, 100u);
}

INSTANTIATE_TEST_SUITE_P(Golden, TokenizerFiles,
                         ::testing::Values("albert", "bert", "bert-cased", "deepseek-coder", "deepseek-llm", "deepseek-v3", "falcon", "gpt-neox", "gpt2", "llama2", "llama2-metaspace",
                                           "llama3", "minilm", "qwen2", "roberta", "starcoder", "t5", "unigram-bytes", "wordlevel"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

struct ModelFile {
  const char* folder;
  const char* golden;
};

// sentencepiece's own files, through the plugin that a user names.
class SentencePieceFiles : public ::testing::TestWithParam<ModelFile> {};

TEST_P(SentencePieceFiles, GiveTheIdsOffsetsAndTextsOfSentencepiece) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const std::filesystem::path folder = *shared / "golden/tokenizer_files" / GetParam().folder;
  const auto tokenizer = registry::installed().create<Tokenizer>("sentencepiece", Value(Value::Table{{"path", Value((folder / "tokenizer.model").string())}}));
  std::istringstream rows(read_file(folder / GetParam().golden));
  std::size_t count = 0;
  for (std::string line; std::getline(rows, line); ++count) {
    const Json row = Json::parse(line);
    const std::string text = row["text"], where = row["kind"].get<std::string>() + " row " + std::to_string(count) + ": " + text.substr(0, 200);
    const Encoding plain = tokenizer->encode(text, as_stored(false));
    EXPECT_EQ(plain.ids, row["ids_plain"].get<std::vector<std::int32_t>>()) << where;
    EXPECT_EQ(plain.offsets, wanted_offsets(row)) << where;
    EXPECT_EQ(tokenizer->encode(text, as_stored(true)).ids, row["ids"].get<std::vector<std::int32_t>>()) << where;
    EXPECT_EQ(tokenizer->decode(plain.ids, true), row["decoded"]) << where;
    EXPECT_EQ(tokenizer->decode(row["ids"].get<std::vector<std::int32_t>>(), false), row["decoded_raw"]) << where;
  }
  EXPECT_GT(count, 100u);
}

INSTANTIATE_TEST_SUITE_P(Golden, SentencePieceFiles,
                         ::testing::Values(ModelFile{"llama2", "golden_sentencepiece.jsonl"}, ModelFile{"sentencepiece-bpe", "golden.jsonl"}, ModelFile{"sentencepiece-bpe-nmt", "golden.jsonl"},
                                           ModelFile{"sentencepiece-unigram", "golden.jsonl"}, ModelFile{"sentencepiece-unigram-bytes", "golden.jsonl"}),
                         [](const auto& info) {
                           std::string name = info.param.folder;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// The same texts through the files that came before tokenizer.json.
void check_bare_files(const std::string& folder, const std::string& file, bool with_specials) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const std::filesystem::path path = *shared / "golden/tokenizer_files" / folder;
  const TokenizerPipeline tokenizer(path / file, {"vocab.json+merges.txt", "vocab.txt"});
  std::istringstream rows(read_file(path / "golden.jsonl"));
  for (std::string line; std::getline(rows, line);) {
    const Json row = Json::parse(line);
    if (row.contains("pair") || row["kind"] == "special") continue;
    EncodeOptions options;
    options.add_special_tokens = with_specials;
    const Encoding encoding = tokenizer.encode(row["text"].get<std::string>(), options);
    EXPECT_EQ(encoding.ids, row[with_specials ? "ids" : "ids_plain"].get<std::vector<std::int32_t>>()) << row["text"];
    if (with_specials) { EXPECT_EQ(encoding.offsets, wanted_offsets(row)) << row["text"]; }
  }
}

TEST(TokenizersGolden, Gpt2FromVocabularyAndMerges) { check_bare_files("gpt2", "vocab.json", true); }
TEST(TokenizersGolden, RobertaFromVocabularyAndMerges) { check_bare_files("roberta", "merges.txt", true); }
TEST(TokenizersGolden, Qwen2FromVocabularyAndMerges) { check_bare_files("qwen2", "vocab.json", false); }
TEST(TokenizersGolden, BertFromVocabTxt) { check_bare_files("bert", "vocab.txt", true); }

}  // namespace
}  // namespace temper::testing
