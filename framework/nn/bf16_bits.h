// Conversions between float32 and bfloat16 bits that compilers can vectorise.
#pragma once

#include <cstdint>
#include <cstring>

namespace temper::nn {

// bfloat16 as its bits.
struct Bf16 {
  std::uint16_t bits;
};

inline float to_float(float x) { return x; }
inline float to_float(Bf16 x) {
  const std::uint32_t bits = static_cast<std::uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline void store(float value, float* out) { *out = value; }
inline void store(float value, Bf16* out) {  // rounds to nearest even; a NaN stays one
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  out->bits = static_cast<std::uint16_t>(value != value ? (bits >> 16) | 0x40 : rounded);
}

}  // namespace temper::nn
