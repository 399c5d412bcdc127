// Labels in order: by name, or by number when all of them are integers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace temper::data {

// "-3", "0", "12": an integer and nothing else.
std::optional<std::int64_t> integer_label(std::string_view label);

std::vector<std::string> sorted_labels(const std::set<std::string>& labels);

}  // namespace temper::data
