// One line of a JSONL file as an item: its fields, its label and its id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <temper/item.h>

namespace temper_jsonl {

// Which members mean what.
struct Members {
  std::string text = "text";
  std::string label = "label";
  std::optional<std::string> id;
};

struct Line {
  temper::Fields fields;            // all members but label and id; the text first
  std::optional<std::string> label; // as text: "positive", "3", "true"; absent also for null
  std::optional<std::string> id;
  bool text_is_empty = false;
  std::string problem;              // why the line is no item; empty when it is one
};

Line read_line(std::string_view json, const Members& members);

}  // namespace temper_jsonl
