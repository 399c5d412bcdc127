// Reads TOML into a Value: members in the order of the file, each value with its line and column.
#include <temper/value.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

// Damaged texts reach assertions of toml++ 3.3; in a release build it would go on as if they held. Here they are errors.
namespace temper {
namespace {
struct FailedAssertion {};
[[noreturn]] void throw_assertion() { throw FailedAssertion(); }
}  // namespace
}  // namespace temper
#define TOML_ASSERT(condition) ((condition) ? void() : ::temper::throw_assertion())
#undef NDEBUG
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "options/text_place.h"

namespace temper {

namespace {

constexpr int kMaxDepth = 100;
constexpr int kMaxDots = 4000;  // toml++ 3.3 bounds the depth of values but not of dotted keys, and destroys tables recursively

Place place_of(const toml::source_region& source, const std::string& file) {
  return {file, static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

bool before(const toml::source_position& a, const toml::source_position& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  Value table(const toml::table& source, int depth) {
    // toml++ sorts its keys; the user's order is that of their positions.
    std::vector<std::pair<const toml::key*, const toml::node*>> members;
    for (const auto& [key, node] : source) members.emplace_back(&key, &node);
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return before(a.first->source().begin, b.first->source().begin); });
    Value result = Value::Table();
    result.place = place_of(source.source(), file_);
    for (const auto& [key, node] : members) {
      Value value = convert(*node, depth);
      value.place = place_of(key->source(), file_);
      result.as_table().emplace_back(std::string(key->str()), std::move(value));
    }
    return result;
  }

  Problems problems;

 private:
  Value convert(const toml::node& node, int depth) {
    Value value = contents(node, depth);
    value.place = place_of(node.source(), file_);
    return value;
  }

  Value contents(const toml::node& node, int depth) {
    if (depth > kMaxDepth) {
      problems.add(place_of(node.source(), file_), "more than " + std::to_string(kMaxDepth) + " levels of nesting");
      return {};
    }
    if (const auto* inner = node.as_table()) return table(*inner, depth + 1);
    if (const auto* array = node.as_array()) {
      Value::Array elements;
      for (const toml::node& element : *array) elements.push_back(convert(element, depth + 1));
      return elements;
    }
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* boolean = node.as_boolean()) return boolean->get();
    problems.add(place_of(node.source(), file_), "dates and times are not used here", "put it in quotes to make it a string");
    return {};
  }

  const std::string& file_;
};

// Rejects what toml++ would nest without end: a key of thousands of dots.
void check_dotted_keys(std::string_view text, const std::string& file) {
  int dots = 0, line = 1;
  for (const char c : text) {
    if (c == '.') {
      if (++dots > kMaxDots) throw Error({Problem{{file, line, 0}, "more than " + std::to_string(kMaxDots) + " dots in a row of keys", {}}});
    } else if (c == '\n') {
      ++line;
      dots = 0;
    } else if (!(std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_-\"' \t").find(c) != std::string_view::npos)) {
      dots = 0;
    }
  }
}

bool fails_assertion(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
  } catch (const FailedAssertion&) {
    return true;
  }
  return false;
}

// The parser goes through the text once, so every beginning that reaches the same character fails in the same way.
std::size_t offset_of_assertion(std::string_view text) {
  std::size_t good = 0, bad = text.size();  // lengths
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (fails_assertion(text.substr(0, middle)) ? bad : good) = middle;
  }
  return bad - 1;
}

}  // namespace

Value parse_toml(std::string_view text, const std::string& file) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  check_dotted_keys(text, file);
  toml::table document;
  try {
    document = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw Error({Problem{place_of(error.source(), file), "no valid TOML: " + std::string(error.description()), {}}});
  } catch (const FailedAssertion&) {
    const std::size_t offset = offset_of_assertion(text);
    const unsigned char found = static_cast<unsigned char>(text[offset]);
    const std::string what = std::isgraph(found) ? std::string("unexpected \"") + text[offset] + '"' : "unexpected character";
    throw Error({Problem{options::PlaceCounter(text, file).at(offset), "no valid TOML: " + what, {}}});
  }
  Converter converter(file);
  Value result = converter.table(document, 0);
  converter.problems.throw_if_any();
  result.place = {file, 1, 1};
  return result;
}

}  // namespace temper
