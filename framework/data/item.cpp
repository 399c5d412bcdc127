// Items and how targets are written as text.
#include <temper/item.h>

#include <charconv>
#include <cmath>

#include <temper/value.h>

namespace temper {

void Fields::set(std::string name, FieldValue value) {
  for (auto& [known, field] : values_) {
    if (known == name) {
      field = std::move(value);
      return;
    }
  }
  values_.emplace_back(std::move(name), std::move(value));
}

const FieldValue* Fields::find(std::string_view name) const {
  for (const auto& [known, value] : values_)
    if (known == name) return &value;
  return nullptr;
}

const std::string* Fields::text(std::string_view name) const {
  const FieldValue* value = find(name);
  return value ? std::get_if<std::string>(value) : nullptr;
}

const std::vector<std::int64_t>* Fields::ids(std::string_view name) const {
  const FieldValue* value = find(name);
  return value ? std::get_if<std::vector<std::int64_t>>(value) : nullptr;
}

namespace {

std::string json_array(const std::vector<std::string>& names) {
  return to_json(Value(Value::Array(names.begin(), names.end())));
}

// The shortest text that reads back as the same number.
std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end);
}

struct ToString {
  std::string operator()(const Label& label) const { return label.name; }
  std::string operator()(const Labels& labels) const { return json_array(labels.names); }
  std::string operator()(const Tags& tags) const { return json_array(tags.names); }
  std::string operator()(const Spans& spans) const {
    Value::Array array;
    for (const Span& span : spans.spans)
      array.push_back(Value::Table{{"begin", span.begin}, {"end", span.end}, {"text", span.text}});
    return to_json(Value(std::move(array)));
  }
  std::string operator()(const Text& text) const { return text.text; }
  std::string operator()(const Score& score) const { return shortest(score.value); }
};

}  // namespace

std::string to_string(const Target& target) { return std::visit(ToString{}, target); }

}  // namespace temper
