// Counter-based random bits: pure functions of their arguments, the same in every kernel and on every device.
#pragma once

#include <cstdint>

namespace temper::nn {

// SplitMix64's finaliser (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// What a row of random numbers is drawn from: two words, so that rows share no part of their streams.
struct RowKey {
  std::uint32_t first = 0, second = 0;
};

constexpr RowKey row_key(std::uint64_t sequence_key, std::int64_t position) {
  const std::uint64_t mixed = mix64(sequence_key ^ mix64(static_cast<std::uint64_t>(position)));
  return {static_cast<std::uint32_t>(mixed), static_cast<std::uint32_t>(mixed >> 32)};
}

// 32 uniform bits for a channel of a row. Only 32-bit operations, two products, so that it vectorises; between the products of a
// finaliser of xorshift-multiply kind stands the row's second word.
inline constexpr std::uint32_t kChannelStep = 0x9e3779b9, kFirstFactor = 0x7feb352d, kSecondFactor = 0x846ca68b;
constexpr std::uint32_t random_bits(RowKey key, std::uint32_t channel) {
  std::uint32_t x = key.first + channel * kChannelStep;
  x = (x ^ (x >> 16)) * kFirstFactor;
  x ^= key.second;
  x = (x ^ (x >> 15)) * kSecondFactor;
  return x ^ (x >> 16);
}

// A value is dropped when its bits are below this. p in [0, 1).
constexpr std::uint32_t drop_threshold(double p) { return static_cast<std::uint32_t>(p * 4294967296.0); }

}  // namespace temper::nn
