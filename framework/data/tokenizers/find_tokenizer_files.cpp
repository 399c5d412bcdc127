// Which files a tokenizer is read from.
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/tokenizer_parts.h"

namespace temper::data::tokenizers {

namespace {

namespace fs = std::filesystem;

// "BPE", "WordPiece", "Unigram", "WordLevel"; old files do not say it.
std::string model_type(const fs::path& tokenizer_json) {
  const JsonFile file(tokenizer_json.string());
  const JsonObject root(file.root());
  const JsonObject model(root.at("model"));
  if (model.has("type")) return model.string("type");
  if (model.has("merges")) return "BPE";
  if (model.has("unk_id")) return "Unigram";
  if (model.has("continuing_subword_prefix") || model.has("max_input_chars_per_word")) return "WordPiece";
  return "WordLevel";
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

TokenizerFiles pair(const char* format, const fs::path& folder, const char* main, const char* merges) {
  return is_file(folder / main) && is_file(folder / merges) ? TokenizerFiles{format, folder / main, folder / merges, folder} : TokenizerFiles{};
}

}  // namespace

TokenizerFiles find_tokenizer_files(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(path.string() + ": there is no such file or folder");
  const auto json = [](const fs::path& file) { return TokenizerFiles{"tokenizer.json/" + model_type(file), file, {}, folder_of(file)}; };
  if (fs::is_directory(path, ignored)) {
    if (is_file(path / "tokenizer.json")) return json(path / "tokenizer.json");
    if (is_file(path / "tokenizer.model")) return {"tokenizer.model", path / "tokenizer.model", {}, path};
    TokenizerFiles found = pair("vocab.json+merges.txt", path, "vocab.json", "merges.txt");
    if (found.format.empty()) found = pair("encoder.json+vocab.bpe", path, "encoder.json", "vocab.bpe");
    if (found.format.empty() && is_file(path / "vocab.txt")) found = {"vocab.txt", path / "vocab.txt", {}, path};
    return found;
  }
  const fs::path folder = folder_of(path);
  const std::string name = path.filename().string(), extension = path.extension().string();
  if (name == "vocab.json" || name == "merges.txt") return pair("vocab.json+merges.txt", folder, "vocab.json", "merges.txt");
  if (name == "encoder.json" || name == "vocab.bpe") return pair("encoder.json+vocab.bpe", folder, "encoder.json", "vocab.bpe");
  if (extension == ".json") return json(path);
  if (extension == ".model") return {"tokenizer.model", path, {}, {}};
  if (extension == ".txt") return {"vocab.txt", path, {}, folder};
  return {};
}

}  // namespace temper::data::tokenizers

namespace temper {

std::string tokenizer_format(const std::filesystem::path& folder_or_file) {
  return data::tokenizers::find_tokenizer_files(folder_or_file).format;
}

}  // namespace temper
