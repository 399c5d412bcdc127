// Options are declared once, in the `visit` of a plain struct; reading from TOML, checks, "did you mean", the reference
// page, `temper plugins NAME` and the HDF5 attributes all come from that one declaration.
//
//   struct Options {
//     int k = 10;                       // the initial value is the default
//     void visit(temper::OptionVisitor& v) { v.option("k", k, "How many retrieved passages count.").at_least(1); }
//   };
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <temper/value.h>

namespace temper {

enum class OptionType { kBool, kInteger, kFloat, kString, kPath, kTable, kPlugin, kStringMap };

// What is known of one option without its code: enough to check a value, resolve a default and write the reference page.
struct OptionSpec {
  std::string name;
  std::string help;  // one or more full sentences
  OptionType type = OptionType::kString;
  int array_depth = 0;         // 1 for std::vector<int>, 2 for a vector of vectors
  bool is_optional = false;    // std::optional: may be absent, and is then absent from the resolved file
  bool is_required = false;    // no default: it must be given
  Value default_value;         // null when there is none
  std::optional<double> minimum, maximum;  // inclusive unless the flag says otherwise; hold for each element of an array
  bool minimum_is_exclusive = false, maximum_is_exclusive = false;
  std::vector<std::string> choices;  // for strings; empty means any. Of a kStringMap: words that may stand instead of the table
  std::vector<std::string> aliases;  // other accepted spellings; giving both is an error
  std::string unit;
  bool or_number = false;               // for kPath and kString: a number is taken too, and the bounds hold for it; of a kStringMap the members are numbers
  // For kTable: a scalar is taken too, and stands for each of the children. For an array: and stands for an array of it alone.
  bool scalar_means_each = false;
  std::string plugin_kind;              // for kPlugin
  bool counts_for_identity = true;      // false: changes how a trial runs, never what it computes
  std::vector<OptionSpec> children;     // for kTable

  OptionSpec& at_least(double value) { minimum = value; minimum_is_exclusive = false; return *this; }
  OptionSpec& above(double value) { minimum = value; minimum_is_exclusive = true; return *this; }
  OptionSpec& at_most(double value) { maximum = value; maximum_is_exclusive = false; return *this; }
  OptionSpec& below(double value) { maximum = value; maximum_is_exclusive = true; return *this; }
  OptionSpec& one_of(std::vector<std::string> values) { choices = std::move(values); return *this; }
  OptionSpec& alias(std::string name_) { aliases.push_back(std::move(name_)); return *this; }
  OptionSpec& in(std::string unit_) { unit = std::move(unit_); return *this; }
  OptionSpec& required() { is_required = true; return *this; }
  OptionSpec& or_one() { scalar_means_each = true; return *this; }  // of an array: one element without brackets
  OptionSpec& not_part_of_identity() { counts_for_identity = false; return *this; }
};

// The options of a plugin, or of one of the framework's own tables.
using OptionSchema = std::vector<OptionSpec>;

// A nested plugin: `retriever = { plugin = "bm25", k1 = 1.2 }`. `options` holds everything but the key `plugin`.
struct PluginChoice {
  std::string plugin;
  Value options;
};

// A file, or a number that says how to do without one: `validation = 0.1`.
using PathOrNumber = std::variant<std::filesystem::path, double>;

// Turns a field into a Value and back; throws Error on a value of the wrong type. Overload it for a type of your own.
Value to_value(bool field);
Value to_value(std::int64_t field);
Value to_value(int field);
Value to_value(double field);
Value to_value(const std::string& field);
Value to_value(const std::filesystem::path& field);
Value to_value(const std::map<std::string, std::string>& field);
Value to_value(const PluginChoice& field);
Value to_value(const PathOrNumber& field);
void from_value(const Value& value, bool& field);
void from_value(const Value& value, std::int64_t& field);
void from_value(const Value& value, int& field);
void from_value(const Value& value, double& field);
void from_value(const Value& value, std::string& field);
void from_value(const Value& value, std::filesystem::path& field);
void from_value(const Value& value, std::map<std::string, std::string>& field);
void from_value(const Value& value, PluginChoice& field);
void from_value(const Value& value, PathOrNumber& field);
// An enum as an option, given by name. Specialised beside the enum, with the names of its values 0, 1, ...:
//   template <> struct EnumNames<Colour> { static constexpr const char* names[] = {"red", "green"}; };
template <class E> struct EnumNames;
template <class E> concept NamedEnum = std::is_enum_v<E> && requires { std::size(EnumNames<E>::names); };
template <NamedEnum E>
Value to_value(E field) { return Value(std::string(EnumNames<E>::names[static_cast<std::size_t>(field)])); }
template <NamedEnum E>
void from_value(const Value& value, E& field) {
  const std::string name = value.as_string();
  for (std::size_t i = 0; i < std::size(EnumNames<E>::names); ++i) {
    if (name != EnumNames<E>::names[i]) continue;
    field = static_cast<E>(i);
    return;
  }
  throw Error({Problem{value.place, "\"" + name + "\" is none of the names of this option", {}}});
}

template <class T> Value to_value(const std::vector<T>& field);
template <class T> void from_value(const Value& value, std::vector<T>& field);
template <class T>
Value to_value(const std::optional<T>& field) { return field ? to_value(*field) : Value(); }
template <class T>
Value to_value(const std::vector<T>& field) {
  Value::Array values;
  for (const T& element : field) values.push_back(to_value(element));
  return values;
}
template <class T>
void from_value(const Value& value, std::optional<T>& field) {
  if (value.is_null()) { field.reset(); return; }
  field.emplace();
  from_value(value, *field);
}
template <class T>
void from_value(const Value& value, std::vector<T>& field) {
  field.clear();
  for (const Value& element : value.as_array()) from_value(element, field.emplace_back());
}

template <class T> struct OptionTraits;
template <> struct OptionTraits<bool> { static constexpr OptionType type = OptionType::kBool; static constexpr int depth = 0; };
template <> struct OptionTraits<int> { static constexpr OptionType type = OptionType::kInteger; static constexpr int depth = 0; };
template <> struct OptionTraits<std::int64_t> { static constexpr OptionType type = OptionType::kInteger; static constexpr int depth = 0; };
template <> struct OptionTraits<double> { static constexpr OptionType type = OptionType::kFloat; static constexpr int depth = 0; };
template <> struct OptionTraits<std::string> { static constexpr OptionType type = OptionType::kString; static constexpr int depth = 0; };
template <> struct OptionTraits<std::filesystem::path> { static constexpr OptionType type = OptionType::kPath; static constexpr int depth = 0; };
template <> struct OptionTraits<std::map<std::string, std::string>> { static constexpr OptionType type = OptionType::kStringMap; static constexpr int depth = 0; };
template <> struct OptionTraits<PathOrNumber> { static constexpr OptionType type = OptionType::kPath; static constexpr int depth = 0; };
template <NamedEnum E> struct OptionTraits<E> { static constexpr OptionType type = OptionType::kString; static constexpr int depth = 0; };
template <class T> struct OptionTraits<std::optional<T>> : OptionTraits<T> {};
template <class T> struct OptionTraits<std::vector<T>> {
  static constexpr OptionType type = OptionTraits<T>::type;
  static constexpr int depth = OptionTraits<T>::depth + 1;
};

// How a visitor reaches one field.
struct FieldAccess {
  std::function<Value()> get;
  std::function<void(const Value&)> set;
};

class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;

  // Declares one option. The reference is for constraints on the same line and dies with the next call.
  template <class T>
  OptionSpec& option(std::string name, T& field, std::string help) {
    OptionSpec spec;
    spec.name = std::move(name);
    spec.help = std::move(help);
    spec.type = OptionTraits<T>::type;
    spec.array_depth = OptionTraits<T>::depth;
    spec.is_optional = is_optional_type(static_cast<const T*>(nullptr));
    spec.or_number = std::is_same_v<T, PathOrNumber> || std::is_same_v<T, std::optional<PathOrNumber>>;
    add_choices(spec, static_cast<const T*>(nullptr));
    return on_option(std::move(spec), {[&field] { return to_value(field); },
                                       [&field](const Value& value) { from_value(value, field); }});
  }

  // Declares a table of options: `lora = { r = 4 }`.
  template <class T>
  void table(std::string name, T& field, std::string help) {
    begin_table(std::move(name), std::move(help));
    field.visit(*this);
    end_table();
  }

  // The same for a table that may also be given as one scalar, which then stands for each of its options: `limit = 1000`.
  template <class T>
  void table_or_each(std::string name, T& field, std::string help) {
    begin_table(std::move(name), std::move(help));
    scalar_means_each();
    field.visit(*this);
    end_table();
  }

  // Declares a plugin inside this one, of the given kind.
  OptionSpec& plugin(std::string name, PluginChoice& field, std::string kind, std::string help) {
    OptionSpec spec;
    spec.name = std::move(name);
    spec.help = std::move(help);
    spec.type = OptionType::kPlugin;
    spec.plugin_kind = std::move(kind);
    return on_option(std::move(spec), {[&field] { return to_value(field); },
                                       [&field](const Value& value) { from_value(value, field); }});
  }

 protected:
  virtual OptionSpec& on_option(OptionSpec spec, FieldAccess field) = 0;
  virtual void begin_table(std::string name, std::string help) = 0;
  virtual void scalar_means_each() {}  // of the table that was just begun
  virtual void end_table() = 0;

 private:
  template <class T> static constexpr bool is_optional_type(const std::optional<T>*) { return true; }
  static constexpr bool is_optional_type(const void*) { return false; }
  template <NamedEnum E> static void add_choices(OptionSpec& spec, const E*) { spec.choices.assign(std::begin(EnumNames<E>::names), std::end(EnumNames<E>::names)); }
  template <NamedEnum E> static void add_choices(OptionSpec& spec, const std::optional<E>*) { add_choices(spec, static_cast<const E*>(nullptr)); }
  static void add_choices(OptionSpec&, const void*) {}
};

// A struct with a `visit`, its type forgotten.
class AnyOptions {
 public:
  virtual ~AnyOptions() = default;
  virtual void visit(OptionVisitor& visitor) = 0;
};

template <class T>
class OptionsOf final : public AnyOptions {
 public:
  void visit(OptionVisitor& visitor) override { value.visit(visitor); }
  T value;
};

// For plugins without options.
struct NoOptions {
  void visit(OptionVisitor&) {}
};

OptionSchema declared(AnyOptions& options);
// What is wrong with a declaration itself: names that are no names, declared twice (aliases count), or `reserved` for the
// framework's own use in the same table; defaults that its own checks reject. `where` names the plugin in messages.
void check_declaration(const OptionSchema& schema, const std::vector<std::string>& reserved, const std::string& where, Problems& problems);
// Fills `options` from a table that was checked against its schema; absent keys keep their defaults. Unknown keys are ignored.
void fill(AnyOptions& options, const Value& table);
// Every option with its present value, in the order of declaration; unset optionals are absent.
Value written(AnyOptions& options);

// Checks `table` against `schema`: unknown keys, aliases, types, bounds, choices, required options. `where` names the table in
// messages ("[training]"). Returns the table with the defaults filled in, options in the order of the schema, names instead
// of aliases. Integers given for floats become floats. Nested plugins are kept as they are (the caller knows the schemas).
// A null counts as absent. `more` ends the remedy for an unknown option: "all options: temper plugins supervised".
Value checked(const OptionSchema& schema, const Value& table, const std::string& where, Problems& problems, const std::string& more = {});

Value to_value(const OptionSchema& schema);             // for the cache of descriptions, and for `temper-worker describe`
OptionSchema schema_from_value(const Value& value);

}  // namespace temper
