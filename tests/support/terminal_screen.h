// A terminal that keeps what a program writes to it: enough of one to tell what a user would see. Knows CR, LF, erasing, cursor up and
// styles; anything else is counted as unknown. A code point takes one column.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace temper::testing {

class TerminalScreen {
 public:
  explicit TerminalScreen(int width) : width_(width), rows_(1) {}

  // Bytes may come in pieces.
  void write(std::string_view bytes) {
    pending_ += bytes;
    std::size_t at = 0;
    while (at < pending_.size()) {
      const std::size_t taken = take(std::string_view(pending_).substr(at));
      if (taken == 0) break;  // the rest of a sequence is still to come
      at += taken;
    }
    pending_.erase(0, at);
  }
  // Lines are not laid out anew, as in xterm.
  void resize(int width) { width_ = width; }

  // All lines ever written and not erased, without blanks at their ends.
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const std::vector<std::string>& row : rows_) {
      std::string& line = all.emplace_back();
      for (const std::string& cell : row) line += cell;
      line.erase(line.find_last_not_of(' ') + 1);
    }
    while (!all.empty() && all.back().empty()) all.pop_back();
    return all;
  }
  std::string text() const {
    std::string text;
    for (const std::string& line : lines()) text += line + '\n';
    return text;
  }
  int column() const { return column_; }
  int wrapped() const { return wrapped_; }    // characters that came in a line that was full
  int unknown() const { return unknown_; }    // sequences
  int styles() const { return styles_; }      // changes of colour and weight
  int escapes() const { return escapes_; }    // sequences of all kinds
  bool cursor_shown() const { return cursor_shown_; }
  int longest_block() const { return longest_block_; }  // rows that the cursor ever went up, and one

 private:
  std::size_t take(std::string_view text) {
    if (text[0] == '\x1b') return escape(text);
    if (text[0] == '\r') return column_ = 0, 1;
    if (text[0] == '\n') return next_row(), 1;
    if (text[0] == '\b') return column_ = std::max(0, column_ - 1), 1;
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() < length) return 0;
    if (column_ >= width_) {
      ++wrapped_;
      column_ = 0;
      next_row();
    }
    std::vector<std::string>& row = rows_[row_];
    if (row.size() <= static_cast<std::size_t>(column_)) row.resize(static_cast<std::size_t>(column_) + 1, " ");
    row[static_cast<std::size_t>(column_++)] = std::string(text.substr(0, length));
    return length;
  }

  void next_row() {
    if (++row_ == rows_.size()) rows_.emplace_back();
  }

  std::size_t escape(std::string_view text) {
    if (text.size() < 2) return 0;
    if (text[1] != '[') return ++escapes_, ++unknown_, 2;
    std::size_t end = 2;
    while (end < text.size() && (text[end] < 0x40 || text[end] > 0x7e)) ++end;
    if (end == text.size()) return 0;
    ++escapes_;
    const std::string parameter(text.substr(2, end - 2));
    std::vector<std::string>& row = rows_[row_];
    switch (text[end]) {
      case 'm': ++styles_; break;
      case 'K': row.resize(std::min(row.size(), static_cast<std::size_t>(column_))); break;
      case 'J':
        row.resize(std::min(row.size(), static_cast<std::size_t>(column_)));
        rows_.resize(row_ + 1);
        break;
      case 'A': {
        const int up = std::max(1, std::atoi(parameter.c_str()));
        longest_block_ = std::max(longest_block_, up + 1);
        row_ -= std::min(row_, static_cast<std::size_t>(up));
        break;
      }
      case 'h':
      case 'l':
        if (parameter == "?25") cursor_shown_ = text[end] == 'h';
        else ++unknown_;
        break;
      default: ++unknown_;
    }
    return end + 1;
  }

  int width_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t row_ = 0;
  int column_ = 0, wrapped_ = 0, unknown_ = 0, styles_ = 0, escapes_ = 0, longest_block_ = 1;
  bool cursor_shown_ = true;
  std::string pending_;
};

}  // namespace temper::testing
