// Initial weights: each parameter is drawn from the seed and its own name alone.
#include <temper/torch/parameters.h>

#include <string_view>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include "nn/random_bits.h"

namespace temper {

namespace {

// FNV-1a, then mixed with the seed: names that differ in one letter give unrelated streams.
std::uint64_t stream_of(std::string_view name, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : name) hash = (hash ^ c) * 0x100000001b3;
  return nn::mix64(nn::mix64(seed) ^ hash);
}

}  // namespace

void initialize(Parameter& parameter, std::uint64_t seed) {
  const c10::NoGradGuard no_grad;
  switch (parameter.init) {
    case Init::kZeros: parameter.tensor.zero_(); break;
    case Init::kOnes: parameter.tensor.fill_(1); break;
    case Init::kNormal:
    case Init::kUniform: {
      // Drawn on the CPU whatever the device, so that a model begins the same everywhere.
      at::Generator generator = at::detail::createCPUGenerator(stream_of(parameter.name, seed));
      const auto draw = [&](Tensor tensor) {
        if (parameter.init == Init::kNormal) tensor.normal_(0, parameter.init_std, generator);
        else tensor.uniform_(-parameter.init_std, parameter.init_std, generator);
      };
      if (parameter.tensor.device().is_cpu()) {
        draw(parameter.tensor);
      } else {
        const Tensor drawn = at::empty(parameter.tensor.sizes(), at::kFloat);
        draw(drawn);
        parameter.tensor.copy_(drawn);
      }
    }
  }
  if (parameter.zero_row >= 0) parameter.tensor.select(0, parameter.zero_row).zero_();
}

void initialize(ParameterTable& parameters, std::uint64_t seed) {
  for (Parameter& parameter : parameters.all()) initialize(parameter, seed);
}

}  // namespace temper
