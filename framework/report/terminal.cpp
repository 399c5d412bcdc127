// See terminal.h.
#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace temper::report {

namespace {

constexpr int kUsualWidth = 80;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Calls `use(character, columns)` for each character; bytes that are not UTF-8 count one column each.
template <typename F>
void for_each_character(std::string_view text, F&& use) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &code);
    if (length < 1) {
      use(std::string_view("\xEF\xBF\xBD"), 1);
      ++i;
    } else {
      const bool is_control = utf8proc_category(code) == UTF8PROC_CATEGORY_CC;
      use(is_control ? std::string_view(" ") : text.substr(i, static_cast<std::size_t>(length)), is_control ? 1 : utf8proc_charwidth(code));
      i += static_cast<std::size_t>(length);
    }
  }
}

}  // namespace

Terminal terminal_of(int descriptor) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1 && variable("TERM") != "dumb";
  if (!terminal.is_terminal) return terminal;
  terminal.color = variable("NO_COLOR").empty();
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
    terminal.width = size.ws_col;
    terminal.height = size.ws_row;
  }
  if (terminal.width == 0) {
    const std::string_view columns = variable("COLUMNS");
    std::from_chars(columns.data(), columns.data() + columns.size(), terminal.width);
  }
  if (terminal.width <= 0) terminal.width = kUsualWidth;
  return terminal;
}

std::string styled(std::string_view text, Style style, const Terminal& terminal) {
  if (!terminal.color || style == Style::kPlain) return std::string(text);
  const char* code = style == Style::kBold     ? "1"
                     : style == Style::kDim    ? "2"
                     : style == Style::kGreen  ? "32"
                     : style == Style::kYellow ? "33"
                                               : "31";
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string rewrite_line(const std::string& line) { return "\r" + line + "\x1b[K"; }

int display_width(std::string_view text) {
  int width = 0;
  for_each_character(text, [&](std::string_view, int columns) { width += columns; });
  return width;
}

std::string printable(std::string_view text) {
  std::string result;
  for_each_character(text, [&](std::string_view character, int) { result += character; });
  return result;
}

std::string fit(std::string_view text, int width) {
  std::string whole, cut;  // `cut` leaves a column for the sign
  int used = 0;
  for_each_character(text, [&](std::string_view character, int columns) {
    used += columns;
    whole += character;
    if (used <= width - 1) cut += character;
  });
  if (used <= width) return whole;
  return width > 0 ? cut + "\xE2\x80\xA6" : std::string();
}

}  // namespace temper::report
