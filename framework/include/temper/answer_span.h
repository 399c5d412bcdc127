// Where an answer stands in its context.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <temper/item.h>

namespace temper {

struct FoundAnswer {
  Span span;            // bytes of the context
  std::string problem;  // "answer "x" is not in the context"; empty when it was found
};

// At `start`, which counts characters (code points) or bytes; the first place where it stands when no start is given.
FoundAnswer find_answer(std::string_view context, std::string_view answer, std::optional<std::int64_t> start, bool start_is_bytes = false);

}  // namespace temper
