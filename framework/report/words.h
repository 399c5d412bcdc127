// How numbers, options and trials are put into words for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <temper/value.h>

#include "record/study_file.h"

namespace temper::report {

// Four significant digits: "0.7012", "1.3e-05"; "-" for NaN.
std::string short_number(double value);
// As many digits as the error allows, which has two: "0.746 ± 0.014"; only the value when the error is NaN.
std::string with_error(double value, double standard_error);
// "8 s", "4 min", "2 h 05 min"
std::string duration(double seconds);

// Each path by its last part, as long as no two are alike: "learning_rate", but "dataset.seed" beside "prompt.seed".
std::vector<std::string> short_names(const std::vector<std::string>& paths);
// As one would write it in a sentence: strings without quotes.
std::string option_text(const Value& value);
// "lora, learning_rate 5e-5, r 8"
std::string trial_label(const std::string& strategy, const std::vector<std::pair<std::string, Value>>& swept);

// "18 trials", "1 trial"
std::string count_of(std::int64_t count, const std::string& what);

}  // namespace temper::report
