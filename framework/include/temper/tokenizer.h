// Tokenizer plugins: text to ids with byte offsets, and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <temper/plugin.h>

namespace temper {

// Half open, in UTF-8 bytes of the source text; special tokens that were added have [0, 0).
struct ByteRange {
  std::uint32_t begin = 0, end = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<ByteRange> offsets;        // one per id
  std::vector<std::int32_t> type_ids;    // one per id: 0 first text, 1 second
  std::vector<std::uint8_t> is_special;  // one per id: 1 for a token that the template added
  std::int64_t dropped_tokens = 0;       // cut off by max_length
};

struct SpecialIds {
  std::optional<std::int32_t> bos, eos, unk, sep, pad, cls, mask;
};

struct EncodeOptions {
  bool add_special_tokens = true;
  // With the special tokens; truncates on the right, before they are added. Of a pair the longer text is cut first. An Error when
  // the special tokens alone are longer.
  std::optional<std::int64_t> max_length = {};
  // Obey the truncation and padding that the tokenizer's own file stores (some sentence encoders' do), as its own library does.
  // Padding has is_special 1. Off for training and prediction, which know their limits and never pad.
  bool stored_limits = false;
};

// Where a tokenizer is read from: a Hugging Face folder or a single file of one.
// The option struct of a file-backed tokenizer plugin declares `path`; the framework sets it.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // All are thread-safe. Invalid UTF-8 in `text` becomes U+FFFD, one per maximal invalid part; offsets stay those of the source.
  virtual Encoding encode(std::string_view text, const EncodeOptions& options = {}) const = 0;
  virtual Encoding encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options = {}) const = 0;
  virtual std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const = 0;
  virtual std::int64_t vocabulary_size() const = 0;  // the largest id + 1, added tokens included
  virtual std::optional<std::int32_t> id_of(std::string_view token) const = 0;
  virtual std::string token_of(std::int32_t id) const = 0;  // as written in the vocabulary; empty for a hole
  virtual SpecialIds special_ids() const = 0;
};

// The format of a tokenizer folder or file, which plugins claim (TEMPER_CLAIMS): "tokenizer.json/BPE", "tokenizer.json/WordPiece",
// "tokenizer.json/Unigram", "tokenizer.json/WordLevel", "tokenizer.model", "vocab.json+merges.txt", "encoder.json+vocab.bpe",
// "vocab.txt"; found in that order. Empty when there is none.
std::string tokenizer_format(const std::filesystem::path& folder_or_file);

}  // namespace temper

TEMPER_DECLARE_KIND(Tokenizer)
