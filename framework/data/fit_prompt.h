// A prompt made to fit into what a model can read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <temper/prompt.h>

namespace temper::data {

struct FittedPrompt {
  std::string text;                                // the blocks that are left, then the item
  std::vector<std::string> used_ids, dropped_ids;  // of the blocks, in their order
};

// Leaves out whole blocks, from the end that the prompt names, until `tokens(text)` is at most `most`. An item that is too long by
// itself stays whole here: whoever encodes it cuts it and counts what is lost.
FittedPrompt fit_prompt(const Prompt& prompt, const std::string& item, std::int64_t most, const std::function<std::int64_t(const std::string&)>& tokens);

}  // namespace temper::data
