// Byte pair encoding (Sennrich, Haddow, Birch 2016): of all pairs in a word, the one with the lowest rank merges first.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/tokenizers/components.h"
#include "data/tokenizers/word_table.h"

namespace temper::data::tokenizers {

struct BpeOptions {
  std::optional<std::string> unknown;       // the token for characters that are not in the vocabulary; without it they are dropped
  std::string prefix;                       // written before every character of a word but the first
  std::string suffix;                       // written behind the last
  bool fuse_unknown = false;                // neighbouring unknown characters are one token
  bool byte_fallback = false;               // an unknown character becomes <0x..> tokens if all of its bytes have one
  bool ignore_merges = false;               // a word that is a token needs no merges
};

class Bpe final : public Model {
 public:
  // Merges as pairs of tokens, lowest rank first. Throws Error with the number of the merge, counted from 1, that names a token
  // outside of the vocabulary; `where` names the list, `lines` the line of every merge when it has lines.
  Bpe(Vocabulary vocabulary, const std::vector<std::pair<std::string_view, std::string_view>>& merges, BpeOptions options,
      const std::string& where, const std::vector<std::int64_t>* lines = nullptr);

  const Vocabulary& vocabulary() const override { return vocabulary_; }
  void tokenize(const Words& words, std::vector<Token>& out) const override;
  std::string unknown_token() const override { return options_.unknown.value_or(""); }

  // Reads words as bytes instead of characters of the byte alphabet, which is the same when the vocabulary has all 256 of them.
  // False, and nothing changes, when it has not, or when an option speaks of characters.
  bool use_bytes();

 private:
  struct Symbol {
    std::int32_t id;
    std::uint32_t size;  // bytes of the word
    PairMap::Merge next;  // with the symbol behind it
  };
  using Symbols = std::vector<Symbol>;
  void symbols_of(std::string_view word, Symbols& symbols) const;
  void merge(Symbols& symbols) const;
  void merge_long(Symbols& symbols) const;

  Vocabulary vocabulary_;
  PairMap merges_;
  BpeOptions options_;
  std::int32_t unknown_ = kNoId;
  bool bytes_ = false;
  std::array<std::int32_t, 256> byte_ids_{};      // of the byte alphabet's characters
  std::array<std::int32_t, 256> fallback_ids_{};  // of <0x00> to <0xFF>
  WordTable whole_words_;  // words (as the model reads them) that are one token, without looking at merges
  // What a call needs: symbols of the present word, and the tokens of words that it met before.
  struct Scratch {
    Symbols symbols;
    WordCache cache;
  };
  void tokenize_word(std::string_view word, std::uint32_t begin, Symbols& symbols, std::vector<Token>& out) const;
  mutable Pool<Scratch> scratch_;
};

}  // namespace temper::data::tokenizers
