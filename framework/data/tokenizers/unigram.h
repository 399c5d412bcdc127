// Unigram language model (Kudo 2018): of all ways to cut a text into pieces, the one with the largest sum of log-probabilities.
#pragma once

#include <memory>
#include <vector>

#include "data/tokenizers/components.h"
#include "data/tokenizers/json_object.h"

namespace temper::data::tokenizers {

class Unigram final : public Model {
 public:
  // `scores`: one per id of the vocabulary. `unknown` may be kNoId.
  Unigram(Vocabulary vocabulary, std::vector<double> scores, std::int32_t unknown, bool byte_fallback);
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  void tokenize(const Words& words, std::vector<Token>& out) const override;
  std::string unknown_token() const override { return std::string(vocabulary_.token(unknown_)); }
  bool unknown_shows_text() const override { return true; }

 private:
  void best_pieces(std::string_view word, std::vector<ByteRange>& pieces) const;
  Vocabulary vocabulary_;
  std::vector<double> scores_;
  std::int32_t unknown_;
  bool byte_fallback_;
  double unknown_score_ = 0;
  std::vector<std::int32_t> fallback_ids_;
};

std::unique_ptr<Unigram> read_unigram(const JsonObject& object);

}  // namespace temper::data::tokenizers
