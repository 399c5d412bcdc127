// The terminal table of a study: a row per trial, the best one named, failures with their error.
#pragma once

#include <string>

#include "record/study_file.h"
#include "report/terminal.h"

namespace temper::report {

// The whole text, ending in a newline. Columns that do not fit the width are dropped from the right and named below; rows of
// pending trials are counted, not listed.
std::string study_table(const record::StudySummary& study, const Terminal& terminal);

}  // namespace temper::report
