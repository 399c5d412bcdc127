// The cells of one row as what a form takes them for: texts, arrays, numbers. What does not fit is a BadRow, which the form turns into
// the row's problem.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <temper/row.h>
#include <temper/value.h>

namespace temper::data {

struct BadRow {
  std::string what;
};

class RowCells {
 public:
  RowCells(const Row& row, const std::string& noun) : row_(row), noun_(noun) {}

  bool has(const std::string& name) const { return row_.find(name) != nullptr; }
  const RowValue& get(const std::string& name, const std::string& role) const;  // missing is a BadRow
  std::string text(const std::string& name, const std::string& role) const;     // null is the empty text
  std::string id(const std::string& name) const;                                // a string or an integer, not empty
  // An array or object; a text that spells one, too, and nothing for any other.
  Value document(const std::string& name, const std::string& role) const;
  // An array of texts or numbers, or words with blanks between them.
  std::vector<std::string> words(const std::string& name, const std::string& role) const;

  [[noreturn]] void fail(const std::string& name, const std::string& what) const { throw BadRow{noun_ + " \"" + name + "\" " + what}; }

 private:
  const Row& row_;
  const std::string& noun_;
};

// A text, a number or a boolean as text; nothing else.
std::optional<std::string> scalar_text(const Value& value);

}  // namespace temper::data
