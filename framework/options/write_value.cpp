// Writes a Value as TOML or JSON; floats in their shortest exact form, so that files and identities are stable.
#include <temper/value.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace temper {

namespace {

// The shortest digits that read back to the same bits, large numbers below 1e16 written out: "5e-5", "0.1", "100000.0".
std::string shortest(double value) {
  char digits[32];
  const bool written_out = std::abs(value) >= 1 && std::abs(value) < 1e16;
  char* end = written_out ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr
                          : std::to_chars(digits, digits + sizeof digits, value).ptr;
  std::string text(digits, end);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text.find('.') == std::string::npos ? text + ".0" : text;
  std::size_t first = text[e + 1] == '+' || text[e + 1] == '-' ? e + 2 : e + 1;
  while (first + 1 < text.size() && text[first] == '0') text.erase(first, 1);
  if (text[e + 1] == '+') text.erase(e + 1, 1);
  return text;
}

std::string toml_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return shortest(value);
}

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// JSON's escapes are TOML's too, but for U+007F, which TOML wants escaped.
std::string toml_string(const std::string& text) {
  std::string result = json_string(text);
  for (std::size_t i = 0; (i = result.find('\x7f', i)) != std::string::npos; i += 6) result.replace(i, 1, "\\u007f");
  return result;
}

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : toml_string(key);
}

template <class Range, class Write>
std::string joined(const Range& range, const char* separator, Write write) {
  std::string text;
  for (const auto& element : range) {
    std::string part = write(element);
    if (part.empty()) continue;
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

bool is_array_of_tables(const Value& value) {
  return value.is_array() && !value.as_array().empty() &&
         std::all_of(value.as_array().begin(), value.as_array().end(), [](const Value& v) { return v.is_table(); });
}

// `path` is the header's: "strategy.lora"; empty for the document.
void write_members(const Value& table, const std::string& path, std::string& text) {
  for (const auto& [key, value] : table.as_table())
    if (!value.is_null() && !value.is_table() && !is_array_of_tables(value)) text += toml_key(key) + " = " + to_toml(value) + '\n';
  for (const bool arrays : {false, true}) {
    for (const auto& [key, value] : table.as_table()) {
      const std::string full = path.empty() ? toml_key(key) : path + '.' + toml_key(key);
      if (!arrays && value.is_table()) {
        text += (text.empty() ? "[" : "\n[") + full + "]\n";
        write_members(value, full, text);
      }
      if (!arrays || !is_array_of_tables(value)) continue;
      for (const Value& element : value.as_array()) {
        text += (text.empty() ? "[[" : "\n[[") + full + "]]\n";
        write_members(element, full, text);
      }
    }
  }
}

}  // namespace

std::string to_toml(const Value& value) {
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return toml_float(value.as_number());
  if (value.is_string()) return toml_string(value.as_string());
  if (value.is_array()) return '[' + joined(value.as_array(), ", ", [](const Value& v) { return to_toml(v); }) + ']';
  if (value.is_table()) {
    const std::string members = joined(value.as_table(), ", ", [](const auto& member) {
      return member.second.is_null() ? std::string() : toml_key(member.first) + " = " + to_toml(member.second);
    });
    return members.empty() ? "{}" : "{ " + members + " }";
  }
  throw Error({Problem{value.place, "TOML has no form for nothing (null)", {}}});
}

std::string to_toml_document(const Value& table) {
  std::string text;
  write_members(table, {}, text);
  return text;
}

std::string to_json(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_float()) {
    const double number = value.as_number();
    if (std::isnan(number)) return "\"NaN\"";
    if (std::isinf(number)) return number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return shortest(number);
  }
  if (value.is_string()) return json_string(value.as_string());
  if (value.is_array()) return '[' + joined(value.as_array(), ", ", [](const Value& v) { return to_json(v); }) + ']';
  if (value.is_table())
    return '{' + joined(value.as_table(), ", ", [](const auto& m) { return json_string(m.first) + ": " + to_json(m.second); }) + '}';
  return value.is_bool() ? (value.as_bool() ? "true" : "false") : std::to_string(value.as_integer());
}

}  // namespace temper
