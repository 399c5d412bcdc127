// The label that a written text means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <temper/prompt.h>

namespace temper::study {

// `text` with the blanks and line breaks at its ends aside: the label that is spelled so; else the longest spelling that it begins with and
// that ends where a word does, so that "nothing" is no "no"; else kNoLabel. Spellings are format.choices(), blanks at their ends aside;
// `labels` are their names, in the same order.
std::string match_label(std::string_view text, const PromptFormat& format, const std::vector<std::string>& labels);

}  // namespace temper::study
