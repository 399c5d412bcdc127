// WordPiece (Schuster and Nakajima 2012, as BERT reads it): the longest token first, from left to right.
#pragma once

#include <string>

#include "data/tokenizers/components.h"
#include "data/tokenizers/word_table.h"

namespace temper::data::tokenizers {

struct WordPieceOptions {
  std::string unknown = "[UNK]";
  std::string prefix = "##";          // of tokens that continue a word
  std::int64_t longest_word = 100;    // characters; longer words are unknown
};

class WordPiece final : public Model {
 public:
  WordPiece(Vocabulary vocabulary, WordPieceOptions options);
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  void tokenize(const Words& words, std::vector<Token>& out) const override;
  std::string unknown_token() const override { return options_.unknown; }

 private:
  // Appends the word's tokens; false when a part of it has none. `hashes` is scratch space.
  bool pieces_of(std::string_view word, std::uint32_t base, std::vector<std::uint64_t>& hashes, std::vector<Token>& out) const;
  void tokenize_word(std::string_view word, const ByteRange& range, std::vector<std::uint64_t>& hashes, std::vector<Token>& out) const;
  Vocabulary vocabulary_;
  WordPieceOptions options_;
  StringMap continuing_;   // tokens with the prefix, without it
  WordTable whole_words_;  // words that are one token
  std::int32_t unknown_;
};

}  // namespace temper::data::tokenizers
