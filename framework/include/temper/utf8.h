// What every reader of text must settle before anything else sees it: is it UTF-8?
#pragma once

#include <cstddef>
#include <string_view>

namespace temper {

// How many bytes of `text`, from its start, are valid UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms); the
// whole size when all is well.
std::size_t valid_utf8_prefix(std::string_view text);

}  // namespace temper
