// See option_reader.h.
#include "study/option_reader.h"

#include "study/option_paths.h"

#include <algorithm>

namespace temper::study {

const OptionSpec* find_option(const OptionSchema& schema, std::string_view key) {
  for (const OptionSpec& spec : schema)
    if (spec.name == key || std::find(spec.aliases.begin(), spec.aliases.end(), key) != spec.aliases.end()) return &spec;
  return nullptr;
}

std::string plugin_name(const std::string& kind, const std::string& given) {
  return given.starts_with(kind + '/') ? given.substr(kind.size() + 1) : given;
}

OptionSchema nested_schema(const Schemas& schemas, const std::string& kind, const std::string& given) {
  const OptionSchema own = schemas.schema(kind, plugin_name(kind, given));
  OptionSpec plugin;
  plugin.name = "plugin";
  plugin.help = "The plugin.";
  plugin.is_required = true;
  OptionSchema schema = {plugin};
  schema.insert(schema.end(), own.begin(), own.end());
  return schema;
}

void add_error(Problems& problems, const Place& place, const std::string& subject, const Error& error) {
  for (const Problem& problem : error.problems()) {
    if (problem.place.line > 0 && problem.place.file == place.file) problems.add(problem.place, subject + problem.what, problem.remedy);
    else problems.add(place, subject + describe(Problem{problem.place, problem.what, {}}), problem.remedy);
  }
}

int array_depth(const Value& value) {
  if (!value.is_array()) return 0;
  int depth = 0;
  for (const Value& element : value.as_array()) depth = std::max(depth, array_depth(element));
  return depth + 1;
}

namespace {

bool is_axis(const OptionSpec& spec, const Value& value) { return value.is_array() && array_depth(value) > spec.array_depth; }

bool has_children(const OptionSpec& spec) {
  if (spec.array_depth > 0) return false;
  // A map that may be a word has no members to vary: an axis of it lists whole values.
  return spec.type == OptionType::kTable || spec.type == OptionType::kPlugin || (spec.type == OptionType::kStringMap && spec.choices.empty());
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + '.' + key; }

}  // namespace

OptionReader::Name OptionReader::Name::below(const std::string& key) const {
  Name name = *this;
  name.shown.push_back(key);
  name.path = study::below(path, key);
  return name;
}

Value OptionReader::read(const OptionSchema& schema, const Value& table, const std::string& where, const std::string& prefix, const std::string& more) {
  Value result = checked(schema, table, where, problems_, more);
  complete(schema, result, prefix);
  return result;
}

void OptionReader::complete(const OptionSchema& schema, Value& table, const std::string& path) {
  for (const OptionSpec& spec : schema)
    if (Value* value = table.find(spec.name)) complete(spec, spec.array_depth, *value, below(path, spec.name));
}

void OptionReader::complete(const OptionSpec& spec, int depth, Value& value, const std::string& path) {
  if (depth > 0) {
    if (value.is_array())
      for (Value& element : value.as_array()) complete(spec, depth - 1, element, path);
    return;
  }
  if (spec.type == OptionType::kTable && value.is_table()) return complete(spec.children, value, path);
  if (spec.type == OptionType::kPlugin && value.is_table()) return complete_plugin(spec, value, path);
  if (spec.type != OptionType::kPath || !value.is_string()) return;
  const Variable& variable = surroundings_.variable ? surroundings_.variable : Variable(environment_variable);
  try {
    const auto& find = path == "model.checkpoint" ? find_model : find_input;
    Value found = find(value.as_string(), folder_, variable).string();
    found.place = value.place;
    value = std::move(found);
  } catch (const Error& error) {
    // find_input speaks of the value ("is ..."), find_checkpoint in a whole sentence.
    const std::string& what = error.problems().front().what;
    const bool continues = what.starts_with("is ") || what.starts_with("has ") || what.starts_with("needs ");
    add_error(problems_, value.place, path + (continues ? " " : ": "), error);
  }
}

void OptionReader::complete_plugin(const OptionSpec& spec, Value& value, const std::string& path) {
  Value* plugin = value.find("plugin");
  if (!plugin || !plugin->is_string()) return;  // reported by `checked`
  try {
    const OptionSchema schema = nested_schema(surroundings_.schemas, spec.plugin_kind, plugin->as_string());
    const Place place = plugin->place;
    *plugin = plugin_name(spec.plugin_kind, plugin->as_string());
    plugin->place = place;
    const std::string name = plugin->as_string();
    Value own = read(schema, value, path, path, "all options: temper plugins " + name);
    own.place = value.place;
    value = std::move(own);
  } catch (const Error& error) {
    add_error(problems_, plugin->place, path + ".plugin: ", error);
  }
}

OptionSchema OptionReader::children_of(const OptionSpec& spec, const Value* value) {
  if (spec.type == OptionType::kTable) return spec.children;
  OptionSchema children;
  if (spec.type == OptionType::kStringMap && value && value->is_table()) {
    for (const auto& [key, text] : value->as_table()) children.emplace_back().name = key;
  } else if (spec.type == OptionType::kPlugin && value && value->is_table()) {
    const Value* plugin = value->find("plugin");
    if (!plugin || !plugin->is_string()) return children;
    try {
      children = nested_schema(surroundings_.schemas, spec.plugin_kind, plugin->as_string());
    } catch (const Error&) {  // reported when the table is read
    }
  }
  return children;
}

std::vector<Axis> OptionReader::take_axes(const OptionSchema& schema, Value& table) {
  std::vector<Axis> axes;
  take_axes(schema, table, {}, axes);
  return axes;
}

void OptionReader::take_axes(const OptionSchema& schema, Value& table, const Name& name, std::vector<Axis>& axes) {
  for (auto& [key, value] : table.as_table()) {
    const OptionSpec* spec = find_option(schema, key);
    if (!spec) continue;  // reported when the table is read
    if (is_axis(*spec, value)) {
      const Value list = std::move(value);
      const std::size_t before = axes.size();
      add_axis(*spec, list, name.below(spec->name), axes);
      value = axes.size() > before ? axes.back().values.front() : Value();
      value.place = list.place;
    } else if (has_children(*spec) && value.is_table()) {
      take_axes(children_of(*spec, &value), value, name.below(spec->name), axes);
    }
  }
}

void OptionReader::read_sweep(const OptionSchema& schema, const Value& entries, const Value& base, const std::string& prefix, bool is_bare,
                              std::vector<Axis>& axes) {
  Name name{{"sweep"}, prefix};
  if (!is_bare) name.shown.push_back(prefix);
  read_sweep(schema, entries, &base, name, axes);
}

void OptionReader::read_sweep(const OptionSchema& schema, const Value& entries, const Value* base, const Name& name, std::vector<Axis>& axes) {
  for (const auto& [key, value] : entries.as_table()) {
    const OptionSpec* spec = find_option(schema, key);
    const std::string table = name.path.substr(0, name.path.find('.'));
    if (!spec) {
      std::vector<std::string> spellings;
      for (const OptionSpec& known : schema) {
        spellings.push_back(known.name);
        spellings.insert(spellings.end(), known.aliases.begin(), known.aliases.end());
      }
      const std::string remedy = did_you_mean(key, spellings);
      const std::string owner = name.path == "model.config" ? "the plugin of [model]" : '[' + name.path + ']';
      problems_.add(value.place, joined(name.shown) + '.' + key + ": " + owner + " has no option \"" + key + '"', remedy);
      continue;
    }
    const Name full = name.below(spec->name);
    const Value* inner = base && base->is_table() ? base->find(spec->name) : nullptr;
    if (is_axis(*spec, value)) {
      if (key == "plugin" && spec->name == key) {
        problems_.add(value.place, joined(full.shown) + ": a plugin cannot be an axis, since each has options of its own");
      } else {
        add_axis(*spec, value, full, axes);
      }
    } else if (has_children(*spec) && value.is_table()) {
      read_sweep(children_of(*spec, spec->type == OptionType::kStringMap ? &value : inner), value, inner, full, axes);
    } else if (value.is_array()) {
      problems_.add(value.place, joined(full.shown) + " is one value of an option that takes an array", "an axis of it is an array of arrays: [[...], [...]]");
    } else {
      problems_.add(value.place, joined(full.shown) + " is " + (value.is_table() ? value.type_name() : to_toml(value)) + ", it must be an array of the values to try",
                    value.is_table() ? std::string() : "write [" + to_toml(value) + "], or put it into [" + table + ']');
    }
  }
}

void OptionReader::add_axis(const OptionSpec& spec, const Value& list, const Name& name, std::vector<Axis>& axes) {
  const std::string shown = joined(name.shown);
  for (const Axis& other : axes) {
    const bool overlap = (other.path + '.').starts_with(name.path + '.') || (name.path + '.').starts_with(other.path + '.');
    if (!overlap) continue;
    problems_.add(list.place, shown + ": " + name.path + " is an axis already" + (other.path == name.path ? "" : " as " + other.path), "keep one of them");
    return;
  }
  if (list.as_array().empty()) {
    problems_.add(list.place, shown + " is an empty array, an axis needs at least one value");
    return;
  }
  if (!spec.counts_for_identity) {
    problems_.add(list.place, shown + " cannot be an axis, since it changes how a trial runs and not what comes out", "give it one value");
    return;
  }
  Axis axis{name.path, {}};
  for (const Value& element : list.as_array()) {
    Value value = read_one(spec, element, name);
    if (value.is_null()) continue;
    if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
      const bool is_simple = !element.is_table() && !element.is_array();
      problems_.add(element.place, shown + " has " + (is_simple ? to_toml(element) : "a value") + " twice", "leave one of them out");
      continue;
    }
    axis.values.push_back(std::move(value));
  }
  if (!axis.values.empty()) axes.push_back(std::move(axis));
}

// Checks one value in the shape of the tables above it, so that messages name the option by its path.
Value OptionReader::read_one(const OptionSpec& spec, const Value& value, const Name& name) {
  OptionSchema schema = {spec};
  schema.front().is_required = false;
  Value table = Value::Table{{spec.name, value}};
  for (std::size_t i = name.shown.size() - 1; i-- > 0;) {
    OptionSpec outer;
    outer.name = name.shown[i];
    outer.type = OptionType::kTable;
    outer.children = std::move(schema);
    schema = {std::move(outer)};
    table = Value::Table{{name.shown[i], std::move(table)}};
  }
  Problems found;
  Value result = checked(schema, table, {}, found);
  if (!found.empty()) {
    problems_.add(Error(found.all()));
    return {};
  }
  for (const std::string& part : name.shown) {
    Value inner = *result.find(part);
    result = std::move(inner);
  }
  complete(spec, spec.array_depth, result, name.path);
  return result;
}

}  // namespace temper::study
