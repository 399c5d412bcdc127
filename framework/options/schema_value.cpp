// Option schemas as Values: what crosses from the process that loads a plugin to the one that must not, and what is cached.
#include <temper/options.h>

#include <array>
#include <limits>

namespace temper {

namespace {

constexpr std::array<const char*, 8> kTypeNames = {"bool", "integer", "float", "string", "path", "table", "plugin", "map"};

Value strings(const std::vector<std::string>& words) { return Value(Value::Array(words.begin(), words.end())); }

std::vector<std::string> strings(const Value& value) {
  std::vector<std::string> words;
  for (const Value& word : value.as_array()) words.push_back(word.as_string());
  return words;
}

OptionType type_named(const Value& name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i)
    if (name.as_string() == kTypeNames[i]) return static_cast<OptionType>(i);
  throw Error({Problem{name.place, "no option type is called \"" + name.as_string() + '"', {}}});
}

// What has its initial state is left out.
Value spec_to_value(const OptionSpec& spec) {
  Value value = Value::Table();
  value.set("name", spec.name);
  value.set("help", spec.help);
  value.set("type", kTypeNames.at(static_cast<std::size_t>(spec.type)));
  if (spec.array_depth) value.set("array_depth", spec.array_depth);
  if (spec.is_optional) value.set("optional", true);
  if (spec.is_required) value.set("required", true);
  if (!spec.default_value.is_null()) value.set("default", spec.default_value);
  if (spec.minimum) value.set(spec.minimum_is_exclusive ? "above" : "at_least", *spec.minimum);
  if (spec.maximum) value.set(spec.maximum_is_exclusive ? "below" : "at_most", *spec.maximum);
  if (!spec.choices.empty()) value.set("choices", strings(spec.choices));
  if (!spec.aliases.empty()) value.set("aliases", strings(spec.aliases));
  if (!spec.unit.empty()) value.set("unit", spec.unit);
  if (spec.or_number) value.set("or_number", true);
  if (spec.scalar_means_each) value.set("scalar_means_each", true);
  if (!spec.plugin_kind.empty()) value.set("plugin_kind", spec.plugin_kind);
  if (!spec.counts_for_identity) value.set("counts_for_identity", false);
  if (spec.type == OptionType::kTable) value.set("children", to_value(spec.children));
  return value;
}

OptionSpec spec_from_value(const Value& value) {
  OptionSpec spec;
  for (const auto& [key, member] : value.as_table()) {
    if (key == "name") spec.name = member.as_string();
    else if (key == "help") spec.help = member.as_string();
    else if (key == "type") spec.type = type_named(member);
    else if (key == "array_depth") spec.array_depth = static_cast<int>(member.as_integer());
    else if (key == "optional") spec.is_optional = member.as_bool();
    else if (key == "required") spec.is_required = member.as_bool();
    else if (key == "default") spec.default_value = member;
    else if (key == "at_least") spec.at_least(member.as_number());
    else if (key == "above") spec.above(member.as_number());
    else if (key == "at_most") spec.at_most(member.as_number());
    else if (key == "below") spec.below(member.as_number());
    else if (key == "choices") spec.choices = strings(member);
    else if (key == "aliases") spec.aliases = strings(member);
    else if (key == "unit") spec.unit = member.as_string();
    else if (key == "or_number") spec.or_number = member.as_bool();
    else if (key == "scalar_means_each") spec.scalar_means_each = member.as_bool();
    else if (key == "plugin_kind") spec.plugin_kind = member.as_string();
    else if (key == "counts_for_identity") spec.counts_for_identity = member.as_bool();
    else if (key == "children") spec.children = schema_from_value(member);
    else throw Error({Problem{member.place, "an option's description has no field \"" + key + '"', {}}});
  }
  // JSON has no infinities and NaNs: to_json writes them as words.
  if (spec.type == OptionType::kFloat && spec.default_value.is_string()) {
    const std::string& word = spec.default_value.as_string();
    const double infinity = std::numeric_limits<double>::infinity();
    spec.default_value = word == "Infinity" ? infinity : word == "-Infinity" ? -infinity : std::numeric_limits<double>::quiet_NaN();
  }
  return spec;
}

}  // namespace

Value to_value(const OptionSchema& schema) {
  Value::Array array;
  for (const OptionSpec& spec : schema) array.push_back(spec_to_value(spec));
  return array;
}

OptionSchema schema_from_value(const Value& value) {
  OptionSchema schema;
  for (const Value& spec : value.as_array()) schema.push_back(spec_from_value(spec));
  return schema;
}

}  // namespace temper
