// SentencePieceModel: cutting text into pieces.
#include "data/tokenizers/sentencepiece_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <queue>
#include <unordered_map>

namespace temper::data::tokenizers {

namespace {

using Kind = SentencePieceFile::Kind;
using Algorithm = SentencePieceFile::Algorithm;

constexpr float kUnknownPenalty = 10;     // below the least score of all pieces
constexpr float kLargestSum = 100000;     // sums beyond it are made small again, so that they keep their digits
constexpr std::string_view kMark = "\u2581";

bool is_normal(Kind kind) { return kind == Kind::kNormal || kind == Kind::kUserDefined || kind == Kind::kUnused; }

std::size_t character_size(std::string_view rest) {
  std::size_t size = 1;
  while (size < rest.size() && is_continuation(rest[size])) ++size;
  return size;
}

}  // namespace

SentencePieceModel::SentencePieceModel(const SentencePieceFile& file, std::shared_ptr<const ByteTrie> user_defined)
    : algorithm_(file.algorithm), byte_fallback_(file.byte_fallback), user_defined_(std::move(user_defined)) {
  least_score_ = std::numeric_limits<float>::max();
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    const SentencePieceFile::Piece& piece = file.pieces[i];
    const std::int32_t id = static_cast<std::int32_t>(i);
    kinds_.push_back(piece.kind);
    scores_.push_back(piece.score);
    if (piece.kind == Kind::kNormal) least_score_ = std::min(least_score_, piece.score);
    if (piece.kind == Kind::kUnknown) unknown_ = id;
    if (!is_normal(piece.kind)) continue;
    vocabulary_.add_again(piece.text, id);
    pieces_.set(piece.text, id);
    keys.emplace_back(piece.text, id);
  }
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    if (!is_normal(kinds_[i])) vocabulary_.add_again(file.pieces[i].text, static_cast<std::int64_t>(i));
  }
  if (algorithm_ == Algorithm::kUnigram) trie_ = ByteTrie(std::move(keys));
  for (int b = 0; byte_fallback_ && b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(b));
    byte_ids_.push_back(vocabulary_.id(name));
  }
}

std::int32_t SentencePieceModel::id_of(std::string_view piece) const {
  const std::int32_t id = pieces_.find(piece);
  return id == kNoId ? unknown_ : id;
}

std::size_t SentencePieceModel::unit(std::string_view rest, bool& is_user_defined) const {
  const std::size_t symbol = user_defined_ ? user_defined_->longest(rest) : 0;
  is_user_defined = symbol > 0;
  return is_user_defined ? symbol : character_size(rest);
}

// Viterbi search (Kudo 2018); sums are kept in single precision, and only a better one replaces, as sentencepiece does.
void SentencePieceModel::by_unigram(std::string_view text, Pieces& pieces) const {
  struct Node {
    float score = 0;
    std::uint32_t from = 0;
    std::int32_t id = kNoId;  // of the piece that ends here
    bool reached = false;
  };
  std::vector<Node> nodes(text.size() + 1);
  std::size_t frontier = 0;  // the last node that is reached
  const auto offer = [&](std::size_t begin, std::size_t end, float score, std::int32_t id) {
    Node& node = nodes[end];
    const float sum = score + nodes[begin].score;
    frontier = std::max(frontier, end);
    if (node.reached && !(sum > node.score)) return;
    node = {sum, static_cast<std::uint32_t>(begin), id, true};
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const std::string_view rest = text.substr(begin);
    const std::size_t first = character_size(rest);
    if (const float sum = nodes[begin].score; std::abs(sum) > kLargestSum) {
      for (std::size_t i = begin; i <= frontier; ++i) {
        if (i == begin || nodes[i].reached) nodes[i].score -= sum;
      }
    }
    bool has_single = false;
    trie_.each_prefix(rest, [&](std::size_t size, std::int32_t id) {
      if (kind(id) == Kind::kUnused) return;
      // A user-defined symbol is always chosen, the longest first.
      const float score = kind(id) == Kind::kUserDefined ? static_cast<float>(0.1 * static_cast<double>(size - 1)) : scores_[static_cast<std::size_t>(id)];
      offer(begin, begin + size, score, id);
      has_single = has_single || size == first;
    });
    if (!has_single) offer(begin, begin + first, least_score_ - kUnknownPenalty, unknown_);
    begin += first;
  }
  for (std::size_t end = text.size(); end > 0; end = nodes[end].from) pieces.push_back({nodes[end].from, static_cast<std::uint32_t>(end), nodes[end].id});
  std::reverse(pieces.begin(), pieces.end());
}

// Neighbours merge when their text together is a piece, the highest score first, then from the left.
void SentencePieceModel::by_bpe(std::string_view text, Pieces& pieces) const {
  struct Symbol {
    std::uint32_t begin, size;  // size 0: merged into another
    std::int32_t before, after;
    bool frozen;
  };
  struct Candidate {
    float score;
    std::int32_t left, right;
    std::uint32_t size;
    bool operator<(const Candidate& other) const { return score != other.score ? score < other.score : left > other.left; }
  };
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    bool frozen;
    const std::size_t size = unit(text.substr(at), frozen);
    const std::int32_t index = static_cast<std::int32_t>(symbols.size());
    symbols.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size), index - 1, at + size < text.size() ? index + 1 : -1, frozen});
    at += size;
  }
  std::unordered_map<std::int32_t, std::uint32_t> unused;  // pieces that may not stay, and the size of their left part
  std::priority_queue<Candidate> queue;
  const auto offer = [&](std::int32_t left, std::int32_t right) {
    if (left < 0 || right < 0) return;
    const Symbol &a = symbols[static_cast<std::size_t>(left)], &b = symbols[static_cast<std::size_t>(right)];
    if (a.frozen || b.frozen) return;
    const std::int32_t id = pieces_.find(text.substr(a.begin, a.size + b.size));
    if (id == kNoId) return;
    queue.push({scores_[static_cast<std::size_t>(id)], left, right, a.size + b.size});
    if (kind(id) == Kind::kUnused) unused[id] = a.size;
  };
  for (std::int32_t i = 1; i < static_cast<std::int32_t>(symbols.size()); ++i) offer(i - 1, i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol &left = symbols[static_cast<std::size_t>(best.left)], &right = symbols[static_cast<std::size_t>(best.right)];
    if (left.size == 0 || right.size == 0 || left.size + right.size != best.size) continue;  // one of them has changed since
    left.size = best.size;
    left.after = right.after;
    if (right.after >= 0) symbols[static_cast<std::size_t>(right.after)].before = best.left;
    right.size = 0;
    offer(left.before, best.left);
    offer(best.left, left.after);
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open;  // begin and size of what is still to be cut, the next one last
  for (std::int32_t i = 0; i >= 0 && !symbols.empty(); i = symbols[static_cast<std::size_t>(i)].after) {
    open.emplace_back(symbols[static_cast<std::size_t>(i)].begin, symbols[static_cast<std::size_t>(i)].size);
    while (!open.empty()) {
      const auto [begin, size] = open.back();
      open.pop_back();
      const std::int32_t id = id_of(text.substr(begin, size));
      const auto parts = id != kNoId && kind(id) == Kind::kUnused ? unused.find(id) : unused.end();
      if (parts == unused.end()) {
        pieces.push_back({begin, begin + size, id});
      } else {
        open.emplace_back(begin + parts->second, size - parts->second);
        open.emplace_back(begin, parts->second);
      }
    }
  }
}

void SentencePieceModel::by_word(std::string_view text, Pieces& pieces) const {
  for (std::uint32_t at = 0; at < text.size();) {
    std::size_t end = text.find(kMark, at + 1);
    if (end == std::string_view::npos) end = text.size();
    pieces.push_back({at, static_cast<std::uint32_t>(end), id_of(text.substr(at, end - at))});
    at = static_cast<std::uint32_t>(end);
  }
}

void SentencePieceModel::by_character(std::string_view text, Pieces& pieces) const {
  for (std::uint32_t at = 0; at < text.size();) {
    bool ignored;
    const std::uint32_t size = static_cast<std::uint32_t>(unit(text.substr(at), ignored));
    pieces.push_back({at, at + size, id_of(text.substr(at, size))});
    at += size;
  }
}

void SentencePieceModel::tokenize(const Words& words, std::vector<Token>& out) const {
  Pieces pieces;
  for (const ByteRange& range : words.pieces) {
    const std::string_view text = words.piece(range);
    pieces.clear();
    switch (algorithm_) {
      case Algorithm::kUnigram: by_unigram(text, pieces); break;
      case Algorithm::kBpe: by_bpe(text, pieces); break;
      case Algorithm::kWord: by_word(text, pieces); break;
      case Algorithm::kCharacter: by_character(text, pieces); break;
    }
    bool previous_unknown = false;
    for (const Piece& piece : pieces) {
      const std::uint32_t begin = range.begin + piece.begin, end = range.begin + piece.end;
      const bool is_unknown = piece.id == unknown_;
      if (is_unknown && byte_fallback_) {  // the last byte stands for the character, the others for nothing
        for (std::uint32_t i = piece.begin; i < piece.end; ++i) out.push_back({byte_ids_[static_cast<unsigned char>(text[i])], begin, i + 1 == piece.end ? end : begin, false});
      } else if (is_unknown && previous_unknown) {  // neighbours are one
        out.back().end = end;
      } else {
        out.push_back({piece.id, begin, end, false});
      }
      previous_unknown = is_unknown;
    }
  }
}

}  // namespace temper::data::tokenizers
