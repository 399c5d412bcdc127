// The experiment file as a document: parsed, then changed by `--set path=value`, before anything is checked.
#pragma once

#include <string>
#include <vector>

#include <temper/error.h>
#include <temper/value.h>

namespace temper::study {

// Throws Error for TOML that cannot be parsed. Changes that cannot be made go to `problems`: no "=", no TOML value, a path through
// something that is no table, a strategy that is not there. `strategy.NAME.lora.r` addresses the strategy of that name; a changed
// option replaces its other spellings.
Value read_document(const std::string& text, const std::string& file, const std::vector<std::string>& sets, Problems& problems);

// The name of an element of `strategy`: what it gives, else its plugin's; empty when it has neither.
std::string strategy_name(const Value& strategy);

}  // namespace temper::study
