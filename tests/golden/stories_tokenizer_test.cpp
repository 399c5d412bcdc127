// The tokenizer of stories260K: its tokenizer.json, and the pieces of tok512.bin as a sentencepiece file, give the stored ids.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include <temper/tokenizer_pipeline.h>

#include "data/safetensors.h"
#include "support/shared.h"
#include "support/small_sentencepiece.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<std::int32_t>;

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// llama2.c's file: the longest piece's size, then for each piece score, size and bytes; spaces stand for sentencepiece's marks.
SmallSentencePiece pieces_of(const std::string& file) {
  SmallSentencePiece model;
  model.model_type = 2;
  model.byte_fallback = true;
  model.remove_extra_whitespaces = false;
  model.pieces.clear();
  for (std::size_t at = 4; at + 8 <= file.size();) {
    SmallPiece piece;
    std::int32_t size = 0;
    std::memcpy(&piece.score, file.data() + at, 4);
    std::memcpy(&size, file.data() + at + 4, 4);
    const std::string text = file.substr(at + 8, static_cast<std::size_t>(size));
    at += 8 + static_cast<std::size_t>(size);
    const std::size_t id = model.pieces.size();
    if (id < 3) {
      piece.text = id == 0 ? "<unk>" : id == 1 ? "<s>" : "</s>";
      piece.type = id == 0 ? kUnknownPiece : kControlPiece;
    } else {
      for (const char c : text) piece.text += c == ' ' ? std::string("\u2581") : std::string(1, c);
      if (id < 259) piece.type = kBytePiece;
    }
    model.pieces.push_back(piece);
  }
  return model;
}

Ids stored_ids(const data::TensorFiles& golden, const std::string& name) {
  const data::Tensor* tensor = golden.find(name);
  if (!tensor) throw std::runtime_error("there are no ids " + name);
  std::vector<std::int64_t> wide(tensor->bytes.size() / 8);
  std::memcpy(wide.data(), tensor->bytes.data(), wide.size() * 8);
  return Ids(wide.begin(), wide.end());
}

TEST(StoriesTokenizer, FilesOfBothLibrariesGiveTheStoredIds) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const TemporaryFolder folder;
  const SmallSentencePiece model = pieces_of(read_file(*shared / "models/stories260K/tok512.bin"));
  ASSERT_EQ(model.pieces.size(), 512u);
  const TokenizerPipeline pieces(folder.write("tokenizer.model", model.bytes()), {"tokenizer.model"});
  const TokenizerPipeline json(*shared / "models/stories260K-hf", {"tokenizer.json/BPE"});
  const Json golden = Json::parse(read_file(*shared / "models/stories260K-hf/golden.json"));
  const data::TensorFiles tensors(*shared / "models/stories260K-hf/golden.safetensors");
  for (std::size_t i = 0; i < golden["texts"].size(); ++i) {
    const std::string text = golden["texts"][i];
    const Ids wanted = stored_ids(tensors, std::string(i < 10 ? "text.0" : "text.") + std::to_string(i) + ".ids");
    EXPECT_EQ(json.encode(text).ids, wanted) << text;
    Ids own = pieces.encode(text, {.add_special_tokens = false}).ids;
    own.insert(own.begin(), 1);
    EXPECT_EQ(own, wanted) << text;
  }
  const Json greedy = Json::parse(read_file(*shared / "models/stories260K/greedy_200.json"));
  EXPECT_EQ(pieces.decode(stored_ids(tensors, "greedy.ids"), true), greedy["text"]);
  EXPECT_EQ(json.decode(stored_ids(tensors, "greedy.ids"), true), greedy["text"]);
  std::istringstream lines(read_file(*shared / "data/tinyshakespeare/input.txt"));
  std::size_t count = 0;
  for (std::string line; count < 2000 && std::getline(lines, line); ++count) {
    const Ids ids = pieces.encode(line, {.add_special_tokens = false}).ids;
    EXPECT_EQ(json.encode(line, {.add_special_tokens = false}).ids, ids) << line;
    EXPECT_EQ(pieces.decode(ids, true), line);
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace temper::testing
