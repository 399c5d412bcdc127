// The Unigram model: Viterbi search over the pieces that begin at each character.
#include "data/tokenizers/unigram.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace temper::data::tokenizers {

namespace {

constexpr double kUnknownPenalty = 10;  // below the least score of all pieces

// The library's parser rounds a number twice, its digits to a double and then their quotient by a power of ten, so that the last bit can
// differ from the nearest double. Sums that are nearly equal are told apart by that bit. Files hold the shortest digits of their numbers.
double rounded_twice(double nearest) {
  if (!std::isfinite(nearest)) return nearest;
  char text[64];
  const char* const end = std::to_chars(text, text + sizeof text, nearest, std::chars_format::scientific).ptr;
  std::uint64_t digits = 0;
  int exponent = 0, decimals = 0;
  bool behind_point = false;
  const char* p = text + (text[0] == '-' ? 1 : 0);
  for (; p < end && *p != 'e'; ++p) {
    if (*p == '.') {
      behind_point = true;
      continue;
    }
    digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    decimals += behind_point;
  }
  if (p < end) std::from_chars(p + (p[1] == '+' ? 2 : 1), end, exponent);
  exponent -= decimals;
  if (exponent < -308 || exponent > 308) return nearest;
  char power_text[8];
  double power = 1;
  const char* const power_end = power_text + std::snprintf(power_text, sizeof power_text, "1e%d", std::abs(exponent));
  std::from_chars(power_text, power_end, power);
  const double size = exponent >= 0 ? static_cast<double>(digits) * power : static_cast<double>(digits) / power;
  return std::signbit(nearest) ? -size : size;
}

}  // namespace

Unigram::Unigram(Vocabulary vocabulary, std::vector<double> scores, std::int32_t unknown, bool byte_fallback)
    : vocabulary_(std::move(vocabulary)), scores_(std::move(scores)), unknown_(unknown), byte_fallback_(byte_fallback) {
  double least = std::numeric_limits<double>::infinity();
  for (const double score : scores_) least = std::min(least, score);
  unknown_score_ = least - kUnknownPenalty;
  for (int b = 0; b < 256; ++b) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(b));
    fallback_ids_.push_back(vocabulary_.id(name));
  }
}

void Unigram::best_pieces(std::string_view word, std::vector<ByteRange>& pieces) const {
  struct Node {
    double score = 0;
    std::uint32_t from = 0;
    bool reached = false, unknown = false;
  };
  std::vector<Node> nodes(word.size() + 1);  // the best way that ends before a byte
  nodes[0].reached = true;
  const auto offer = [&](std::size_t begin, std::size_t end, double score, bool unknown) {
    Node& node = nodes[end];
    const double sum = nodes[begin].score + score;
    if (node.reached && !(sum > node.score)) return;  // only a better sum replaces
    node = {sum, static_cast<std::uint32_t>(begin), true, unknown};
  };
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t character_end = begin + 1;
    while (character_end < word.size() && is_continuation(word[character_end])) ++character_end;
    bool has_single = false;
    Hash hash;
    for (std::size_t end = begin + 1; end <= std::min(word.size(), begin + vocabulary_.longest()); ++end) {
      hash.add(word[end - 1]);
      if (end < word.size() && is_continuation(word[end])) continue;
      const std::int32_t id = vocabulary_.id(word.substr(begin, end - begin), hash.value());
      if (id == kNoId) continue;
      offer(begin, end, scores_[static_cast<std::size_t>(id)], false);
      has_single = has_single || end == character_end;
    }
    if (!has_single) offer(begin, character_end, unknown_score_, true);
    begin = character_end;
  }
  pieces.clear();
  bool previous_unknown = false;
  for (std::size_t end = word.size(); end > 0; end = nodes[end].from) {
    const Node& node = nodes[end];
    if (node.unknown && previous_unknown) pieces.back().begin = node.from;  // neighbours are one
    else pieces.push_back({node.from, static_cast<std::uint32_t>(end)});
    previous_unknown = node.unknown;
  }
  std::reverse(pieces.begin(), pieces.end());
}

void Unigram::tokenize(const Words& words, std::vector<Token>& out) const {
  std::vector<ByteRange> pieces;
  for (const ByteRange& range : words.pieces) {
    const std::string_view word = words.piece(range);
    best_pieces(word, pieces);
    for (const ByteRange& piece : pieces) {
      const std::string_view text = word.substr(piece.begin, piece.end - piece.begin);
      const std::uint32_t begin = range.begin + piece.begin, end = range.begin + piece.end;
      const std::int32_t id = vocabulary_.id(text);
      if (id != kNoId) {
        out.push_back({id, begin, end, false});
      } else if (byte_fallback_ && std::all_of(text.begin(), text.end(), [&](char b) { return fallback_ids_[static_cast<unsigned char>(b)] != kNoId; })) {
        for (const char b : text) out.push_back({fallback_ids_[static_cast<unsigned char>(b)], begin, end, false});
      } else if (unknown_ != kNoId) {
        out.push_back({unknown_, begin, end, false});
      } else {
        throw Error("the text \"" + std::string(text.substr(0, 80)) + "\" has no tokens, and the vocabulary has no unknown token");
      }
    }
  }
}

std::unique_ptr<Unigram> read_unigram(const JsonObject& object) {
  Vocabulary vocabulary;
  std::vector<double> scores;
  const JsonPlace place = object.at("vocab");
  simdjson::dom::array array;
  if (place.value.get(array) != simdjson::SUCCESS) place.fail("an array of [TOKEN, SCORE] is wanted here");
  for (const simdjson::dom::element item : array) {
    simdjson::dom::array both;
    std::string_view token;
    double score = 0;
    if (item.get(both) != simdjson::SUCCESS || both.size() != 2 || both.at(0).get(token) != simdjson::SUCCESS || both.at(1).get(score) != simdjson::SUCCESS)
      place.fail("entry " + std::to_string(scores.size()) + " is not [TOKEN, SCORE]");
    vocabulary.add_again(token, static_cast<std::int64_t>(scores.size()));
    scores.push_back(rounded_twice(score));
  }
  if (scores.empty()) place.fail("the vocabulary is empty");
  const std::int64_t unknown = object.integer_or("unk_id", kNoId);
  if (unknown != kNoId && (unknown < 0 || unknown >= static_cast<std::int64_t>(scores.size()))) object.at("unk_id").fail("the id " + std::to_string(unknown) + " is not in the vocabulary");
  return std::make_unique<Unigram>(std::move(vocabulary), std::move(scores), static_cast<std::int32_t>(unknown), object.boolean_or("byte_fallback", false));
}

}  // namespace temper::data::tokenizers
