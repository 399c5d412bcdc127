// An order of rows that depends on a seed alone, the same on every platform and in every version of temper.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace temper {

// A permutation of 0 .. size - 1. `stream` tells several draws under one seed apart.
std::vector<std::size_t> random_order(std::size_t size, std::uint64_t seed, std::uint64_t stream = 0);

}  // namespace temper
