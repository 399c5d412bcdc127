// See declared_options.h.
#include "cli/declared_options.h"

#include <charconv>

#include <temper/error.h>

namespace temper::cli {

namespace {

std::string dashed(std::string name) {
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

template <class T>
Value number(const std::string& text, const std::string& name, const std::string& where, const char* wanted) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw Error(where + ": --" + dashed(name) + " is \"" + text + "\", it must be " + wanted);
  return Value(value);
}

std::string help_of(const OptionSpec& spec) {
  std::string help = spec.help;
  if (spec.array_depth > 0) return help + " May be given several times.";
  if (spec.type != OptionType::kBool && !spec.default_value.is_null()) help += " (default: " + (spec.default_value.is_string() ? spec.default_value.as_string() : to_json(spec.default_value)) + ")";
  return help;
}

}  // namespace

DeclaredOptions::DeclaredOptions(AnyOptions& options) : options_(options), schema_(declared(options)), given_(schema_.size()) {}

void DeclaredOptions::declare(CommandLine& line) {
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const OptionSpec& spec = schema_[i];
    if (spec.array_depth > 0) line.list(dashed(spec.name), given_[i].texts, "TEXT", help_of(spec));
    else if (spec.type == OptionType::kBool) line.flag(dashed(spec.name), given_[i].flag, help_of(spec));
    else line.option(dashed(spec.name), given_[i].text, spec.type == OptionType::kInteger ? "N" : spec.type == OptionType::kFloat ? "X" : "TEXT", help_of(spec));
  }
}

void DeclaredOptions::read(const std::string& where) {
  Value table{Value::Table{}};
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const OptionSpec& spec = schema_[i];
    const Given& given = given_[i];
    if (!given.texts.empty()) table.set(spec.name, Value(Value::Array(given.texts.begin(), given.texts.end())));
    if (given.flag) table.set(spec.name, true);
    if (given.text.empty()) continue;
    if (spec.type == OptionType::kInteger) table.set(spec.name, number<std::int64_t>(given.text, spec.name, where, "an integer"));
    else if (spec.type == OptionType::kFloat) table.set(spec.name, number<double>(given.text, spec.name, where, "a number"));
    else table.set(spec.name, given.text);
  }
  Problems problems;
  const Value all = checked(schema_, table, where, problems);
  problems.throw_if_any();
  fill(options_, all);
}

std::vector<std::string> DeclaredOptions::arguments() const {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < schema_.size(); ++i) {
    const std::string name = "--" + dashed(schema_[i].name);
    if (given_[i].flag) arguments.push_back(name);
    if (!given_[i].text.empty()) arguments.push_back(name + "=" + given_[i].text);
    for (const std::string& text : given_[i].texts) arguments.push_back(name + "=" + text);
  }
  return arguments;
}

}  // namespace temper::cli
