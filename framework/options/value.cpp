// Value: typed access with messages, members of tables in their order, equality.
#include <temper/value.h>

#include <algorithm>
#include <cmath>

namespace temper {

namespace {

[[noreturn]] void wrong_type(const Value& value, const char* wanted) {
  throw Error({Problem{value.place, std::string("found ") + value.type_name() + ", wanted " + wanted, {}}});
}

}  // namespace

bool Value::as_bool() const {
  if (const bool* value = std::get_if<bool>(&data_)) return *value;
  wrong_type(*this, "true or false");
}

std::int64_t Value::as_integer() const {
  if (const std::int64_t* value = std::get_if<std::int64_t>(&data_)) return *value;
  wrong_type(*this, "an integer");
}

double Value::as_number() const {
  if (const double* value = std::get_if<double>(&data_)) return *value;
  if (const std::int64_t* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  wrong_type(*this, "a number");
}

const std::string& Value::as_string() const {
  if (const std::string* value = std::get_if<std::string>(&data_)) return *value;
  wrong_type(*this, "a string");
}

const Value::Array& Value::as_array() const {
  if (const Array* value = std::get_if<Array>(&data_)) return *value;
  wrong_type(*this, "an array");
}

const Value::Table& Value::as_table() const {
  if (const Table* value = std::get_if<Table>(&data_)) return *value;
  wrong_type(*this, "a table");
}

Value::Array& Value::as_array() { return const_cast<Array&>(static_cast<const Value&>(*this).as_array()); }
Value::Table& Value::as_table() { return const_cast<Table&>(static_cast<const Value&>(*this).as_table()); }

const Value* Value::find(std::string_view key) const {
  const Table* table = std::get_if<Table>(&data_);
  if (!table) return nullptr;
  for (const auto& [name, value] : *table)
    if (name == key) return &value;
  return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(static_cast<const Value&>(*this).find(key)); }

const Value* Value::find_path(std::string_view path) const {
  const Value* value = this;
  while (value) {
    const std::size_t dot = path.find('.');
    value = value->find(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return value;
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Table();
  Table& table = as_table();
  for (auto& [name, present] : table)
    if (name == key) return present = std::move(value);
  return table.emplace_back(std::string(key), std::move(value)).second;
}

Value& Value::set_path(std::string_view path, Value value) {
  Value* table = this;
  for (std::size_t dot; (dot = path.find('.')) != std::string_view::npos; path.remove_prefix(dot + 1)) {
    const std::string_view key = path.substr(0, dot);
    Value* next = table->find(key);
    table = next ? next : &table->set(key, Table());
  }
  return table->set(path, std::move(value));
}

bool Value::erase(std::string_view key) {
  Table* table = std::get_if<Table>(&data_);
  if (!table) return false;
  const auto found = std::find_if(table->begin(), table->end(), [&](const auto& member) { return member.first == key; });
  if (found == table->end()) return false;
  table->erase(found);
  return true;
}

const char* Value::type_name() const {
  switch (data_.index()) {
    case 0: return "nothing";
    case 1: return "a truth value";
    case 2: return "an integer";
    case 3: return "a float";
    case 4: return "a string";
    case 5: return "an array";
    default: return "a table";
  }
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_float() && b.is_float()) {
    const double x = a.as_number(), y = b.as_number();
    return x == y || (std::isnan(x) && std::isnan(y));
  }
  return a.data_ == b.data_;
}

}  // namespace temper
