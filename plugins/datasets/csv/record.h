// One record of a CSV file (RFC 4180): its cells, where it ends, and what is wrong with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace temper_csv {

struct Dialect {
  char delimiter = ',';
  char quote = '"';
  bool has_quote = true;  // false: no character quotes
};

// A cell as it lies in the file, without the quotes around it.
struct Cell {
  std::string_view raw;
  bool is_quoted = false;
  bool has_doubled_quotes = false;
  std::string text(const Dialect& dialect) const;
};

struct Record {
  std::vector<Cell> cells;
  std::size_t end = 0;        // of the record with its line break: where the next one begins
  std::int64_t lines = 0;     // physical lines that it takes
  std::string problem;        // why it cannot be used; empty when it can
  bool is_blank() const { return cells.size() == 1 && !cells[0].is_quoted && cells[0].raw.empty(); }
};

// Reads the record that begins at `begin` (< bytes.size()). A record ends at \n, \r\n or \r outside quotes, or with the bytes.
void read_record(std::string_view bytes, std::size_t begin, const Dialect& dialect, Record& record);

}  // namespace temper_csv
