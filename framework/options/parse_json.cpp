// Reads JSON into a Value: members in their order, each value with its line and column.
#include <temper/utf8.h>
#include <temper/value.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "options/text_place.h"

namespace temper {

namespace {

constexpr std::size_t kMaxDepth = 200;  // values are destroyed recursively, so depth must be bounded

// Counts what the parser has taken, because its events do not say where they are.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  CountingIterator(const char* at, const char** taken) : at_(at), taken_(taken) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() { *taken_ = ++at_; return *this; }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  const char** taken_;
};

class Builder {
 public:
  using number_integer_t = std::int64_t;
  using number_unsigned_t = std::uint64_t;
  using number_float_t = double;
  using string_t = std::string;
  using binary_t = nlohmann::json::binary_t;

  Builder(std::string_view text, const std::string& file) : text_(text), places_(text, file), taken_(text.data()) {}

  const char** taken() { return &taken_; }
  Value result() { return std::move(root_); }

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(number_integer_t value) { return add(value); }
  bool number_unsigned(number_unsigned_t value) {
    return value <= static_cast<std::uint64_t>(INT64_MAX) ? add(static_cast<std::int64_t>(value)) : add(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) { return add(value); }
  bool string(string_t& value) { return add(std::move(value)); }
  bool binary(binary_t&) { return false; }  // not in JSON text
  bool start_object(std::size_t) { return open(Value::Table()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Value::Array()); }
  bool end_array() { return close(); }
  bool key(string_t& name) {
    const Place place = token_place();
    if (!open_.back().keys.insert(name).second) throw Error({Problem{place, "the key \"" + name + "\" is given twice", {}}});
    open_.back().key = std::move(name);
    open_.back().key_place = place;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& exception) {
    if (const std::size_t sound = valid_utf8_prefix(text_); sound < std::min(position, text_.size()))
      throw Error({Problem{places_.at(sound), "is not UTF-8", "to convert a file of another encoding: iconv -f WINDOWS-1252 -t UTF-8"}});
    std::string what = exception.what();  // "[json.exception.parse_error.101] parse error at line 1, column 8: what"
    if (const std::size_t column = what.find("column "); column != std::string::npos)
      if (const std::size_t colon = what.find(": ", column); colon != std::string::npos) what.erase(0, colon + 2);
    throw Error({Problem{places_.at(position > 0 ? position - 1 : 0), "no valid JSON: " + what, {}}});
  }

 private:
  struct Open {
    Value value;
    std::string key;  // of the member that is being read
    Place key_place;
    std::unordered_set<std::string> keys;
  };

  // The token that was just read begins after the one before it and what may stand between.
  Place token_place() {
    const std::size_t begin = text_.find_first_not_of(" \t\r\n,:]}", end_of_last_);
    end_of_last_ = static_cast<std::size_t>(taken_ - text_.data());
    return places_.at(begin == std::string_view::npos ? text_.size() : begin);
  }

  bool add(Value value) {
    const Place place = token_place();
    return put(std::move(value), place);
  }

  // A member stands where its key stands, an element where it begins itself.
  bool put(Value value, Place place) {
    if (open_.empty()) {
      value.place = std::move(place);
      root_ = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.is_table()) {
      value.place = parent.key_place;
      parent.value.as_table().emplace_back(std::move(parent.key), std::move(value));
    } else {
      value.place = std::move(place);
      parent.value.as_array().push_back(std::move(value));
    }
    return true;
  }

  bool open(Value value) {
    value.place = token_place();
    if (open_.size() == kMaxDepth) throw Error({Problem{value.place, "more than " + std::to_string(kMaxDepth) + " levels of nesting", {}}});
    open_.push_back({std::move(value), {}, {}, {}});
    return true;
  }

  bool close() {
    Value value = std::move(open_.back().value);
    open_.pop_back();
    const Place place = value.place;
    return put(std::move(value), place);
  }

  std::string_view text_;
  options::PlaceCounter places_;
  const char* taken_;
  std::size_t end_of_last_ = 0;
  std::vector<Open> open_;
  Value root_;
};

}  // namespace

Value parse_json(std::string_view text, const std::string& file) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  Builder builder(text, file);
  nlohmann::json::sax_parse(CountingIterator(text.data(), builder.taken()), CountingIterator(text.data() + text.size(), builder.taken()),
                            &builder);
  return builder.result();
}

}  // namespace temper
