// Vectors of 16 floats, which the compiler splits for narrower instruction sets. For kernels only: everything is inlined.
#pragma once

#include <cstdint>

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions only
#define TEMPER_INLINE inline __attribute__((always_inline))

namespace temper::nn {

constexpr std::int64_t kLanes = 16;

using Floats = float __attribute__((vector_size(64), aligned(4), may_alias));
using Ints = std::int32_t __attribute__((vector_size(64)));

TEMPER_INLINE Floats all(float x) { return Floats{} + x; }

// exp to 2 ulp between -87 and 88, where it stops: 2^n times a polynomial on [-ln2 / 2, ln2 / 2], the Taylor series to the seventh
// power, whose error is below 1e-8.
TEMPER_INLINE Floats exp_of(Floats x) {
  x = x < -87.0f ? all(-87.0f) : x;
  x = x > 88.0f ? all(88.0f) : x;
  const Floats shifted = x * 1.44269504f + 12582912.0f;  // adding 1.5 * 2^23 rounds to an integer
  const Floats n = shifted - 12582912.0f;
  const Floats r = (x - n * 0.693145752f) - n * 1.42860677e-6f;  // ln 2 in two parts
  Floats y = all(1.0f / 5040);
  y = y * r + 1.0f / 720;
  y = y * r + 1.0f / 120;
  y = y * r + 1.0f / 24;
  y = y * r + 1.0f / 6;
  y = y * r + 0.5f;
  y = y * r + 1.0f;
  y = y * r + 1.0f;
  const Ints exponent = (__builtin_convertvector(n, Ints) + 127) << 23;
  return y * reinterpret_cast<const Floats&>(exponent);
}

}  // namespace temper::nn
