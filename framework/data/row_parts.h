// The parts of rows that are documents themselves: answers in their context, marked spans, a chat.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <temper/item.h>

#include "data/row_cells.h"
#include "data/row_columns.h"

namespace temper::data {

// Each answer is a reference of one span; no answer at all is one reference without spans. An answer that does not stand where it
// says, or nowhere, is a BadRow.
Targets answer_targets(const RowCells& cells, const RowColumns& columns, bool offsets_are_bytes, const std::string& context);

// In bytes of `text`; the `text` of a span is its label.
std::vector<Span> marked_spans(const RowCells& cells, const std::string& column, bool offsets_are_bytes, const std::string& text);

struct Dialogue {
  std::vector<Message> messages;      // without the answer; at least one
  std::optional<std::string> answer;  // the last message, where it is the assistant's
};
Dialogue read_dialogue(const RowCells& cells, const std::string& column);

}  // namespace temper::data
