// Rows from JSON objects, and what is wrong with them.
#include <temper/row.h>

#include <algorithm>

#include <simdjson.h>

#include <temper/utf8.h>

namespace temper {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

RowValue value_of(element value) {
  using Kind = RowValue::Kind;
  switch (value.type()) {
    case element_type::STRING: return {Kind::kText, std::string(value.get_string().value_unsafe())};
    case element_type::NULL_VALUE: return {Kind::kNull, {}};
    case element_type::ARRAY: return {Kind::kArray, simdjson::minify(value)};
    case element_type::OBJECT: return {Kind::kObject, simdjson::minify(value)};
    case element_type::BOOL: return {Kind::kBoolean, simdjson::minify(value)};
    default: return {Kind::kNumber, simdjson::minify(value)};
  }
}

bool holds_nul(const RowValue& value) {
  return value.kind == RowValue::Kind::kText ? value.text.find('\0') != std::string::npos : json_holds_nul(value.text);
}

}  // namespace

const char* describe(RowValue::Kind kind) {
  using Kind = RowValue::Kind;
  switch (kind) {
    case Kind::kText: return "a string";
    case Kind::kNumber: return "a number";
    case Kind::kBoolean: return "a boolean";
    case Kind::kNull: return "null";
    case Kind::kArray: return "an array";
    case Kind::kObject: return "an object";
  }
  return "unknown";
}

const RowValue* Row::find(std::string_view name) const {
  for (const auto& [known, value] : values)
    if (known == name) return &value;
  return nullptr;
}

std::vector<std::string> Row::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

bool json_holds_nul(std::string_view json) {
  for (std::size_t at = 0; (at = json.find('\\', at)) != std::string_view::npos; at += 2)
    if (json.substr(at).starts_with("\\u0000")) return true;
  return false;
}

std::string text_problem(std::string_view text) {
  if (text.size() > kLongestRowBytes) return "is " + std::to_string(text.size()) + " bytes long, a row may take " + std::to_string(kLongestRowBytes);
  const std::size_t valid = valid_utf8_prefix(text);
  if (valid != text.size()) return "is not UTF-8 at its byte " + std::to_string(valid + 1);
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) return "holds a NUL at its byte " + std::to_string(nul + 1);
  return {};
}

Row read_json_row(std::string_view json) {
  Row row;
  const auto bad = [&](std::string problem) {
    row.values.clear();
    row.problem = std::move(problem);
    return std::move(row);
  };
  if (const std::string problem = text_problem(json); !problem.empty()) return bad(problem);
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(simdjson::padded_string(json)).get(root)) return bad(std::string("is no JSON: ") + simdjson::error_message(error));
  simdjson::dom::object object;
  if (root.get(object)) return bad(std::string("is ") + describe(value_of(root).kind) + ", expected an object");
  for (const auto [key, value] : object) {
    const std::string name(key);
    if (name.empty()) return bad("has a member without a name");
    if (row.find(name)) return bad("has the member \"" + name + "\" twice");
    RowValue read = value_of(value);
    if (name.find('\0') != std::string::npos || holds_nul(read)) return bad("member \"" + name.substr(0, name.find('\0')) + "\" holds a NUL");
    row.values.emplace_back(name, std::move(read));
  }
  return row;
}

}  // namespace temper
