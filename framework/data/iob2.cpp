// From IOB1 to IOB2, and from spans to tags.
#include <temper/iob2.h>

#include <algorithm>

namespace temper {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Letters and digits of ASCII, and whatever is not ASCII.
bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

std::size_t to_iob2(std::vector<std::string>& tags) {
  std::size_t changed = 0;
  std::string_view inside;  // the kind of the entity that the tag before belongs to
  for (std::string& tag : tags) {
    const bool is_inside = tag.starts_with("I-"), is_begin = tag.starts_with("B-");
    if (is_inside && std::string_view(tag).substr(2) != inside) {
      tag[0] = 'B';
      ++changed;
    }
    inside = is_inside || is_begin ? std::string_view(tag).substr(2) : std::string_view();
  }
  return changed;
}

TaggedText tag_spans(std::string_view text, std::vector<Span> spans) {
  TaggedText tagged;
  const auto bad = [&](std::string problem) {
    tagged.problem = std::move(problem);
    return tagged;
  };
  const auto shown = [&](const Span& span) { return "span \"" + std::string(text.substr(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end - span.begin))) + "\" "; };
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].begin < 0 || spans[i].end <= spans[i].begin || spans[i].end > static_cast<std::int64_t>(text.size())) return bad("has a span that is empty or outside of the text");
    const std::string_view inside = text.substr(static_cast<std::size_t>(spans[i].begin), static_cast<std::size_t>(spans[i].end - spans[i].begin));
    if (std::all_of(inside.begin(), inside.end(), is_blank)) return bad(shown(spans[i]) + "holds nothing but blanks");
    if (i > 0 && spans[i].begin < spans[i - 1].end) return bad(shown(spans[i]) + "overlaps the one before it");
  }
  std::size_t next = 0;  // the first span that does not end before `at`
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (is_word(text[at])) {
      while (end < text.size() && is_word(text[end])) ++end;
    }
    if (is_blank(text[at])) {
      at = end;
      continue;
    }
    while (next < spans.size() && spans[next].end <= static_cast<std::int64_t>(at)) ++next;
    std::string tag = "O";
    if (next < spans.size() && spans[next].begin < static_cast<std::int64_t>(end)) {
      const Span& span = spans[next];
      if (span.begin > static_cast<std::int64_t>(at) || span.end < static_cast<std::int64_t>(end)) return bad(shown(span) + "begins or ends inside the word \"" + std::string(text.substr(at, end - at)) + "\"");
      const bool is_first = text.substr(static_cast<std::size_t>(span.begin), at - static_cast<std::size_t>(span.begin)).find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
      tag = (is_first ? "B-" : "I-") + span.text;
    }
    tagged.tokens.emplace_back(text.substr(at, end - at));
    tagged.tags.push_back(std::move(tag));
    at = end;
  }
  return tagged;
}

}  // namespace temper
