// JsonObject, JsonFile: strict reading of tokenizer.json.
#include "data/tokenizers/json_object.h"

#include <temper/mapped_file.h>
#include <temper/value.h>

#include "data/tokenizers/unicode.h"

namespace temper::data::tokenizers {

std::string JsonPlace::string() const {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) fail("a string is wanted here");
  return std::string(text);
}

std::int64_t JsonPlace::integer() const {
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) fail("an integer is wanted here");
  return number;
}

std::vector<JsonPlace> JsonPlace::items() const {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) fail("an array is wanted here");
  std::vector<JsonPlace> result;
  for (const simdjson::dom::element item : array) result.push_back({item, where + "[" + std::to_string(result.size()) + "]"});
  return result;
}

JsonObject::JsonObject(const JsonPlace& place) : place_(place) {
  if (place.value.get(object_) != simdjson::SUCCESS) place.fail("an object is wanted here");
}

std::optional<JsonPlace> JsonObject::find(std::string_view key) const {
  read_.insert(std::string(key));
  simdjson::dom::element value;
  if (object_.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  return JsonPlace{value, place_.where + (place_.where.ends_with(".json") ? ": " : ".") + std::string(key)};
}

bool JsonObject::has(std::string_view key) const {
  const auto value = find(key);
  return value && !value->is_null();
}

JsonPlace JsonObject::at(std::string_view key) const {
  auto value = find(key);
  if (!value) fail("\"" + std::string(key) + "\" is missing");
  return *value;
}

std::string JsonObject::string(std::string_view key) const { return at(key).string(); }
std::string JsonObject::string_or(std::string_view key, std::string otherwise) const { return has(key) ? string(key) : std::move(otherwise); }
std::optional<std::string> JsonObject::optional_string(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return string(key);
}

bool JsonObject::boolean(std::string_view key) const {
  const JsonPlace value = at(key);
  bool flag = false;
  if (value.value.get(flag) != simdjson::SUCCESS) value.fail("true or false is wanted here");
  return flag;
}
bool JsonObject::boolean_or(std::string_view key, bool otherwise) const { return has(key) ? boolean(key) : otherwise; }
std::optional<bool> JsonObject::optional_boolean(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return boolean(key);
}

std::int64_t JsonObject::integer(std::string_view key) const { return at(key).integer(); }
std::int64_t JsonObject::integer_or(std::string_view key, std::int64_t otherwise) const { return has(key) ? integer(key) : otherwise; }

char32_t JsonObject::character(std::string_view key) const {
  const JsonPlace value = at(key);
  const std::u32string text = to_utf32(value.string());
  if (text.size() != 1) value.fail("one character is wanted here");
  return text[0];
}

std::vector<std::pair<std::string, JsonPlace>> JsonObject::members() const {
  std::vector<std::pair<std::string, JsonPlace>> result;
  for (const auto& [key, value] : object_) {
    read_.insert(std::string(key));
    result.emplace_back(std::string(key), JsonPlace{value, place_.where + (place_.where.ends_with(".json") ? ": " : ".") + std::string(key)});
  }
  return result;
}

void JsonObject::finish() const {
  std::vector<std::string> known(read_.begin(), read_.end());
  for (const auto& [key, value] : object_) {
    const std::string name(key);
    if (read_.find(name) == read_.end()) fail("the option \"" + name + "\" is unknown", did_you_mean(name, known));
  }
}

JsonFile::JsonFile(const std::string& path) : path_(path) {
  const MappedFile file(path);
  std::string_view text = file.bytes();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const simdjson::error_code error = parser_.parse(text.data(), text.size(), true).get(root_);
  if (error != simdjson::SUCCESS) {
    parse_json(text, path);  // the slower parser tells the place
    throw Error(path + ": not a JSON file: " + simdjson::error_message(error));
  }
}

}  // namespace temper::data::tokenizers
