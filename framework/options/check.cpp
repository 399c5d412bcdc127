// Checks a table against declared options and completes it with their defaults; finds every problem, not only the first.
#include <temper/options.h>

#include <algorithm>
#include <cmath>

namespace temper {

namespace {

constexpr std::size_t kFewOptions = 12;  // so many names still make a readable line

// "at least 1", "above 0 and at most 1"
std::string bounds_text(const OptionSpec& spec) {
  std::string text;
  if (spec.minimum) text = (spec.minimum_is_exclusive ? "above " : "at least ") + to_toml(*spec.minimum);
  if (spec.maximum) {
    if (!text.empty()) text += " and ";
    text += (spec.maximum_is_exclusive ? "below " : "at most ") + to_toml(*spec.maximum);
  }
  for (std::size_t i; (i = text.find(".0 ")) != std::string::npos;) text.erase(i, 2);  // "at least 1.0 and" reads as a float
  if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) text.erase(text.size() - 2);
  return text;
}

bool is_within(const OptionSpec& spec, double number) {
  if (spec.minimum && !(spec.minimum_is_exclusive ? number > *spec.minimum : number >= *spec.minimum)) return false;
  if (spec.maximum && !(spec.maximum_is_exclusive ? number < *spec.maximum : number <= *spec.maximum)) return false;
  return true;
}

std::string shown(const Value& value) {
  if (value.is_null() || value.is_array() || value.is_table()) return value.type_name();
  std::string text = to_toml(value);
  if (text.size() > 60) {
    text.resize(60);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    text += "...";
  }
  return text;
}

bool takes_number(const OptionSpec& spec) { return spec.or_number && spec.type != OptionType::kStringMap; }

const char* wanted(const OptionSpec& spec) {
  if (takes_number(spec)) return spec.type == OptionType::kPath ? "a path, which is a string, or a number" : "a string or a number";
  if (spec.scalar_means_each && spec.array_depth == 0) return "a table, or a value for each of its options";
  switch (spec.type) {
    case OptionType::kBool: return "true or false";
    case OptionType::kInteger: return "an integer";
    case OptionType::kFloat: return "a number";
    case OptionType::kString: return "a string";
    case OptionType::kPath: return "a path, which is a string";
    case OptionType::kTable: return "a table";
    case OptionType::kPlugin: return "a table with the key \"plugin\"";
    default: return spec.or_number ? "a string or a table of numbers" : "a table of strings";
  }
}

bool has_type(const OptionSpec& spec, const Value& value) {
  if (takes_number(spec) && value.is_number()) return true;
  if (spec.type == OptionType::kStringMap && !spec.choices.empty() && value.is_string()) return true;
  switch (spec.type) {
    case OptionType::kBool: return value.is_bool();
    case OptionType::kInteger: return value.is_integer();
    case OptionType::kFloat: return value.is_number();
    case OptionType::kString:
    case OptionType::kPath: return value.is_string();
    default: return value.is_table();
  }
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "\"" : ", \"") + word + '"';
  return text;
}

class Checker {
 public:
  Checker(const std::string& where, const std::string& more, Problems& problems) : where_(where), more_(more), problems_(problems) {}

  // `path` is that of `table` below the one that was asked for: "lora.".
  Value table(const OptionSchema& schema, const Value& table, const std::string& path) {
    Value result = Value::Table();
    result.place = table.place;
    report_unknown(schema, table, path);
    for (const OptionSpec& spec : schema) {
      const Value* given = find_given(spec, table, path);
      if (given && !given->is_null()) {
        add(result, spec, option(spec, *given, path + spec.name));
      } else if (spec.is_required) {
        problems_.add(table.place, owner(path) + " needs the option \"" + spec.name + '"', add_it(spec));
      } else if (spec.type == OptionType::kTable) {
        Value nothing = Value::Table();
        nothing.place = table.place;
        add(result, spec, this->table(spec.children, nothing, path + spec.name + '.'));
      } else {
        add(result, spec, spec.default_value);
      }
    }
    return result;
  }

 private:
  static void add(Value& table, const OptionSpec& spec, Value value) {
    if (!value.is_null()) table.as_table().emplace_back(spec.name, std::move(value));
  }

  bool names_a_table() const { return where_.size() > 2 && where_.front() == '[' && where_[1] != '[' && where_.back() == ']'; }

  // What a message about a missing or unknown option begins with: "[training]", "[strategy.lora]", "lora".
  std::string owner(const std::string& path) const {
    if (path.empty()) return where_;
    const std::string inner = path.substr(0, path.size() - 1);
    return names_a_table() ? where_.substr(0, where_.size() - 1) + '.' + inner + ']' : inner + " of " + where_;
  }

  // What a message about a value begins with: "training.learning_rate", or "lora.r" where the place says the rest.
  std::string subject(const Value& value, const std::string& path) const {
    if (names_a_table()) return where_.substr(1, where_.size() - 2) + '.' + path;
    return value.place.line > 0 || where_.empty() ? path : where_ + ": " + path;
  }

  std::string add_it(const OptionSpec& spec) const {
    std::string text = "add " + spec.name + " = ";
    text += spec.type == OptionType::kString || spec.type == OptionType::kPath ? "\"...\"" : "...";
    return spec.help.empty() ? text : text + "  # " + spec.help;
  }

  void report_unknown(const OptionSchema& schema, const Value& table, const std::string& path) {
    for (const auto& [key, value] : table.as_table()) {
      const bool known = std::any_of(schema.begin(), schema.end(), [&key = key](const OptionSpec& spec) {
        return spec.name == key || std::find(spec.aliases.begin(), spec.aliases.end(), key) != spec.aliases.end();
      });
      if (known) continue;
      std::vector<std::string> names, spellings;
      for (const OptionSpec& spec : schema) {
        names.push_back(spec.name);
        spellings.push_back(spec.name);
        spellings.insert(spellings.end(), spec.aliases.begin(), spec.aliases.end());
      }
      std::string remedy = did_you_mean(key, spellings);
      if (remedy.empty() && names.empty()) remedy = "it has no options";
      if (remedy.empty() && names.size() <= kFewOptions) remedy = "its options are " + quoted_list(names);
      if (!more_.empty()) remedy += (remedy.empty() ? "" : remedy.ends_with('?') ? " " : ". ") + more_;
      problems_.add(value.place, owner(path) + " has no option \"" + key + '"', remedy);
    }
  }

  // The value under the option's name or one of its aliases; more than one of them is a problem.
  const Value* find_given(const OptionSpec& spec, const Value& table, const std::string& path) {
    const Value* given = table.find(spec.name);
    std::string spelling = spec.name;
    for (const std::string& alias : spec.aliases) {
      const Value* other = table.find(alias);
      if (!other) continue;
      if (given) {
        problems_.add(other->place, '"' + alias + "\" is another name of \"" + spelling + "\", and " + owner(path) + " has both",
                      "keep one of them");
      } else {
        given = other;
        spelling = alias;
      }
    }
    return given;
  }

  // The value as it is to be stored; null after a problem.
  Value option(const OptionSpec& spec, const Value& value, const std::string& path) {
    if (spec.array_depth > 0) return array(spec, spec.scalar_means_each ? as_array(value) : value, path, spec.array_depth);
    return scalar(spec, value, path);
  }

  static Value as_array(const Value& value) {
    if (value.is_array() || value.is_table()) return value;
    Value result = Value::Array{value};
    result.place = value.place;
    return result;
  }

  Value array(const OptionSpec& spec, const Value& value, const std::string& path, int depth) {
    if (depth == 0) return scalar(spec, value, path);
    if (!value.is_array()) {
      problems_.add(value.place, subject(value, path) + " is " + shown(value) + ", it must be an array",
                    value.is_table() ? "" : "write [" + to_toml(value) + "]");
      return {};
    }
    Value result = Value::Array();
    result.place = value.place;
    for (std::size_t i = 0; i < value.as_array().size(); ++i)
      result.as_array().push_back(array(spec, value.as_array()[i], path + '[' + std::to_string(i) + ']', depth - 1));
    return result;
  }

  Value scalar(const OptionSpec& spec, const Value& value, const std::string& path) {
    if (spec.scalar_means_each && spec.array_depth == 0 && !value.is_table() && !value.is_array()) return table(spec.children, repeated(spec, value), path + '.');
    if (!has_type(spec, value)) {
      std::string remedy;
      if (value.is_array() && where_.starts_with('['))
        remedy = "to try several values, put them into [sweep]";
      else if (spec.type == OptionType::kPlugin && value.is_string())
        remedy = "write { plugin = " + to_toml(value) + " }";
      problems_.add(value.place, subject(value, path) + " is " + shown(value) + ", it must be " + wanted(spec), remedy);
      return {};
    }
    if (takes_number(spec) && value.is_number()) return number(spec, value, path);
    switch (spec.type) {
      case OptionType::kTable: return table(spec.children, value, path + '.');
      case OptionType::kPlugin: return plugin(value, path);
      case OptionType::kStringMap: return value.is_string() ? text(spec, value, path) : spec.or_number ? numbers(spec, value, path) : string_map(value, path);
      case OptionType::kInteger:
      case OptionType::kFloat: return number(spec, value, path);
      case OptionType::kString: return text(spec, value, path);
      default: return value;
    }
  }

  static Value repeated(const OptionSpec& spec, const Value& value) {
    Value table = Value::Table();
    for (const OptionSpec& child : spec.children) table.set(child.name, value);
    table.place = value.place;
    return table;
  }

  Value number(const OptionSpec& spec, const Value& value, const std::string& path) {
    if (std::isinf(value.as_number()))  // within many bounds, meant by nobody, and no number in JSON
      problems_.add(value.place, subject(value, path) + " is " + to_toml(value) + ", it must be finite");
    else if (!is_within(spec, value.as_number()))
      problems_.add(value.place, subject(value, path) + " is " + to_toml(value) + ", it must be " + bounds_text(spec));
    if (spec.type == OptionType::kInteger || value.is_float()) return value;
    Value result = value.as_number();
    result.place = value.place;
    return result;
  }

  Value numbers(const OptionSpec& spec, const Value& value, const std::string& path) {
    Value result = Value::Table();
    result.place = value.place;
    for (const auto& [key, member] : value.as_table()) {
      const std::string inner = path + '.' + key;
      if (member.is_number()) result.set(key, number(spec, member, inner)).place = member.place;
      else problems_.add(member.place, subject(member, inner) + " is " + shown(member) + ", it must be a number");
    }
    return result;
  }

  Value text(const OptionSpec& spec, const Value& value, const std::string& path) {
    const std::vector<std::string>& choices = spec.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), value.as_string()) == choices.end())
      problems_.add(value.place, subject(value, path) + " is " + shown(value) + ", it must be " +
                    (choices.size() == 1 ? "" : "one of ") + quoted_list(choices), did_you_mean(value.as_string(), choices));
    return value;
  }

  Value plugin(const Value& value, const std::string& path) {
    const Value* name = value.find("plugin");
    if (!name) {
      problems_.add(value.place, subject(value, path) + " lacks the key \"plugin\"", "write { plugin = \"...\" }");
    } else if (!name->is_string()) {
      problems_.add(name->place, subject(value, path) + ".plugin is " + shown(*name) + ", it must be a string");
    }
    return value;
  }

  Value string_map(const Value& value, const std::string& path) {
    for (const auto& [key, text] : value.as_table())
      if (!text.is_string())
        problems_.add(text.place, subject(value, path) + '.' + key + " is " + shown(text) + ", it must be a string");
    return value;
  }

  const std::string& where_;
  const std::string& more_;
  Problems& problems_;
};

}  // namespace

Value checked(const OptionSchema& schema, const Value& table, const std::string& where, Problems& problems, const std::string& more) {
  Value nothing = Value::Table();
  nothing.place = table.place;
  if (!table.is_table() && !table.is_null())
    problems.add(table.place, where + " is " + table.type_name() + ", it must be a table");
  return Checker(where, more, problems).table(schema, table.is_table() ? table : nothing, {});
}

}  // namespace temper
