// See text_size.h.
#include "data/text_size.h"

#include <temper/texts.h>

namespace temper::data {

TextSize size_of_text(std::string_view text) {
  TextSize size{1, static_cast<std::int64_t>(text.size())};
  bool was_blank = false;
  for (const char32_t c : to_characters(text)) {
    const bool blank = is_blank(c);
    if (blank && !was_blank) ++size.words;
    was_blank = blank;
  }
  return size;
}

}  // namespace temper::data
