// Turns the fields of option structs into Values and back.
#include <temper/options.h>

#include <limits>

namespace temper {

Value to_value(bool field) { return field; }
Value to_value(std::int64_t field) { return field; }
Value to_value(int field) { return field; }
Value to_value(double field) { return field; }
Value to_value(const std::string& field) { return field; }
Value to_value(const std::filesystem::path& field) { return field.string(); }

Value to_value(const std::map<std::string, std::string>& field) {
  Value::Table table;
  for (const auto& [key, value] : field) table.emplace_back(key, value);
  return table;
}

Value to_value(const PluginChoice& field) {
  if (field.plugin.empty()) return {};
  Value::Table table;
  table.emplace_back("plugin", field.plugin);
  if (field.options.is_table())
    for (const auto& member : field.options.as_table()) table.push_back(member);
  return table;
}

Value to_value(const PathOrNumber& field) {
  return std::visit([](const auto& either) { return to_value(either); }, field);
}

void from_value(const Value& value, bool& field) { field = value.as_bool(); }
void from_value(const Value& value, std::int64_t& field) { field = value.as_integer(); }

void from_value(const Value& value, int& field) {
  const std::int64_t number = value.as_integer();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    throw Error({Problem{value.place, std::to_string(number) + " does not fit into 32 bits", {}}});
  field = static_cast<int>(number);
}

void from_value(const Value& value, double& field) { field = value.as_number(); }
void from_value(const Value& value, std::string& field) { field = value.as_string(); }
void from_value(const Value& value, std::filesystem::path& field) { field = value.as_string(); }

void from_value(const Value& value, PathOrNumber& field) {
  if (value.is_number()) {
    field = value.as_number();
  } else {
    field = std::filesystem::path(value.as_string());
  }
}

void from_value(const Value& value, std::map<std::string, std::string>& field) {
  field.clear();
  for (const auto& [key, text] : value.as_table()) field[key] = text.as_string();
}

void from_value(const Value& value, PluginChoice& field) {
  field = {};
  if (value.is_null()) return;
  Value::Table options;
  for (const auto& [key, option] : value.as_table()) {
    if (key == "plugin") {
      field.plugin = option.as_string();
    } else {
      options.emplace_back(key, option);
    }
  }
  field.options = std::move(options);
  field.options.place = value.place;
}

}  // namespace temper
