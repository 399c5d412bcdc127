// By which angle per position each pair of channels turns, and the ways of stretching that to longer texts.
//
// W: channels that are turned. In float32 and in the order of transformers' operations, so that long texts get the same angles.
#include "nn/rotary_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <ATen/ATen.h>

namespace temper::nn {

namespace {

// theta^(i / W) for i = 0, 2, 4 ... below W
Tensor wavelengths(double theta, std::int64_t width) {
  return at::pow(theta, at::arange(0, width, 2, at::TensorOptions().dtype(at::kFloat)) / static_cast<double>(width));
}

// Llama 3.1: wavelengths above original / low are stretched by the factor, those below original / high stay, between them a blend.
Tensor llama3(const RotaryOptions& options, const Tensor& plain) {
  const auto original = static_cast<double>(options.original_positions);
  const Tensor wavelength = 2 * std::numbers::pi / plain;
  const Tensor is_long = wavelength.gt(original / options.low_frequency), is_short = wavelength.lt(original / options.high_frequency);
  const Tensor share = (original / wavelength - options.low_frequency) / (options.high_frequency - options.low_frequency);
  const Tensor blend = (1 - share) * plain / options.factor + share * plain;
  return at::where(is_long, plain / options.factor, at::where(is_short, plain, blend));
}

// Peng et al. 2023, YaRN, section 3.2: channels that turn more than beta_fast times within the original length stay, those that turn
// less than beta_slow times are stretched, a ramp between.
Tensor yarn(const RotaryOptions& options) {
  const auto width = static_cast<double>(options.width);
  const auto channel_of = [&](double turns) {
    return width * std::log(static_cast<double>(options.original_positions) / (turns * 2 * std::numbers::pi)) / (2 * std::log(options.theta));
  };
  double low = channel_of(options.beta_fast), high = channel_of(options.beta_slow);
  if (options.truncates) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, width - 1);
  if (low == high) high += 0.001;
  const Tensor ramp = at::clamp((at::arange(options.width / 2, at::TensorOptions().dtype(at::kFloat)) - low) / (high - low), 0, 1);
  const Tensor lengths = wavelengths(options.theta, options.width);
  return at::reciprocal(options.factor * lengths) * ramp + at::reciprocal(lengths) * (1 - ramp);
}

}  // namespace

Tensor rotary_frequencies(const RotaryOptions& options, std::int64_t length) {
  if (options.type == "yarn") return yarn(options);
  double theta = options.theta;
  if (options.type == "dynamic") {  // the base grows with the length ("NTK-aware", by bloc97 and emozilla)
    const auto most = static_cast<double>(options.max_positions), width = static_cast<double>(options.width);
    const double longer = options.factor * std::max(static_cast<double>(length), most) / most - (options.factor - 1);
    theta *= std::pow(longer, width / (width - 2));
  }
  const Tensor plain = at::reciprocal(wavelengths(theta, options.width));
  if (options.type == "linear") return plain / options.factor;
  return options.type == "llama3" ? llama3(options, plain) : plain;
}

}  // namespace temper::nn
