// The strategies of a study side by side, as a text for people.
#pragma once

#include <string>

#include "record/comparison.h"
#include "report/terminal.h"

namespace temper::report {

// A row per strategy with its intervals, and a sentence on whether the best is ahead by more than chance. Empty where fewer than
// two strategies can be compared.
std::string comparison_table(const record::Comparison& comparison, const Terminal& terminal);

}  // namespace temper::report
