// Registry::check: the options of a plugin and of the plugins that it holds.
#include "registry/registry.h"

#include <functional>

namespace temper::registry {

namespace {

using CheckPlugin = std::function<Value(const OptionSpec& spec, const Value& choice, const std::string& where)>;

std::string inner_where(const std::string& where, const std::string& name) {
  const bool is_header = where.size() > 2 && where.front() == '[' && where[1] != '[' && where.back() == ']';
  return is_header ? where.substr(0, where.size() - 1) + '.' + name + ']' : name + " of " + where;
}

Value check_choice(const OptionSpec& spec, const Value& value, const std::string& where, const CheckPlugin& check) {
  if (!value.is_array()) return check(spec, value, where);
  Value result = Value::Array();
  result.place = value.place;
  for (const Value& element : value.as_array()) result.as_array().push_back(check_choice(spec, element, where, check));
  return result;
}

// Replaces every choice of a plugin in `table` by its checked form.
void check_inside(const OptionSchema& schema, Value& table, const std::string& where, const CheckPlugin& check) {
  for (const OptionSpec& spec : schema) {
    Value* value = table.find(spec.name);
    if (!value) continue;
    if (spec.type == OptionType::kTable && value->is_table()) check_inside(spec.children, *value, inner_where(where, spec.name), check);
    if (spec.type == OptionType::kPlugin) *value = check_choice(spec, *value, inner_where(where, spec.name), check);
  }
}

}  // namespace

Value Registry::check(std::string_view kind, std::string_view name, const Value& options, const std::string& where, Problems& problems) const {
  const Plugin& plugin = find(kind, name);
  const OptionSchema& schema = describe(plugin);
  Value result = checked(schema, options, where, problems, "all options: temper plugins " + plugin.name());
  check_inside(schema, result, where, [&](const OptionSpec& spec, const Value& choice, const std::string& inner) {
    const Value* inner_name = choice.find("plugin");
    if (!inner_name || !inner_name->is_string()) return choice;  // reported already
    Value rest = choice;
    rest.erase("plugin");
    Value complete = Value::Table();
    complete.place = choice.place;
    complete.set("plugin", *inner_name);
    try {
      const Value inside = check(spec.plugin_kind, inner_name->as_string(), rest, inner, problems);
      for (const auto& [key, value] : inside.as_table()) complete.set(key, value);
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) problems.add(inner_name->place, temper::describe(Problem{problem.place, problem.what, {}}), problem.remedy);
    }
    return complete;
  });
  return result;
}

}  // namespace temper::registry
