// Tags of entities: B-X begins one, I-X goes on, O is outside (IOB2; Ratnaparkhi 1998).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <temper/item.h>

namespace temper {

// Turns IOB1 (Ramshaw and Marcus 1995), where B-X stands only between two entities of one kind, into IOB2: an I-X that follows
// neither B-X nor I-X becomes B-X. Tags that are IOB2 already, or no such tags, stay as they are. Gives how many changed.
std::size_t to_iob2(std::vector<std::string>& tags);

struct TaggedText {
  std::vector<std::string> tokens, tags;
  std::string problem;  // a span that is empty, overlaps another or cuts a word in two; empty when all is well
};

// Words of a text, tagged by spans whose `text` is the kind of entity. A word is a run of letters and digits, any other character that
// is no blank is a word of its own.
TaggedText tag_spans(std::string_view text, std::vector<Span> spans);

}  // namespace temper
