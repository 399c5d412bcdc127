// Everything that a tokenizer is made of, and the readers that make it from files.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/tokenizer.h>

#include "data/tokenizers/added_tokens.h"
#include "data/tokenizers/components.h"
#include "data/tokenizers/frame.h"
#include "data/tokenizers/limits.h"

namespace temper::data::tokenizers {

struct TokenizerParts {
  AddedTokens added;
  std::unique_ptr<Normalizer> normalizer;  // may be nullptr
  PreTokenizers pre_tokenizers;
  std::unique_ptr<Model> model;
  Frame frame;
  std::unique_ptr<Decoder> decoder;        // nullptr: tokens are joined by spaces
  std::optional<Truncation> truncation;    // stored limits
  std::optional<Padding> padding;
  SpecialIds special_ids;
};

// The files of a tokenizer.
struct TokenizerFiles {
  std::string format;             // as tokenizer_format names it; empty when there is none
  std::filesystem::path main;     // tokenizer.json, vocab.json, encoder.json, vocab.txt, tokenizer.model
  std::filesystem::path merges;   // merges.txt or vocab.bpe
  std::filesystem::path folder;   // where tokenizer_config.json and special_tokens_map.json may be; empty: they are not asked
};
TokenizerFiles find_tokenizer_files(const std::filesystem::path& folder_or_file);

TokenizerParts read_tokenizer_json(const TokenizerFiles& files);
TokenizerParts read_vocab_and_merges(const TokenizerFiles& files);
TokenizerParts read_vocab_txt(const TokenizerFiles& files);
// A folder's tokenizer_config.json tells whether <s> and </s> stand around a text, and which tokens were added; a file named by itself
// is read as sentencepiece does: with both, where it has them.
TokenizerParts read_tokenizer_model(const TokenizerFiles& files);

// What tokenizer_config.json and special_tokens_map.json tell beside the tokenizer; either may be absent.
struct SpecialTokens {
  std::optional<std::string> bos, eos, unk, sep, pad, cls, mask;
};
struct TokenizerConfig {
  SpecialTokens special;
  std::string tokenizer_class;
  std::vector<AddedToken> added;  // added_tokens_decoder
  std::optional<bool> do_lower_case, strip_accents, tokenize_chinese_chars, add_prefix_space, add_bos_token, add_eos_token;
};
TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

// Looks the names up in the vocabulary and among the added tokens. What nobody names is guessed from the usual spellings of
// special tokens, if `guess`.
SpecialIds special_ids_of(const TokenizerParts& parts, const SpecialTokens& named, bool guess);
// {"TOKEN": ID, ...}; throws Error naming the place for ids that are no integers, out of range, or come twice.
Vocabulary read_vocabulary(const JsonPlace& place);
AddedToken read_added_token(const JsonPlace& place, std::optional<std::int64_t> id);

}  // namespace temper::data::tokenizers
