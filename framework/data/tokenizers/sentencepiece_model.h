// The four models of sentencepiece (Kudo and Richardson 2018) on normalised text, and how their pieces become text again.
#pragma once

#include <memory>
#include <vector>

#include "data/tokenizers/byte_trie.h"
#include "data/tokenizers/components.h"
#include "data/tokenizers/sentencepiece_file.h"

namespace temper::data::tokenizers {

class SentencePieceModel final : public Model {
 public:
  // `user_defined`: their texts, which no other piece may cut.
  SentencePieceModel(const SentencePieceFile& file, std::shared_ptr<const ByteTrie> user_defined);
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  void tokenize(const Words& words, std::vector<Token>& out) const override;
  std::string unknown_token() const override { return std::string(vocabulary_.token(unknown_)); }

  SentencePieceFile::Kind kind(std::int32_t id) const { return kinds_[static_cast<std::size_t>(id)]; }
  std::int32_t unknown() const { return unknown_; }  // kNoId with byte fallback, when there is none

 private:
  struct Piece {
    std::uint32_t begin, end;
    std::int32_t id;
  };
  using Pieces = std::vector<Piece>;
  void by_unigram(std::string_view text, Pieces& pieces) const;
  void by_bpe(std::string_view text, Pieces& pieces) const;
  void by_word(std::string_view text, Pieces& pieces) const;
  void by_character(std::string_view text, Pieces& pieces) const;
  // Bytes of the user-defined symbol, or else of the character, at the start of `rest`.
  std::size_t unit(std::string_view rest, bool& is_user_defined) const;
  // The unknown piece where there is none; text never becomes a control symbol or a byte piece.
  std::int32_t id_of(std::string_view piece) const;

  Vocabulary vocabulary_;
  std::vector<SentencePieceFile::Kind> kinds_;
  std::vector<float> scores_;
  SentencePieceFile::Algorithm algorithm_;
  bool byte_fallback_;
  std::int32_t unknown_ = kNoId;
  std::vector<std::int32_t> byte_ids_;
  std::shared_ptr<const ByteTrie> user_defined_;
  StringMap pieces_;  // that text is cut into
  ByteTrie trie_;     // the same, for by_unigram
  float least_score_ = 0;
};

// Pieces to text: marks become spaces, but for the one in front, control symbols nothing, bytes characters. `model` must outlive it.
std::unique_ptr<Decoder> sentencepiece_decoder(const SentencePieceModel& model, const SentencePieceFile& file);

}  // namespace temper::data::tokenizers
