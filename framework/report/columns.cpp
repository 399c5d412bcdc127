// See columns.h.
#include "report/columns.h"

#include <algorithm>

namespace temper::report {

namespace {

constexpr int kGap = 2;  // spaces between columns

int width_of(const TableColumn& column) {
  int width = display_width(column.title);
  for (const Cell& cell : column.cells) width = std::max(width, display_width(cell.text));
  return width;
}

int total_width(const std::vector<TableColumn>& columns) {
  int width = columns.empty() ? 0 : -kGap;
  for (const TableColumn& column : columns) width += width_of(column) + kGap;
  return width;
}

std::string line(const std::vector<Cell>& cells, const std::vector<int>& widths, const std::vector<bool>& right, const Terminal& terminal) {
  std::string text;
  int room = terminal.width > 0 ? terminal.width : 1 << 20;
  std::string spaces;  // held back, so that no line ends in them
  for (std::size_t i = 0; i < cells.size() && room > 0; ++i) {
    const std::string content = fit(cells[i].text, std::min(widths[i], room - static_cast<int>(spaces.size())));
    const int missing = widths[i] - display_width(content);
    const std::string padding(static_cast<std::size_t>(std::max(0, missing)), ' ');
    if (right[i]) spaces += padding;
    if (!content.empty()) {
      text += spaces + styled(content, cells[i].style, terminal);
      room -= static_cast<int>(spaces.size()) + display_width(content);
      spaces.clear();
    }
    if (!right[i]) spaces += padding;
    spaces += std::string(kGap, ' ');
  }
  return text + '\n';
}

}  // namespace

Columns lay_out(std::vector<TableColumn> columns, const Terminal& terminal) {
  Columns result;
  while (terminal.width > 0 && columns.size() > 1 && total_width(columns) > terminal.width) {
    auto least = columns.begin();
    for (auto column = columns.begin(); column != columns.end(); ++column)
      if (column->importance <= least->importance) least = column;
    result.dropped.insert(result.dropped.begin(), least->title);
    columns.erase(least);
  }
  std::vector<int> widths;
  std::vector<bool> right;
  std::vector<Cell> titles;
  for (const TableColumn& column : columns) {
    widths.push_back(width_of(column));
    right.push_back(column.is_number);
    titles.push_back({column.title, Style::kDim});
  }
  result.text = line(titles, widths, right, terminal);
  const std::size_t rows = columns.empty() ? 0 : columns.front().cells.size();
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<Cell> cells;
    for (const TableColumn& column : columns) cells.push_back(column.cells.at(row));
    result.text += line(cells, widths, right, terminal);
  }
  return result;
}

}  // namespace temper::report
