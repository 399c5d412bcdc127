// One row of a file, a CSV record or a JSON object, before it is known what its columns mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace temper {

// Longer rows are refused, so that a file that is no table, or a quote that is never closed, cannot take all memory.
inline constexpr std::size_t kLongestRowBytes = std::size_t{64} << 20;

struct RowValue {
  enum class Kind { kText, kNumber, kBoolean, kNull, kArray, kObject };
  Kind kind = Kind::kText;
  std::string text = {};  // a text as it is, empty for null, all else as its JSON text; UTF-8 without NUL
};

// "a string", "an array": for messages.
const char* describe(RowValue::Kind kind);

struct Row {
  std::vector<std::pair<std::string, RowValue>> values;  // in the order of the file; names are unique and not empty
  std::string problem;                                   // why this is no row ("is no JSON: ..."); empty when it is one
  const RowValue* find(std::string_view name) const;
  std::vector<std::string> names() const;
};

// One JSON object. Never throws for what `json` holds: that is told in `problem`.
Row read_json_row(std::string_view json);

// Whether a text in this JSON text holds a NUL, which JSON spells as an escape.
bool json_holds_nul(std::string_view json);

// Why a piece of a file is no text ("is not UTF-8 at its byte 3", "holds a NUL at its byte 1"), or is longer than kLongestRowBytes;
// empty when all is well.
std::string text_problem(std::string_view text);

}  // namespace temper
