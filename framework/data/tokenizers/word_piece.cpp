// The WordPiece model.
#include "data/tokenizers/word_piece.h"

#include <temper/error.h>

#include <algorithm>

namespace temper::data::tokenizers {

WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options) : vocabulary_(std::move(vocabulary)), options_(std::move(options)), unknown_(vocabulary_.id(options_.unknown)) {
  for (std::int32_t id = 0; id < vocabulary_.size(); ++id) {
    const std::string_view token = vocabulary_.token(id);
    if (vocabulary_.has(id) && vocabulary_.id(token) == id && !token.empty() && static_cast<std::int64_t>(count_characters(token)) <= options_.longest_word) whole_words_.set(token, id);
    if (vocabulary_.has(id) && token.starts_with(options_.prefix) && vocabulary_.id(token) == id) continuing_.set(token.substr(options_.prefix.size()), id);
  }
}

bool WordPiece::pieces_of(std::string_view word, std::uint32_t base, std::vector<std::uint64_t>& hashes, std::vector<Token>& out) const {
  std::size_t begin = 0;
  while (begin < word.size()) {
    const std::size_t longest = std::min(word.size() - begin, begin == 0 ? vocabulary_.longest() : continuing_.longest());
    hashes.clear();  // of every start of what is left
    Hash hash;
    for (std::size_t i = 0; i < longest; ++i) {
      hash.add(word[begin + i]);
      hashes.push_back(hash.value());
    }
    std::int32_t id = kNoId;
    std::size_t size = longest;
    for (; size > 0; --size) {
      if (begin + size < word.size() && is_continuation(word[begin + size])) continue;
      const std::string_view part = word.substr(begin, size);
      id = begin == 0 ? vocabulary_.id(part, hashes[size - 1]) : continuing_.find(part, hashes[size - 1]);
      if (id != kNoId) break;
    }
    if (id == kNoId) return false;
    out.push_back({id, base + static_cast<std::uint32_t>(begin), base + static_cast<std::uint32_t>(begin + size), false});
    begin += size;
  }
  return true;
}

void WordPiece::tokenize_word(std::string_view word, const ByteRange& range, std::vector<std::uint64_t>& hashes, std::vector<Token>& out) const {
  const std::size_t before = out.size();
  const bool too_long = static_cast<std::int64_t>(word.size()) > options_.longest_word && static_cast<std::int64_t>(count_characters(word)) > options_.longest_word;
  if (!too_long && pieces_of(word, range.begin, hashes, out)) return;
  out.resize(before);
  if (unknown_ == kNoId) throw Error("the word \"" + std::string(word.substr(0, 80)) + "\" has no tokens, and the unknown token \"" + options_.unknown + "\" is not in the vocabulary");
  out.push_back({unknown_, range.begin, range.end, false});
}

void WordPiece::tokenize(const Words& words, std::vector<Token>& out) const {
  std::vector<std::uint64_t> hashes;
  for (const ByteRange& range : words.pieces) {
    const std::string_view word = words.piece(range);
    const std::int32_t whole = whole_words_.find(word);
    if (whole != kNoId) out.push_back({whole, range.begin, range.end, false});
    else tokenize_word(word, range, hashes, out);
  }
}

}  // namespace temper::data::tokenizers
