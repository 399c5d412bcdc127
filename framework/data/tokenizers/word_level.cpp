// The WordLevel model.
#include "data/tokenizers/word_level.h"

#include <temper/error.h>

namespace temper::data::tokenizers {

WordLevel::WordLevel(Vocabulary vocabulary, std::string unknown) : vocabulary_(std::move(vocabulary)), unknown_(std::move(unknown)) {}

void WordLevel::tokenize(const Words& words, std::vector<Token>& out) const {
  for (const ByteRange& range : words.pieces) {
    std::int32_t id = vocabulary_.id(words.piece(range));
    if (id == kNoId) id = vocabulary_.id(unknown_);
    if (id == kNoId) throw Error("the word \"" + std::string(words.piece(range).substr(0, 80)) + "\" is no token, and the unknown token \"" + unknown_ + "\" is not in the vocabulary");
    out.push_back({id, range.begin, range.end, false});
  }
}

}  // namespace temper::data::tokenizers
