// Counter-based draws and the permutation made of them.
#include "data/shuffle.h"

#include <numeric>
#include <utility>

#include <temper/random_order.h>

namespace temper::data {

namespace {

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15u;  // 2^64 over the golden ratio, splitmix64's step

// A number in [0, bound), exactly uniform: draws above the largest multiple of `bound` are thrown away.
std::uint64_t draw_below(std::uint64_t bound, std::uint64_t seed, std::uint64_t& counter) {
  const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound
  for (;;) {
    const std::uint64_t bits = random_bits(seed, counter++);
    if (bits >= rejected) return bits % bound;
  }
}

}  // namespace

// The seed goes through the finaliser first, so that neighbouring seeds are no shifts of one stream.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t counter) { return mix(mix(seed + kGolden) + (counter + 1) * kGolden); }

std::vector<std::size_t> shuffled_order(std::size_t size, std::uint64_t seed) {
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::uint64_t counter = 0;
  for (std::size_t i = size; i > 1; --i) std::swap(order[i - 1], order[draw_below(i, seed, counter)]);
  return order;
}

}  // namespace temper::data

namespace temper {

std::vector<std::size_t> random_order(std::size_t size, std::uint64_t seed, std::uint64_t stream) {
  return data::shuffled_order(size, data::random_bits(seed, stream));
}

}  // namespace temper
