// What stands around a text's tokens: the post-processors, boiled down to trimming and templates.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/tokenizers/json_object.h"
#include "data/tokenizers/vocabulary.h"

namespace temper::data::tokenizers {

struct FramePiece {
  enum class Kind { kFirst, kSecond, kSpecial } kind = Kind::kFirst;
  std::int32_t type_id = 0;
  std::vector<std::int32_t> ids;     // of kSpecial
  std::int32_t window_type_id = 0;   // of a text's windows beyond the first, which templates do not reach
};
using FramePieces = std::vector<FramePiece>;

// A pass in which spaces at both ends of a token are taken from its offsets.
struct OffsetTrim {
  bool keeps_prefix_space = false;  // but for the one put in front of the text
};

class Frame {
 public:
  Frame();  // nothing is added

  const FramePieces& pieces(bool is_pair, bool with_specials) const { return pieces_[place(is_pair, with_specials)]; }
  // How many special tokens a text, or a pair, gets.
  std::int64_t added_tokens(bool is_pair) const { return added_[is_pair]; }
  const std::vector<OffsetTrim>& trims() const { return trims_; }
  // Puts pieces around a text, or a pair, which is as it came.
  void set(FramePieces single, FramePieces pair);
  void add_trim(OffsetTrim trim) { trims_.push_back(trim); }

 private:
  friend class FrameBuilder;
  static std::size_t place(bool is_pair, bool with_specials) { return (is_pair ? 2u : 0u) + (with_specials ? 1u : 0u); }
  std::array<FramePieces, 4> pieces_;
  std::array<std::int64_t, 2> added_{};
  std::vector<OffsetTrim> trims_;
};

// null gives the default frame.
Frame read_frame(const JsonPlace& place);
// [CLS] A [SEP] and [CLS] A [SEP] B [SEP] with types 0 and 1.
Frame bert_frame(std::int32_t cls, std::int32_t sep);
// <s> A </s> and <s> A </s></s> B </s>, all of type 0; offsets are not trimmed yet.
Frame roberta_frame(std::int32_t cls, std::int32_t sep);

}  // namespace temper::data::tokenizers
