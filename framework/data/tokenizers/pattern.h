// A pattern of tokenizer.json: {"String": "..."} or {"Regex": "..."}.
#pragma once

#include "data/tokenizers/json_object.h"
#include "data/tokenizers/regex.h"

namespace temper::data::tokenizers {

// Throws Error naming the place when the expression is not understood.
Regex read_pattern(const JsonPlace& place);

}  // namespace temper::data::tokenizers
