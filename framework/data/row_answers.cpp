// Answers and spans, in the spellings that are in use.
#include "data/row_parts.h"

#include <algorithm>

#include <temper/answer_span.h>
#include <temper/utf8.h>

namespace temper::data {

namespace {

class Answers {
 public:
  Answers(const RowCells& cells, const RowColumns& columns, bool offsets_are_bytes, const std::string& context)
      : cells_(cells), columns_(columns), offsets_are_bytes_(offsets_are_bytes), context_(context) {}

  Targets read() {
    const Value document = cells_.document(columns_.answers, "answers");
    const RowValue& value = cells_.get(columns_.answers, "answers");
    if (document.is_table() && document.find("text")) {
      take(document);
    } else if (document.is_array()) {
      for (std::size_t i = 0; i < document.as_array().size(); ++i) take(document.as_array()[i], starts_column(i));
    } else if (value.kind == RowValue::Kind::kText) {
      if (!value.text.empty()) add(value.text, starts_column(0));
    } else if (value.kind != RowValue::Kind::kNull) {
      cells_.fail(columns_.answers, std::string("is ") + describe(value.kind) + ", expected a text, {\"text\", \"answer_start\"} or an array of them");
    }
    if (targets_.empty()) targets_.push_back(Spans{});
    return std::move(targets_);
  }

 private:
  // A column beside the answers: one number, or an array of them.
  std::optional<std::int64_t> starts_column(std::size_t place) const {
    if (!cells_.has(columns_.answer_start)) return std::nullopt;
    const RowValue& value = cells_.get(columns_.answer_start, "answer_start");
    if (value.text.empty()) return std::nullopt;
    Value start;
    try {
      start = parse_json(value.text);
    } catch (const Error&) {
    }
    if (start.is_array() && place < start.as_array().size()) start = Value(start.as_array()[place]);
    if (!start.is_integer()) cells_.fail(columns_.answer_start, "is \"" + value.text.substr(0, 60) + "\", expected an integer");
    return start.as_integer();
  }

  // {"text", "answer_start"}, each of them one or an array; or a text.
  void take(const Value& answer, std::optional<std::int64_t> start = {}) {
    if (answer.is_string()) return add(answer.as_string(), start);
    const Value* text = answer.is_table() ? answer.find("text") : nullptr;
    if (!text) cells_.fail(columns_.answers, std::string("holds ") + answer.type_name() + ", expected a text or {\"text\", \"answer_start\"}");
    const Value* starts = answer.find("answer_start");
    if (!text->is_array()) return add(text, starts);
    const auto& texts = text->as_array();
    if (starts && (!starts->is_array() || starts->as_array().size() != texts.size())) cells_.fail(columns_.answers, "has " + std::to_string(texts.size()) + " texts and not as many answer_start");
    for (std::size_t i = 0; i < texts.size(); ++i) add(&texts[i], starts ? &starts->as_array()[i] : nullptr);
  }

  void add(const Value* text, const Value* start) {
    if (!text->is_string()) cells_.fail(columns_.answers, std::string("has a text that is ") + text->type_name());
    if (start && !start->is_integer()) cells_.fail(columns_.answers, std::string("has an answer_start that is ") + start->type_name() + ", expected an integer");
    add(text->as_string(), start ? std::optional(start->as_integer()) : std::nullopt);
  }

  void add(const std::string& text, std::optional<std::int64_t> start) {
    const FoundAnswer found = find_answer(context_, text, start, offsets_are_bytes_);
    if (!found.problem.empty()) throw BadRow{found.problem};
    const auto is_known = [&](const Target& target) {
      const Span& known = std::get<Spans>(target).spans[0];
      return known.begin == found.span.begin && known.end == found.span.end;
    };
    if (std::none_of(targets_.begin(), targets_.end(), is_known)) targets_.push_back(Spans{{found.span}});
  }

  const RowCells& cells_;
  const RowColumns& columns_;
  const bool offsets_are_bytes_;
  const std::string& context_;
  Targets targets_;
};

}  // namespace

Targets answer_targets(const RowCells& cells, const RowColumns& columns, bool offsets_are_bytes, const std::string& context) {
  return Answers(cells, columns, offsets_are_bytes, context).read();
}

std::vector<Span> marked_spans(const RowCells& cells, const std::string& column, bool offsets_are_bytes, const std::string& text) {
  const Value document = cells.document(column, "spans");
  std::vector<Span> spans;
  if (document.is_null() && cells.get(column, "spans").text.empty()) return spans;
  if (!document.is_array()) cells.fail(column, "holds no array of spans");
  for (const Value& entry : document.as_array()) {
    const auto part = [&](std::initializer_list<const char*> names, std::size_t place) -> const Value* {
      if (entry.is_array()) return place < entry.as_array().size() ? &entry.as_array()[place] : nullptr;
      for (const char* name : names)
        if (const Value* value = entry.is_table() ? entry.find(name) : nullptr) return value;
      return nullptr;
    };
    const Value *begin = part({"start", "begin"}, 0), *end = part({"end"}, 1), *label = part({"label", "entity", "type"}, 2);
    if (!begin || !end || !label || !begin->is_integer() || !end->is_integer() || !label->is_string() || label->as_string().empty())
      cells.fail(column, "holds " + to_json(entry).substr(0, 80) + ", expected {\"start\", \"end\", \"label\"} or [start, end, label]");
    const auto byte = [&](std::int64_t offset) {
      std::optional<std::size_t> at;
      if (offset >= 0) at = offsets_are_bytes ? static_cast<std::size_t>(offset) : byte_of_character(text, static_cast<std::size_t>(offset));
      const bool is_inside = at && *at <= text.size();
      const bool is_border = is_inside && (*at == text.size() || (static_cast<unsigned char>(text[*at]) & 0xC0) != 0x80);
      if (!is_border) cells.fail(column, "has a span at " + std::to_string(offset) + (is_inside ? ", inside a character" : ", outside of the text"));
      return static_cast<std::int64_t>(*at);
    };
    spans.push_back({byte(begin->as_integer()), byte(end->as_integer()), label->as_string()});
  }
  return spans;
}

}  // namespace temper::data
