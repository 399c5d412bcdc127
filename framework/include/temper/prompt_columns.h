// The usual names of the columns that hold what is asked and what is to be answered.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace temper {

struct PromptColumns {
  std::string prompt, completion;
};

// The first usual pair of which both are among `names`: prompt and completion, question and answer, input and output, and so on;
// nothing where there is none.
std::optional<PromptColumns> guess_prompt_columns(const std::vector<std::string>& names);

}  // namespace temper
