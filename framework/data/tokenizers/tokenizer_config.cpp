// tokenizer_config.json and special_tokens_map.json: names of special tokens, and options of vocabularies without tokenizer.json.
#include "data/tokenizers/tokenizer_parts.h"

#include <charconv>

namespace temper::data::tokenizers {

namespace {

using Name = std::optional<std::string> SpecialTokens::*;
constexpr std::pair<const char*, Name> kNames[] = {{"bos_token", &SpecialTokens::bos}, {"eos_token", &SpecialTokens::eos}, {"unk_token", &SpecialTokens::unk},
                                                   {"sep_token", &SpecialTokens::sep}, {"pad_token", &SpecialTokens::pad}, {"cls_token", &SpecialTokens::cls},
                                                   {"mask_token", &SpecialTokens::mask}};

// A name, or an object with its content.
void read_names(const JsonObject& object, SpecialTokens& special) {
  for (const auto& [key, name] : kNames) {
    if (special.*name || !object.has(key)) continue;
    const JsonPlace place = object.at(key);
    special.*name = place.value.is_string() ? place.string() : JsonObject(place).string("content");
  }
}

std::optional<JsonPlace> root_of(std::unique_ptr<JsonFile>& file, const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  file = std::make_unique<JsonFile>(path.string());
  return file->root();
}

}  // namespace

AddedToken read_added_token(const JsonPlace& place, std::optional<std::int64_t> id) {
  const JsonObject object(place);
  AddedToken token;
  token.content = object.string("content");
  token.special = object.boolean_or("special", false);
  token.normalized = object.boolean_or("normalized", !token.special);
  token.single_word = object.boolean_or("single_word", false);
  token.lstrip = object.boolean_or("lstrip", false);
  token.rstrip = object.boolean_or("rstrip", false);
  if (!id) id = object.integer("id");
  object.finish();
  if (*id < 0 || *id >= Vocabulary::kMostIds) object.fail("the id " + std::to_string(*id) + " is out of range");
  token.id = static_cast<std::int32_t>(*id);
  return token;
}

TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder) {
  TokenizerConfig config;
  if (folder.empty()) return config;
  std::unique_ptr<JsonFile> file;
  if (const auto root = root_of(file, folder / "tokenizer_config.json")) {
    const JsonObject object(*root);
    read_names(object, config.special);
    config.tokenizer_class = object.string_or("tokenizer_class", "");
    config.do_lower_case = object.optional_boolean("do_lower_case");
    config.strip_accents = object.optional_boolean("strip_accents");
    config.tokenize_chinese_chars = object.optional_boolean("tokenize_chinese_chars");
    config.add_prefix_space = object.optional_boolean("add_prefix_space");
    config.add_bos_token = object.optional_boolean("add_bos_token");
    config.add_eos_token = object.optional_boolean("add_eos_token");
    if (object.has("added_tokens_decoder")) {
      for (const auto& [key, place] : JsonObject(object.at("added_tokens_decoder")).members()) {
        std::int64_t id = -1;
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
        if (error != std::errc() || end != key.data() + key.size()) place.fail("an id is wanted as the key");
        AddedToken token = read_added_token(place, id);
        if (!token.content.empty()) config.added.push_back(std::move(token));
      }
    }
  }
  if (const auto root = root_of(file, folder / "special_tokens_map.json")) read_names(JsonObject(*root), config.special);
  return config;
}

SpecialIds special_ids_of(const TokenizerParts& parts, const SpecialTokens& named, bool guess) {
  const auto id_of = [&](const std::string& token) -> std::optional<std::int32_t> {
    if (const AddedToken* added = parts.added.by_content(token)) return added->id;
    const std::int32_t id = parts.model->vocabulary().id(token);
    if (id == kNoId) return std::nullopt;
    return id;
  };
  const auto find = [&](const std::optional<std::string>& name, std::initializer_list<const char*> usual) -> std::optional<std::int32_t> {
    if (name) return id_of(*name);
    if (!guess) return std::nullopt;
    for (const char* token : usual) {
      const AddedToken* added = parts.added.by_content(token);
      if (added && added->special) return added->id;
    }
    return std::nullopt;
  };
  SpecialIds ids;
  ids.bos = find(named.bos, {"<s>", "<|endoftext|>", "<|begin_of_text|>", "<bos>"});
  ids.eos = find(named.eos, {"</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>"});
  ids.unk = find(named.unk, {"[UNK]", "<unk>"});
  ids.sep = find(named.sep, {"[SEP]"});
  ids.pad = find(named.pad, {"[PAD]", "<pad>"});
  ids.cls = find(named.cls, {"[CLS]"});
  ids.mask = find(named.mask, {"[MASK]", "<mask>"});
  if (!ids.unk && !named.unk && !parts.model->unknown_token().empty()) ids.unk = id_of(parts.model->unknown_token());
  return ids;
}

}  // namespace temper::data::tokenizers
