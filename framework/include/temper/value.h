// A value of a TOML or JSON document that remembers where it stood: what options are read from and written to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <temper/error.h>

namespace temper {

class Value {
 public:
  using Array = std::vector<Value>;
  using Table = std::vector<std::pair<std::string, Value>>;  // in the order in which it was written

  Value() = default;  // null
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Table value) : data_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_integer() || is_float(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_table() const { return std::holds_alternative<Table>(data_); }

  // Each throws Error when the value is of another type; as_number takes integers too.
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Table& as_table() const;
  Array& as_array();
  Table& as_table();

  // Tables: the member, or nullptr. A path is keys joined by dots: "dataset.limit.train".
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  const Value* find_path(std::string_view path) const;
  // Sets a member, keeping the place in the order if it is there already. Turns null into a table.
  Value& set(std::string_view key, Value value);
  Value& set_path(std::string_view path, Value value);
  bool erase(std::string_view key);

  const char* type_name() const;  // "a string", "an integer", ... for messages

  // Equal types and contents; places do not count. NaN equals NaN.
  friend bool operator==(const Value& a, const Value& b);

  Place place;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table> data_;
};

std::string to_toml(const Value& value);  // one line, as it would stand right of "="; a float keeps its shortest exact form
std::string to_toml_document(const Value& table);  // a whole file: scalars first, then [tables], then [[arrays of tables]]
std::string to_json(const Value& value);  // one line; NaN and infinities become the strings "NaN", "Infinity", "-Infinity"
Value parse_json(std::string_view text, const std::string& file = {});   // throws Error with the place
Value parse_toml(std::string_view text, const std::string& file = {});   // tables keep the order of the file

}  // namespace temper
