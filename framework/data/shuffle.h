// An order of rows that depends on a seed alone, the same on every platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace temper::data {

// A permutation of 0 .. size - 1: Fisher-Yates from the end, whose draw i is a pure function of (seed, i). Part of what makes
// a study repeatable: its results never change between versions of temper.
std::vector<std::size_t> shuffled_order(std::size_t size, std::uint64_t seed);

// Draw `counter` of the stream `seed`: splitmix64's finaliser (Steele, Lea, Flood 2014) over the pair.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t counter);

}  // namespace temper::data
