// Characters to bytes, and the comparison with what stands there.
#include <temper/answer_span.h>

#include <temper/utf8.h>

namespace temper {

namespace {

std::string quoted(std::string_view text) {
  std::string shown(text.substr(0, 60));
  shown.resize(valid_utf8_prefix(shown));
  return '"' + shown + (shown.size() < text.size() ? "...\"" : "\"");
}

}  // namespace

FoundAnswer find_answer(std::string_view context, std::string_view answer, std::optional<std::int64_t> start, bool start_is_bytes) {
  const auto found = [&](std::size_t begin) { return FoundAnswer{{static_cast<std::int64_t>(begin), static_cast<std::int64_t>(begin + answer.size()), std::string(answer)}, {}}; };
  if (answer.empty()) return {{}, "an answer is empty"};
  const std::size_t first = context.find(answer);
  if (!start) return first == std::string_view::npos ? FoundAnswer{{}, "answer " + quoted(answer) + " is not in the context"} : found(first);
  std::optional<std::size_t> begin;
  if (*start >= 0) begin = start_is_bytes ? static_cast<std::size_t>(*start) : byte_of_character(context, static_cast<std::size_t>(*start));
  const bool is_there = begin && *begin <= context.size();
  if (is_there && context.substr(*begin).starts_with(answer)) return found(*begin);
  std::string problem = "answer " + quoted(answer) + " is not at " + std::to_string(*start) + " of the context";
  if (first != std::string_view::npos) problem += ", it stands at " + std::to_string(start_is_bytes ? first : characters_before(context, first));
  else if (is_there && valid_utf8_prefix(context.substr(*begin)) == context.size() - *begin && *begin < context.size()) problem += ", where " + quoted(context.substr(*begin, answer.size())) + " stands";
  return {{}, problem};
}

}  // namespace temper
