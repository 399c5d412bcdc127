// How long a text is, in the units that perplexities of different tokenizers are compared in.
#pragma once

#include <cstdint>
#include <string_view>

namespace temper::data {

// As lm-evaluation-harness counts them (Gao et al. 2024): bytes of UTF-8; words are what Python's re.split(r"\s+", text) gives, so a text
// that begins or ends with blanks has an empty word there, and an empty text is one.
struct TextSize {
  std::int64_t words = 0, bytes = 0;
};
TextSize size_of_text(std::string_view text);

}  // namespace temper::data
