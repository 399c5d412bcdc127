// Small tokenizer files of our own making, as text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace temper::testing {

using Json = nlohmann::ordered_json;

// GPT-2's character for a byte.
inline std::string byte_character(int byte) {
  static const std::vector<std::string> characters = [] {
    std::vector<std::string> all(256);
    int next = 0x100;
    for (int b = 0; b < 256; ++b) {
      const bool visible = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      const int c = visible ? b : next++;
      if (c < 0x80) all[static_cast<std::size_t>(b)] = std::string(1, static_cast<char>(c));
      else all[static_cast<std::size_t>(b)] = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    }
    return all;
  }();
  return characters[static_cast<std::size_t>(byte)];
}

// "th", "he" ... written in that alphabet: a space is Ġ.
inline std::string in_bytes(const std::string& text) {
  std::string written;
  for (const char c : text) written += byte_character(static_cast<unsigned char>(c));
  return written;
}

using Merges = std::vector<std::pair<std::string, std::string>>;  // plain text, lowest rank first

// Ids 0 to 255 are the bytes in their order, then what each merge makes, then <|endoftext|>.
inline Json byte_vocabulary(const Merges& merges, bool with_end_of_text = true) {
  Json vocabulary = Json::object();
  for (int b = 0; b < 256; ++b) vocabulary[byte_character(b)] = b;
  for (const auto& [left, right] : merges) {
    const std::string token = in_bytes(left + right);
    if (!vocabulary.contains(token)) vocabulary[token] = static_cast<int>(vocabulary.size());
  }
  if (with_end_of_text) vocabulary["<|endoftext|>"] = static_cast<int>(vocabulary.size());
  return vocabulary;
}

inline std::string merges_text(const Merges& merges) {
  std::string text = "#version: 0.2\n";
  for (const auto& [left, right] : merges) text += in_bytes(left) + ' ' + in_bytes(right) + '\n';
  return text;
}

inline Json added_token(int id, const std::string& content, bool special = true) {
  return {{"id", id}, {"content", content}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", !special}, {"special", special}};
}

inline Json byte_level(bool add_prefix_space = false) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", false}, {"use_regex", true}};
}

// GPT-2's pipeline as tokenizer.json.
inline Json byte_bpe_json(const Merges& merges) {
  Json list = Json::array();
  for (const auto& [left, right] : merges) list.push_back(in_bytes(left) + ' ' + in_bytes(right));
  const Json vocabulary = byte_vocabulary(merges);
  return {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr},
          {"added_tokens", Json::array({added_token(static_cast<int>(vocabulary.size()) - 1, "<|endoftext|>")})},
          {"normalizer", nullptr}, {"pre_tokenizer", byte_level()}, {"post_processor", byte_level()}, {"decoder", byte_level()},
          {"model", {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr}, {"end_of_word_suffix", nullptr},
                     {"fuse_unk", false}, {"byte_fallback", false}, {"vocab", vocabulary}, {"merges", list}}}};
}

inline const std::vector<std::string>& word_pieces() {
  static const std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "cafe", "cat", "##s", ".", ",", "!", "'", "t", "don", "\u65e5", "\u672c", "\u00e9", "The", "x"};
  return pieces;
}

inline std::string vocab_txt(const std::vector<std::string>& pieces = word_pieces()) {
  std::string text;
  for (const std::string& piece : pieces) text += piece + '\n';
  return text;
}

// BERT's pipeline as tokenizer.json.
inline Json word_piece_json() {
  Json vocabulary = Json::object(), added = Json::array();
  for (const std::string& piece : word_pieces()) vocabulary[piece] = static_cast<int>(vocabulary.size());
  for (int id = 0; id < 5; ++id) added.push_back(added_token(id, word_pieces()[static_cast<std::size_t>(id)]));
  return {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added},
          {"normalizer", {{"type", "BertNormalizer"}, {"clean_text", true}, {"handle_chinese_chars", true}, {"strip_accents", nullptr}, {"lowercase", true}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", {{"type", "BertProcessing"}, {"sep", Json::array({"[SEP]", 3})}, {"cls", Json::array({"[CLS]", 2})}}},
          {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
          {"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"continuing_subword_prefix", "##"}, {"max_input_chars_per_word", 100}, {"vocab", vocabulary}}}};
}

}  // namespace temper::testing
