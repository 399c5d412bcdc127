// Tokens that are cut out of a text before anything else sees it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/tokenizers/components.h"

namespace temper::data::tokenizers {

struct AddedToken {
  std::string content;
  std::int32_t id = 0;
  bool special = false;      // left out by decode(skip_special_tokens)
  bool normalized = false;   // looked for in the normalised text, in its normalised form
  bool single_word = false;  // only between word boundaries
  bool lstrip = false, rstrip = false;  // takes the white space on that side with it
  std::string shown;         // what it decodes to: its normalised form when `normalized`; set by AddedTokens::prepare
};

class AddedTokens {
 public:
  AddedTokens() = default;
  explicit AddedTokens(std::vector<AddedToken> tokens);
  // Call once, when the normaliser is known (nullptr for none).
  void prepare(const Normalizer* normalizer);

  struct Match {
    std::uint32_t begin, end;
    std::int32_t id;
  };
  // Leftmost, then longest; in order and apart (but for what rstrip and lstrip do).
  std::vector<Match> find_raw(std::string_view text) const { return find(raw_, text); }
  std::vector<Match> find_normalized(std::string_view text) const { return find(normalized_, text); }
  bool has_normalized() const { return !normalized_.nodes.empty(); }

  const AddedToken* by_id(std::int32_t id) const;
  const AddedToken* by_content(std::string_view content) const;
  const std::vector<AddedToken>& all() const { return tokens_; }

 private:
  // A trie over bytes.
  struct Node {
    std::vector<std::pair<unsigned char, std::uint32_t>> next;
    std::int32_t token = -1;  // index into tokens_
  };
  struct Trie {
    std::vector<Node> nodes;  // empty: no tokens
    std::vector<std::uint32_t> first;  // by first byte, 0 for none
    int only_first_byte = -1;          // when all tokens begin with one byte
    void add(std::string_view key, std::int32_t token);
  };
  std::vector<Match> find(const Trie& trie, std::string_view text) const;

  std::vector<AddedToken> tokens_;
  std::unordered_map<std::int32_t, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> by_content_;
  Trie raw_, normalized_;
};

}  // namespace temper::data::tokenizers
