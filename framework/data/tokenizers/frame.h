// What stands around a text's tokens: the post-processor, boiled down to trimming and two templates.
#pragma once

#include <string>
#include <vector>

#include "data/tokenizers/json_object.h"
#include "data/tokenizers/vocabulary.h"

namespace temper::data::tokenizers {

struct FramePiece {
  enum class Kind { kFirst, kSecond, kSpecial } kind = Kind::kFirst;
  std::int32_t type_id = 0;
  std::vector<std::int32_t> ids;  // of kSpecial
};

struct Frame {
  bool trims_offsets = false;      // spaces at both ends of a token do not count as its text
  bool keeps_prefix_space = false; // but for the one put in front of the text
  std::vector<FramePiece> single{{FramePiece::Kind::kFirst, 0, {}}};
  std::vector<FramePiece> pair{{FramePiece::Kind::kFirst, 0, {}}, {FramePiece::Kind::kSecond, 1, {}}};

  std::int64_t added_tokens(bool is_pair) const;
};

// null gives the default frame: nothing is added.
Frame read_frame(const JsonPlace& place);
// [CLS] A [SEP] and [CLS] A [SEP] B [SEP] with types 0 and 1.
Frame bert_frame(std::int32_t cls, std::int32_t sep);
// <s> A </s> and <s> A </s></s> B </s>, all of type 0.
Frame roberta_frame(std::int32_t cls, std::int32_t sep);

}  // namespace temper::data::tokenizers
