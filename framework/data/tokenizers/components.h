// The kinds of components that tokenizer.json names, each with a reader that knows all types of its kind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/tokenizers/aligned_text.h"
#include "data/tokenizers/vocabulary.h"
#include "data/tokenizers/words.h"

namespace temper::data::tokenizers {

struct JsonPlace;

// All are immutable after reading, and so thread-safe.

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& text) const = 0;
};
std::unique_ptr<Normalizer> read_normalizer(const JsonPlace& place);  // null gives nullptr

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(Words& words) const = 0;
  // The step that writes bytes as characters; a model of bytes makes it superfluous.
  virtual bool is_byte_alphabet() const { return false; }
};
// The steps in order, sequences unfolded; ByteLevel is up to three of them. null gives none.
using PreTokenizers = std::vector<std::unique_ptr<PreTokenizer>>;
PreTokenizers read_pre_tokenizer(const JsonPlace& place);

// A token of a text on its way: bytes [begin, end) first of the words' text, later of the source.
struct Token {
  std::int32_t id = 0;
  std::uint32_t begin = 0, end = 0;
  bool is_added = false;
};

class Model {
 public:
  virtual ~Model() = default;
  virtual const Vocabulary& vocabulary() const = 0;
  // Appends the tokens of all words, in order.
  virtual void tokenize(const Words& words, std::vector<Token>& out) const = 0;
  virtual std::string unknown_token() const { return {}; }  // empty when it has none
  // Whether the unknown token stands for itself or for the text that it covers, where a token's spaces are counted.
  virtual bool unknown_shows_text() const { return false; }
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::vector<std::string> apply(std::vector<std::string> tokens) const = 0;
};
std::unique_ptr<Decoder> read_decoder(const JsonPlace& place);  // null gives nullptr
std::unique_ptr<Decoder> byte_level_decoder();
std::unique_ptr<Decoder> word_piece_decoder(std::string prefix, bool cleanup);

}  // namespace temper::data::tokenizers
