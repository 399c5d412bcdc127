// An object of tokenizer.json whose members are read by name; what nobody read is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include <temper/error.h>

namespace temper::data::tokenizers {

// A value and the path that leads to it, for messages: "tokenizer.json: normalizer.normalizers[1]".
struct JsonPlace {
  simdjson::dom::element value;
  std::string where;
  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const { throw Error(where + ": " + what, remedy); }
  bool is_null() const { return value.is_null(); }
  std::string string() const;
  std::int64_t integer() const;
  std::vector<JsonPlace> items() const;  // of an array
};

class JsonObject {
 public:
  explicit JsonObject(const JsonPlace& place);
  const std::string& where() const { return place_.where; }
  std::string type() const { return string("type"); }

  bool has(std::string_view key) const;               // and is not null
  std::optional<JsonPlace> find(std::string_view key) const;  // also null
  JsonPlace at(std::string_view key) const;           // an Error when absent
  std::string string(std::string_view key) const;
  std::string string_or(std::string_view key, std::string otherwise) const;
  std::optional<std::string> optional_string(std::string_view key) const;  // absent or null: nothing
  bool boolean(std::string_view key) const;
  bool boolean_or(std::string_view key, bool otherwise) const;
  std::optional<bool> optional_boolean(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  std::int64_t integer_or(std::string_view key, std::int64_t otherwise) const;
  char32_t character(std::string_view key) const;     // a string of one character
  std::vector<std::pair<std::string, JsonPlace>> members() const;  // all, in the order of the file
  void ignore(std::string_view key) const { read_.insert(std::string(key)); }

  // Throws Error for members that were neither read nor ignored.
  void finish() const;
  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const { place_.fail(what, remedy); }

 private:
  JsonPlace place_;
  simdjson::dom::object object_;
  mutable std::set<std::string, std::less<>> read_;
};

// The text of a JSON file, parsed. Throws Error with line and column where it is not JSON.
class JsonFile {
 public:
  explicit JsonFile(const std::string& path);
  JsonPlace root() const { return {root_, path_}; }

 private:
  std::string path_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace temper::data::tokenizers
