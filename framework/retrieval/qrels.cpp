// Reading relevance judgements.
#include "retrieval/qrels.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include <temper/error.h>
#include <temper/mapped_file.h>

namespace temper::retrieval {

namespace {

constexpr int kNamedProblems = 20;

std::vector<std::string_view> columns_of(std::string_view line) {
  const std::string_view blanks = line.find('\t') == std::string_view::npos ? " " : "\t";
  std::vector<std::string_view> columns;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(blanks, at);
    if (begin == std::string_view::npos) break;
    at = std::min(line.find_first_of(blanks, begin), line.size());
    columns.push_back(line.substr(begin, at - begin));
  }
  return columns;
}

std::optional<int> integer(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Qrels read_qrels(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const std::string_view bytes = mapped.bytes();
  Qrels qrels;
  Problems problems;
  int count = 0, line = 0;
  std::size_t width = 0;  // columns of the first line
  const auto bad = [&](const std::string& what) {
    if (++count <= kNamedProblems) problems.add({file.string(), line, 0}, what, width == 0 ? "a line is: query 0 passage relevance" : "");
  };
  for (std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view text = bytes.substr(at, end - at);
    at = end + 1;
    ++line;
    if (text.ends_with('\r')) text.remove_suffix(1);
    const std::vector<std::string_view> columns = columns_of(text);
    if (columns.empty()) continue;
    if (columns.size() != 3 && columns.size() != 4) {
      bad("has " + std::to_string(columns.size()) + " columns, expected 4 (or 3 without the iteration)");
      continue;
    }
    const bool is_first = width == 0;
    if (is_first) width = columns.size();
    if (columns.size() != width) {
      bad("has " + std::to_string(columns.size()) + " columns, the first line has " + std::to_string(width));
      continue;
    }
    const std::optional<int> relevance = integer(columns.back());
    if (!relevance) {
      if (is_first && width == 3) continue;  // the names of the columns
      bad("relevance \"" + std::string(columns.back()) + "\" is no integer");
    } else if (!qrels[std::string(columns[0])].emplace(std::string(columns[width - 2]), *relevance).second) {
      bad("the passage \"" + std::string(columns[width - 2]) + "\" was judged for the query \"" + std::string(columns[0]) + "\" already");
    }
  }
  if (count > kNamedProblems) problems.add({file.string()}, "and " + std::to_string(count - kNamedProblems) + " more bad lines");
  problems.throw_if_any();
  if (qrels.empty()) throw Error({{{file.string()}, "holds no judgements", "a line is: query 0 passage relevance"}});
  return qrels;
}

}  // namespace temper::retrieval
