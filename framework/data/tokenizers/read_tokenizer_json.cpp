// tokenizer.json: the whole pipeline in one file.
#include "data/tokenizers/bpe.h"
#include "data/tokenizers/json_object.h"
#include "data/tokenizers/tokenizer_parts.h"
#include "data/tokenizers/unigram.h"
#include "data/tokenizers/word_level.h"
#include "data/tokenizers/word_piece.h"

#include <algorithm>
#include <unordered_map>

namespace temper::data::tokenizers {

Vocabulary read_vocabulary(const JsonPlace& place) {
  Vocabulary vocabulary;
  simdjson::dom::object object;
  if (place.value.get(object) != simdjson::SUCCESS) place.fail("an object of tokens and ids is wanted here");
  for (const auto& [token, value] : object) {
    std::int64_t id = 0;
    if (value.get(id) != simdjson::SUCCESS) place.fail("the id of \"" + std::string(token) + "\" is not an integer");
    try {
      vocabulary.add(token, id);
    } catch (const Error& error) {
      place.fail(error.what());
    }
  }
  return vocabulary;
}

namespace {

// ["a b", ...] or [["a", "b"], ...]; the views live as long as the file.
std::vector<std::pair<std::string_view, std::string_view>> read_merges(const JsonPlace& place) {
  std::vector<std::pair<std::string_view, std::string_view>> merges;
  simdjson::dom::array array;
  if (place.value.get(array) != simdjson::SUCCESS) place.fail("an array of merges is wanted here");
  merges.reserve(array.size());
  for (const simdjson::dom::element item : array) {
    const auto which = [&] { return "merge " + std::to_string(merges.size() + 1); };
    std::string_view text, left, right;
    simdjson::dom::array both;
    if (item.get(text) == simdjson::SUCCESS) {
      const std::size_t space = text.find(' ');
      if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) place.fail(which() + " is \"" + std::string(text) + "\", two tokens with one space between them are wanted");
      merges.emplace_back(text.substr(0, space), text.substr(space + 1));
    } else if (item.get(both) == simdjson::SUCCESS && both.size() == 2 && both.at(0).get(left) == simdjson::SUCCESS && both.at(1).get(right) == simdjson::SUCCESS) {
      merges.emplace_back(left, right);
    } else {
      place.fail(which() + " is neither \"LEFT RIGHT\" nor [\"LEFT\", \"RIGHT\"]");
    }
  }
  return merges;
}

std::unique_ptr<Bpe> read_bpe(const JsonObject& object) {
  BpeOptions options;
  options.unknown = object.optional_string("unk_token");
  options.prefix = object.string_or("continuing_subword_prefix", "");
  options.suffix = object.string_or("end_of_word_suffix", "");
  options.fuse_unknown = object.boolean_or("fuse_unk", false);
  options.byte_fallback = object.boolean_or("byte_fallback", false);
  options.ignore_merges = object.boolean_or("ignore_merges", false);
  if (object.has("dropout")) {
    double dropout = 0;
    if (object.at("dropout").value.get(dropout) != simdjson::SUCCESS || dropout != 0) object.at("dropout").fail("dropout makes encodings random, which is not supported", "set it to null");
  }
  Vocabulary vocabulary = read_vocabulary(object.at("vocab"));
  const JsonPlace merges = object.at("merges");
  return std::make_unique<Bpe>(std::move(vocabulary), read_merges(merges), std::move(options), merges.where);
}

std::unique_ptr<Model> read_model(const JsonPlace& place, const std::string& type, Bpe*& bpe) {
  const JsonObject object(place);
  object.ignore("type");
  std::unique_ptr<Model> model;
  if (type == "BPE") {
    auto made = read_bpe(object);
    bpe = made.get();
    model = std::move(made);
  } else if (type == "WordPiece") {
    WordPieceOptions options;
    options.unknown = object.string_or("unk_token", options.unknown);
    options.prefix = object.string_or("continuing_subword_prefix", options.prefix);
    options.longest_word = object.integer_or("max_input_chars_per_word", options.longest_word);
    model = std::make_unique<WordPiece>(read_vocabulary(object.at("vocab")), options);
  } else if (type == "WordLevel") {
    std::string unknown = object.string_or("unk_token", "<unk>");
    model = std::make_unique<WordLevel>(read_vocabulary(object.at("vocab")), std::move(unknown));
  } else if (type == "Unigram") {
    model = read_unigram(object);
  } else {
    object.fail("the model \"" + type + "\" is unknown", "known are BPE, Unigram, WordLevel and WordPiece");
  }
  object.finish();
  return model;
}

// The id of an added token: the model's own when it knows the token; else, as the library counts, the next one behind the model's
// tokens and the added ones so far. DeepSeek's files give other ids, which nothing uses. Where the count would meet a token of a
// vocabulary with holes, the file's id holds.
void set_id(AddedToken& token, const JsonPlace& place, const Vocabulary& vocabulary, std::int64_t largest_added) {
  const std::int32_t in_model = vocabulary.id(token.content);
  if (in_model != kNoId) {
    token.id = in_model;
    return;
  }
  const std::int64_t count = static_cast<std::int64_t>(vocabulary.count());
  const std::int64_t next = largest_added >= count ? largest_added + 1 : count;
  if (next < Vocabulary::kMostIds && !vocabulary.has(static_cast<std::int32_t>(next))) token.id = static_cast<std::int32_t>(next);
  else if (vocabulary.has(token.id)) place.fail("the id " + std::to_string(token.id) + " of \"" + token.content + "\" belongs to \"" + std::string(vocabulary.token(token.id)) + "\"");
}

// A token without characters is no token, and of two of one content the later one holds: so does the library.
AddedTokens read_added(const JsonObject& root, const Vocabulary& vocabulary) {
  std::vector<AddedToken> tokens;
  std::unordered_map<std::string, std::size_t> places;
  std::unordered_map<std::int32_t, std::string> owners;
  if (!root.has("added_tokens")) return {};
  std::int64_t largest = -1;
  for (const JsonPlace& place : root.at("added_tokens").items()) {
    AddedToken token = read_added_token(place, std::nullopt);
    if (token.content.empty()) continue;
    const auto [known, is_new] = places.emplace(token.content, tokens.size());
    if (!is_new) {
      token.id = tokens[known->second].id;
      tokens[known->second] = std::move(token);
      continue;
    }
    set_id(token, place, vocabulary, largest);
    largest = std::max<std::int64_t>(largest, token.id);
    const auto [owner, is_free] = owners.emplace(token.id, token.content);
    if (!is_free) place.fail("the id " + std::to_string(token.id) + " belongs to two tokens, \"" + owner->second + "\" and \"" + token.content + "\"");
    tokens.push_back(std::move(token));
  }
  return AddedTokens(std::move(tokens));
}

}  // namespace

TokenizerParts read_tokenizer_json(const TokenizerFiles& files) {
  const JsonFile file(files.main.string());
  const JsonObject root(file.root());
  root.ignore("version");
  TokenizerParts parts;
  Bpe* bpe = nullptr;
  parts.model = read_model(root.at("model"), files.format.substr(files.format.find('/') + 1), bpe);
  if (const auto place = root.find("normalizer")) parts.normalizer = read_normalizer(*place);
  if (const auto place = root.find("pre_tokenizer")) parts.pre_tokenizers = read_pre_tokenizer(*place);
  if (const auto place = root.find("post_processor")) parts.frame = read_frame(*place);
  if (const auto place = root.find("decoder")) parts.decoder = read_decoder(*place);
  if (const auto place = root.find("truncation")) parts.truncation = read_truncation(*place);
  if (const auto place = root.find("padding")) parts.padding = read_padding(*place);
  parts.added = read_added(root, parts.model->vocabulary());
  root.finish();
  // Bytes written as characters at the very end of the pre-tokenizer need not be written: the model can read the bytes.
  std::size_t alphabets = 0;
  for (const auto& step : parts.pre_tokenizers) alphabets += step->is_byte_alphabet();
  if (bpe && alphabets == 1 && parts.pre_tokenizers.back()->is_byte_alphabet() && bpe->use_bytes()) parts.pre_tokenizers.pop_back();
  parts.added.prepare(parts.normalizer.get());
  const TokenizerConfig config = read_tokenizer_config(files.folder);
  parts.special_ids = special_ids_of(parts, config.special, true);
  return parts;
}

}  // namespace temper::data::tokenizers
