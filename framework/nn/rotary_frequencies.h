// By which angle per position each pair of channels turns.
#pragma once

#include <temper/torch/rotary.h>

namespace temper::nn {

// [W / 2] float32. `length` counts for "dynamic" alone: that of the sequence; up to options.max_positions it changes nothing.
Tensor rotary_frequencies(const RotaryOptions& options, std::int64_t length);

}  // namespace temper::nn
