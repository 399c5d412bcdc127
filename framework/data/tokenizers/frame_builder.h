// Post-processors applied one after another to a text, or a pair, whose tokens are not known yet.
#pragma once

#include "data/tokenizers/frame.h"

namespace temper::data::tokenizers {

// A text goes through post-processors as a list of parts, at first one for each text. BERT's and RoBERTa's add to the parts;
// a template makes a part of each of its own pieces, and so what follows it meets as many.
class FrameBuilder {
 public:
  FrameBuilder();
  void bert(std::int32_t cls, std::int32_t sep);
  void roberta(std::int32_t cls, std::int32_t sep);
  // False when the template before this one left more than two parts, for which no template is.
  bool use_template(const FramePieces& single, const FramePieces& pair);
  void trim(OffsetTrim trim) { frame_.add_trim(trim); }
  Frame finish() &&;

 private:
  using Parts = std::vector<FramePieces>;
  template <class Change> void for_each(const Change& change);  // of the four cases: change(parts, with_specials)
  std::array<Parts, 4> parts_;
  Frame frame_;
};

}  // namespace temper::data::tokenizers
