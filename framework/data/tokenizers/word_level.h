// WordLevel: a word is a token, or unknown.
#pragma once

#include <string>

#include "data/tokenizers/components.h"

namespace temper::data::tokenizers {

class WordLevel final : public Model {
 public:
  WordLevel(Vocabulary vocabulary, std::string unknown);
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  void tokenize(const Words& words, std::vector<Token>& out) const override;
  std::string unknown_token() const override { return unknown_; }

 private:
  Vocabulary vocabulary_;
  std::string unknown_;
};

}  // namespace temper::data::tokenizers
