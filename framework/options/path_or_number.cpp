// The option type of `validation`: a path, or a number in its place.
#include <temper/options.h>

namespace temper {

Value to_value(const PathOrNumber& field) {
  if (const double* number = std::get_if<double>(&field)) return *number;
  return to_value(std::get<std::filesystem::path>(field));
}

void from_value(const Value& value, PathOrNumber& field) {
  if (value.is_number()) field = value.as_number();
  else if (value.is_string()) field = std::filesystem::path(value.as_string());
  else throw Error({{value.place, std::string("expected a path or a number, found ") + value.type_name(), {}}});
}

}  // namespace temper
