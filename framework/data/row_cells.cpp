// Cells that hold what they should, or say why not.
#include "data/row_cells.h"

#include <algorithm>

#include <temper/error.h>

namespace temper::data {

const RowValue& RowCells::get(const std::string& name, const std::string& role) const {
  if (const RowValue* value = row_.find(name)) return *value;
  const std::string remedy = did_you_mean(name, row_.names());
  throw BadRow{"has no " + noun_ + " \"" + name + "\" for the " + role + (remedy.empty() ? "" : "; " + remedy)};
}

std::string RowCells::text(const std::string& name, const std::string& role) const {
  const RowValue& value = get(name, role);
  if (value.kind != RowValue::Kind::kText && value.kind != RowValue::Kind::kNull) fail(name, std::string("is ") + describe(value.kind) + ", expected a string");
  return value.text;
}

std::string RowCells::id(const std::string& name) const {
  const RowValue& value = get(name, "id");
  const bool is_integer = value.kind == RowValue::Kind::kNumber && value.text.find_first_of(".eE") == std::string::npos;
  if (value.kind != RowValue::Kind::kText && !is_integer) fail(name, std::string("is ") + describe(value.kind) + ", expected a string or an integer");
  if (value.text.empty()) fail(name, "is empty, expected an id");
  return value.text;
}

Value RowCells::document(const std::string& name, const std::string& role) const {
  const RowValue& value = get(name, role);
  const bool is_text = value.kind == RowValue::Kind::kText;
  if (!is_text && value.kind != RowValue::Kind::kArray && value.kind != RowValue::Kind::kObject) return {};
  if (is_text && !value.text.starts_with('[') && !value.text.starts_with('{')) return {};
  try {
    return parse_json(value.text);
  } catch (const Error& error) {
    if (is_text) return {};
    fail(name, "cannot be read: " + error.problems().front().what);
  }
}

std::vector<std::string> RowCells::words(const std::string& name, const std::string& role) const {
  const Value array = document(name, role);
  std::vector<std::string> words;
  if (array.is_array()) {
    for (const Value& entry : array.as_array()) {
      const auto word = scalar_text(entry);
      if (!word || word->empty()) fail(name, "holds " + (word ? std::string("an empty text") : std::string(entry.type_name())) + " at place " + std::to_string(words.size() + 1) + ", expected texts");
      words.push_back(*word);
    }
    return words;
  }
  const RowValue& value = get(name, role);
  if (value.kind != RowValue::Kind::kText) fail(name, std::string("is ") + describe(value.kind) + ", expected an array of texts");
  for (std::size_t at = 0; (at = value.text.find_first_not_of(" \t", at)) != std::string::npos;) {
    const std::size_t end = std::min(value.text.find_first_of(" \t", at), value.text.size());
    words.push_back(value.text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::string> scalar_text(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_number() || value.is_bool()) return to_json(value);
  return std::nullopt;
}

}  // namespace temper::data
