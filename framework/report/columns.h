// A text table of columns that fits a terminal.
#pragma once

#include <string>
#include <vector>

#include "report/terminal.h"

namespace temper::report {

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

struct TableColumn {
  std::string title;
  std::vector<Cell> cells;
  bool is_number = false;  // aligned to the right
  int importance = 0;      // the least important column goes first when room lacks, of equals the last
};

struct Columns {
  std::string text;                  // title line, then the rows, each ending in a newline
  std::vector<std::string> dropped;  // titles of what did not fit
};

// All columns hold equally many cells.
Columns lay_out(std::vector<TableColumn> columns, const Terminal& terminal);

}  // namespace temper::report
