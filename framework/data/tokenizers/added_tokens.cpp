// Finding added tokens in text.
#include "data/tokenizers/added_tokens.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace temper::data::tokenizers {

namespace {

char32_t character_before(std::string_view text, std::size_t& at) {
  do --at;
  while (at > 0 && is_continuation(text[at]));
  const char* p = text.data() + at;
  return next_character(p);
}

bool ends_with_word(std::string_view text) {
  std::size_t at = text.size();
  return !text.empty() && is_word(character_before(text, at));
}

bool starts_with_word(std::string_view text) {
  const char* p = text.data();
  return !text.empty() && is_word(next_character(p));
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    by_id_.emplace(tokens_[i].id, i);
    by_content_.emplace(tokens_[i].content, i);
  }
}

void AddedTokens::Trie::add(std::string_view key, std::int32_t token) {
  if (key.empty()) return;
  if (nodes.empty()) {
    nodes.emplace_back();
    first.assign(256, 0);
    only_first_byte = static_cast<unsigned char>(key[0]);
  }
  if (only_first_byte != static_cast<unsigned char>(key[0])) only_first_byte = -1;
  std::uint32_t at = 0;
  for (const char c : key) {
    const unsigned char byte = static_cast<unsigned char>(c);
    const auto& next = nodes[at].next;
    const auto found = std::find_if(next.begin(), next.end(), [&](const auto& edge) { return edge.first == byte; });
    if (found != next.end()) {
      at = found->second;
      continue;
    }
    const std::uint32_t fresh = static_cast<std::uint32_t>(nodes.size());
    nodes[at].next.emplace_back(byte, fresh);
    if (at == 0) first[byte] = fresh;
    nodes.emplace_back();
    at = fresh;
  }
  if (nodes[at].token < 0) nodes[at].token = token;
}

void AddedTokens::prepare(const Normalizer* normalizer) {
  // Of tokens that are normalised to the same text, the one with the lowest id is found.
  std::vector<std::size_t> by_id(tokens_.size());
  std::iota(by_id.begin(), by_id.end(), std::size_t{0});
  std::stable_sort(by_id.begin(), by_id.end(), [&](std::size_t a, std::size_t b) { return tokens_[a].id < tokens_[b].id; });
  for (const std::size_t i : by_id) {
    AddedToken& token = tokens_[i];
    token.shown = token.content;
    if (!token.normalized) {
      raw_.add(token.content, static_cast<std::int32_t>(i));
      continue;
    }
    AlignedText content(token.content, 0);
    if (normalizer) normalizer->apply(content);
    normalized_.add(content.text(), static_cast<std::int32_t>(i));
    token.shown = content.text();
  }
}

std::vector<AddedTokens::Match> AddedTokens::find(const Trie& trie, std::string_view text) const {
  std::vector<Match> matches;
  if (trie.nodes.empty()) return matches;
  std::size_t done = 0;  // end of the last match, white space included
  for (std::size_t at = 0; at < text.size();) {
    if (trie.only_first_byte >= 0) {
      const void* found = std::memchr(text.data() + at, trie.only_first_byte, text.size() - at);
      if (!found) break;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    }
    std::uint32_t node = trie.first[static_cast<unsigned char>(text[at])];
    if (node == 0) {
      ++at;
      continue;
    }
    std::int32_t longest = -1;
    std::size_t longest_end = 0, end = at + 1;
    for (;;) {
      if (trie.nodes[node].token >= 0) {
        longest = trie.nodes[node].token;
        longest_end = end;
      }
      if (end == text.size()) break;
      const auto& next = trie.nodes[node].next;
      const auto edge = std::find_if(next.begin(), next.end(), [&](const auto& e) { return e.first == static_cast<unsigned char>(text[end]); });
      if (edge == next.end()) break;
      node = edge->second;
      ++end;
    }
    if (longest < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(longest)];
    std::size_t begin = at, stop = longest_end;
    at = longest_end;
    if (token.single_word && (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(stop)))) continue;
    if (token.lstrip) {
      while (begin > 0) {
        std::size_t before = begin;
        if (!is_white_space(character_before(text, before))) break;
        begin = before;
      }
      begin = std::max(begin, done);
    }
    if (token.rstrip) {
      while (stop < text.size()) {
        const char* p = text.data() + stop;
        if (!is_white_space(next_character(p))) break;
        stop = static_cast<std::size_t>(p - text.data());
      }
    }
    if (begin >= stop) continue;  // white space that the match before has taken
    matches.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stop), token.id});
    done = stop;
  }
  return matches;
}

const AddedToken* AddedTokens::by_id(std::int32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &tokens_[found->second];
}

const AddedToken* AddedTokens::by_content(std::string_view content) const {
  const auto found = by_content_.find(std::string(content));
  return found == by_content_.end() ? nullptr : &tokens_[found->second];
}

}  // namespace temper::data::tokenizers
