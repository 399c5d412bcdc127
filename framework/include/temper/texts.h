// What metrics of texts share: the text of an answer, characters with their classes, and lower case, as Python's str has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/item.h>

namespace temper {

// The text that a target spells: of Text and Label itself, of Spans the spans' texts with blanks between (none: an empty text).
// Nothing for numbers and lists of labels, which are no text.
std::optional<std::string> answer_text(const Target& target);

// The code points of a text; U+FFFD for every invalid part of it. And back.
std::u32string to_characters(std::string_view text);
std::string to_bytes(std::u32string_view characters);

// By general category, Unicode 17; blanks are Python's str.isspace.
bool is_blank(char32_t c);
bool is_letter(char32_t c);       // L*
bool is_number(char32_t c);       // N*
bool is_punctuation(char32_t c);  // P*
bool is_symbol(char32_t c);       // S*

// str.lower(): the full mapping, a capital sigma at the end of a word included.
std::string lower_case(std::string_view text);

// str.split(): the runs of other characters between blanks; views into the text.
std::vector<std::string_view> split_at_blanks(std::string_view text);

}  // namespace temper
