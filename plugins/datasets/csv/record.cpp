// Cells by RFC 4180; a quote inside an unquoted cell is an ordinary character, as in every reader in use.
#include "record.h"

#include <algorithm>

namespace temper_csv {

namespace {

bool is_line_break(char c) { return c == '\n' || c == '\r'; }

std::int64_t count_line_breaks(std::string_view bytes) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] == '\n' || (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n'))) ++count;
  return count;
}

// The end of an unquoted stretch that begins at `at`.
std::size_t end_of_plain(std::string_view bytes, std::size_t at, char delimiter) {
  while (at < bytes.size() && bytes[at] != delimiter && !is_line_break(bytes[at])) ++at;
  return at;
}

// `at` is behind the opening quote. Gives the place behind the closing one, or npos when there is none.
std::size_t read_quoted(std::string_view bytes, std::size_t at, char quote, Cell& cell) {
  const std::size_t begin = at;
  for (;;) {
    at = bytes.find(quote, at);
    if (at == std::string_view::npos) return at;
    if (at + 1 >= bytes.size() || bytes[at + 1] != quote) break;
    cell.has_doubled_quotes = true;
    at += 2;
  }
  cell.raw = bytes.substr(begin, at - begin);
  return at + 1;
}

}  // namespace

std::string Cell::text(const Dialect& dialect) const {
  if (!has_doubled_quotes) return std::string(raw);
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    text += raw[i];
    if (raw[i] == dialect.quote) ++i;  // inside a quoted cell quotes come in pairs
  }
  return text;
}

void read_record(std::string_view bytes, std::size_t begin, const Dialect& dialect, Record& record) {
  record.cells.clear();
  record.problem.clear();
  record.lines = 1;
  std::size_t at = begin;
  bool may_span_lines = false;
  for (;;) {
    Cell& cell = record.cells.emplace_back();
    if (dialect.has_quote && at < bytes.size() && bytes[at] == dialect.quote) {
      cell.is_quoted = may_span_lines = true;
      at = read_quoted(bytes, at + 1, dialect.quote, cell);
      if (at == std::string_view::npos) {
        record.end = bytes.size();
        record.lines = std::max<std::int64_t>(1, count_line_breaks(bytes.substr(begin)) + (is_line_break(bytes.back()) ? 0 : 1));
        record.problem = "a quote in column " + std::to_string(record.cells.size()) + " is never closed, so that " +
                         std::to_string(record.lines) + (record.lines == 1 ? " line" : " lines") + " to the end of the file are one row";
        return;
      }
      const std::size_t end = end_of_plain(bytes, at, dialect.delimiter);
      if (end != at && record.problem.empty())
        record.problem = "column " + std::to_string(record.cells.size()) + " has text behind its closing quote";
      at = end;
    } else {
      const std::size_t end = end_of_plain(bytes, at, dialect.delimiter);
      cell.raw = bytes.substr(at, end - at);
      at = end;
    }
    if (at >= bytes.size() || bytes[at] != dialect.delimiter) break;
    ++at;
  }
  record.end = at;
  if (at < bytes.size()) record.end = bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n' ? at + 2 : at + 1;
  if (may_span_lines) record.lines = 1 + count_line_breaks(bytes.substr(begin, at - begin));
}

}  // namespace temper_csv
