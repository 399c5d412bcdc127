// Which character parts the columns: the one that gives most records the same number of cells.
#include "study/look_at_data.h"

#include <map>

namespace temper::study {

namespace {

// Cells per record, as a reader of RFC 4180 would part them; the last record, which may be cut off, is left out when there are others.
std::vector<std::size_t> count_cells(std::string_view head, char delimiter) {
  std::vector<std::size_t> counts;
  std::size_t cells = 1;
  bool is_quoted = false, is_at_start = true, is_blank = true;
  for (const char c : head) {
    if (is_quoted) {
      is_quoted = c != '"';
      continue;
    }
    if (c == '\n' || c == '\r') {
      if (!is_blank) counts.push_back(cells);
      cells = 1;
      is_at_start = is_blank = true;
      continue;
    }
    is_blank = false;
    is_quoted = c == '"' && is_at_start;
    is_at_start = c == delimiter;
    if (c == delimiter) ++cells;
  }
  if (!is_blank && counts.empty()) counts.push_back(cells);
  return counts;
}

}  // namespace

char guess_delimiter(std::string_view head) {
  char best = ',';
  std::size_t best_records = 0;
  for (const char delimiter : {',', '\t', ';', '|'}) {
    std::map<std::size_t, std::size_t> records;  // by their number of cells
    for (const std::size_t cells : count_cells(head, delimiter)) {
      if (cells > 1) ++records[cells];
    }
    for (const auto& [cells, count] : records) {
      if (count > best_records) best = delimiter, best_records = count;
    }
  }
  return best;
}

}  // namespace temper::study
