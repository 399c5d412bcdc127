// JSON values as fields: texts as they are, token ids as numbers, all else as its JSON text.
#include <temper/json_item.h>

#include <vector>

#include <simdjson.h>

#include <temper/error.h>

namespace temper {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

std::string kind(element value) {
  switch (value.type()) {
    case element_type::ARRAY: return "an array";
    case element_type::OBJECT: return "an object";
    case element_type::STRING: return "a string";
    case element_type::BOOL: return "a boolean";
    case element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

std::string as_text(element value) {
  if (value.is_null()) return {};
  std::string_view text;
  if (!value.get(text)) return std::string(text);
  return simdjson::minify(value);
}

std::string member(std::string_view name) { return "\"" + std::string(name) + "\" "; }

class ItemReader {
 public:
  explicit ItemReader(const JsonMembers& members) : members_(members) {}

  JsonItem read(std::string_view json) {
    simdjson::dom::parser parser;
    element root;
    if (const auto error = parser.parse(simdjson::padded_string(json)).get(root)) {
      item_.problem = std::string("is no JSON: ") + simdjson::error_message(error);
      return std::move(item_);
    }
    simdjson::dom::object object;
    if (root.get(object)) {
      item_.problem = "is " + kind(root) + ", expected an object";
      return std::move(item_);
    }
    for (const auto [name, value] : object) {
      item_.names.emplace_back(name);
      item_.problem = take(std::string(name), value);
      if (!item_.problem.empty()) return std::move(item_);
    }
    finish();
    return std::move(item_);
  }

 private:
  std::string take(const std::string& name, element value) {
    if (name.empty()) return "has a member without a name";
    for (std::size_t i = 0; i + 1 < item_.names.size(); ++i)
      if (item_.names[i] == name) return "has the member " + member(name) + "twice";
    const std::string text = as_text(value);
    if (name.find('\0') != std::string::npos || text.find('\0') != std::string::npos) return member(name) + "holds a NUL";
    if (name == members_.id) return take_id(value, text);
    if (name == members_.label && name != members_.text) return take_label(value, text);
    if (name == kInputIdsField || name == kTokenTypeIdsField) return take_ids(name, value);
    if (name == members_.text) {
      if (!value.is_string() && !value.is_null()) return member(name) + "is " + kind(value) + ", expected a string";
      text_ = text;
    } else if (name != kTextField) {
      others_.set(name, text);
    }
    return {};
  }

  std::string take_id(element value, const std::string& text) {
    if (!value.is_string() && !value.is_int64() && !value.is_uint64()) return member(*members_.id) + "is " + kind(value) + ", expected a string or an integer";
    if (text.empty()) return member(*members_.id) + "is empty, expected an id";
    item_.id = text;
    return {};
  }

  std::string take_label(element value, const std::string& text) {
    simdjson::dom::array several;
    if (members_.several_labels && !value.get(several)) return take_labels(several);
    if (value.is_array() || value.is_object()) return member(members_.label) + "is " + kind(value) + ", expected a string, a number or a boolean";
    if (!value.is_null()) item_.label = text;
    return {};
  }

  std::string take_labels(simdjson::dom::array array) {
    for (const element entry : array) {
      std::string_view text;
      if (entry.get(text)) return member(members_.label) + "holds " + kind(entry) + ", expected strings";
      if (!item_.label) item_.label = text;
      else item_.more_labels.emplace_back(text);
    }
    return {};
  }

  std::string take_ids(const std::string& name, element value) {
    const std::string problem = member(name) + "is no array of integers";
    simdjson::dom::array array;
    if (value.get(array)) return problem;
    std::vector<std::int64_t> ids;
    for (const element entry : array)
      if (entry.get(ids.emplace_back())) return problem;
    others_.set(name, std::move(ids));
    return {};
  }

  void finish() {
    if (text_) {
      item_.fields.set(kTextField, *text_);
      if (members_.text != kTextField) item_.fields.set(members_.text, *text_);
    } else if (!others_.ids(kInputIdsField)) {
      const std::string remedy = did_you_mean(members_.text, item_.names);
      item_.problem = "has no member " + member(members_.text) + "for the text" + (remedy.empty() ? "" : "; " + remedy);
      return;
    }
    if (members_.id && !item_.id) {
      item_.problem = "has no member " + member(*members_.id) + "for the id";
      return;
    }
    for (const auto& [name, value] : others_.all()) item_.fields.set(name, value);
  }

  const JsonMembers& members_;
  JsonItem item_;
  std::optional<std::string> text_;
  Fields others_;
};

}  // namespace

JsonItem read_json_item(std::string_view json, const JsonMembers& members) { return ItemReader(members).read(json); }

}  // namespace temper
