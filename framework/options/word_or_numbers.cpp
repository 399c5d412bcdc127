// See word_or_numbers.h.
#include <temper/word_or_numbers.h>

namespace temper {

Value to_value(const WordOrNumbers& field) {
  if (!field.word.empty()) return field.word;
  Value::Table table;
  for (const auto& [name, number] : field.numbers) table.emplace_back(name, number);
  return table;
}

void from_value(const Value& value, WordOrNumbers& field) {
  field = {};
  if (value.is_string()) {
    field.word = value.as_string();
    return;
  }
  for (const auto& [name, number] : value.as_table()) field.numbers[name] = number.as_number();
}

}  // namespace temper
