// What can be wrong with a declaration of options itself, whatever values are given.
#include <temper/options.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace temper {

namespace {

bool is_name(const std::string& name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

void check_names(const OptionSchema& schema, const std::vector<std::string>& reserved, const std::string& where, Problems& problems) {
  std::set<std::string> seen;
  for (const OptionSpec& spec : schema) {
    std::vector<std::string> names = spec.aliases;
    names.insert(names.begin(), spec.name);
    for (const std::string& name : names) {
      if (!is_name(name)) problems.add({}, where + " declares an option \"" + name + "\", which is no name", "use letters, digits and \"_\"");
      if (!seen.insert(name).second) problems.add({}, where + " declares the option \"" + name + "\" twice");
      if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
        problems.add({}, where + " declares the option \"" + name + "\", which has a meaning of its own in this table", "call it otherwise");
    }
    if (spec.type == OptionType::kTable) check_names(spec.children, {}, where + ": " + spec.name, problems);
  }
}

// What a table without the required options would make of the defaults.
OptionSchema without_required(OptionSchema schema) {
  std::erase_if(schema, [](const OptionSpec& spec) { return spec.is_required; });
  for (OptionSpec& spec : schema) spec.children = without_required(std::move(spec.children));
  return schema;
}

void collect_defaults(const OptionSchema& schema, Value& table) {
  for (const OptionSpec& spec : schema) {
    if (spec.type == OptionType::kTable) {
      Value inner = Value::Table();
      collect_defaults(spec.children, inner);
      table.set(spec.name, std::move(inner));
    } else if (!spec.default_value.is_null()) {
      table.set(spec.name, spec.default_value);
    }
  }
}

}  // namespace

void check_declaration(const OptionSchema& schema, const std::vector<std::string>& reserved, const std::string& where, Problems& problems) {
  Problems names;
  check_names(schema, reserved, where, names);
  for (const Problem& problem : names.all()) problems.add(problem.place, problem.what, problem.remedy);
  if (!names.empty()) return;
  const OptionSchema given = without_required(schema);
  Value defaults = Value::Table();
  collect_defaults(given, defaults);
  Problems values;
  checked(given, defaults, "", values);
  for (const Problem& problem : values.all()) problems.add({}, where + " has a default that it rejects itself: " + problem.what);
}

}  // namespace temper
