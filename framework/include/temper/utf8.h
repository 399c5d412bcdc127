// What every reader of text must settle before anything else sees it: is it UTF-8?
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace temper {

// How many bytes of `text`, from its start, are valid UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms); the
// whole size when all is well.
std::size_t valid_utf8_prefix(std::string_view text);

// Where the character with this number (from 0, code points, as Python counts) begins in valid UTF-8, in bytes. The number of all
// characters gives the size; nothing beyond that.
std::optional<std::size_t> byte_of_character(std::string_view text, std::size_t character);

// How many characters begin before this byte.
std::size_t characters_before(std::string_view text, std::size_t byte);

}  // namespace temper
