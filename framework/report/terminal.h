// What a text for people may use where it is shown: width and colours.
#pragma once

#include <string>
#include <string_view>

namespace temper::report {

struct Terminal {
  bool is_terminal = false;  // a line may be rewritten in place
  int width = 0;             // columns; 0: unbounded (a file or a pipe)
  bool color = false;
  int height = 0;            // rows; 0: unknown
};

// Looks at a file descriptor and the environment: COLUMNS, NO_COLOR (no-color.org), TERM=dumb. Cheap: who draws asks each time, so that
// another size of the window shows with the next drawing.
Terminal terminal_of(int descriptor);

// The characters that put `line` in place of the present line of a terminal; rewrite_line("") removes it before other output.
std::string rewrite_line(const std::string& line);

enum class Style { kPlain, kBold, kDim, kGreen, kYellow, kRed };
std::string styled(std::string_view text, Style style, const Terminal& terminal);

// Columns that a UTF-8 text takes: wide characters count two, combining ones none.
int display_width(std::string_view text);
// The text as it can be shown anywhere: control characters become spaces, bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);
// Its printable form in at most `width` columns; what is cut is shown as "…".
std::string fit(std::string_view text, int width);

}  // namespace temper::report
