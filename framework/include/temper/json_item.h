// One JSON object as an item: a line of a JSONL file, or of what a small tool is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/item.h>

namespace temper {

// Which members mean what.
struct JsonMembers {
  std::string text = "text";
  std::string label = "label";
  std::optional<std::string> id;
  bool several_labels = false;  // whether the label may be an array of strings: several references
};

struct JsonItem {
  Fields fields;                     // all members but label and id, the text first: texts as they are, input_ids and token_type_ids
                                     // as ids, null as the empty text, all else as its JSON text
  std::optional<std::string> label;  // as text: "positive", "3", "true"; absent also for null
  std::vector<std::string> more_labels;  // those behind the first, where it is an array
  std::vector<std::string> names;        // of the members, in their order
  std::optional<std::string> id;
  std::string problem;               // why the line is no item ("has no member ..."); empty when it is one
};

// Never throws for what `json` holds: that is told in `problem`. Texts are valid UTF-8 without NUL.
JsonItem read_json_item(std::string_view json, const JsonMembers& members);

}  // namespace temper
