// RMSNorm, gated activations and rotary positions: kernels against their plain twins, values against transformers 5.23.
#include <temper/torch/rotary.h>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <temper/torch/layers.h>

#include "nn/rotary_frequencies.h"
#include "support/close.h"
#include "support/random_batch.h"

namespace temper {
namespace {

at::Tensor random(at::IntArrayRef sizes, std::uint64_t seed) { return at::randn(sizes, at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat); }

ForwardContext context_for(bool plain) {
  ForwardContext context;
  context.plain = plain;
  return context;
}

TEST(RmsNorm, EqualsItsPlainTwinWithGradients) {
  for (const bool around_one : {false, true}) {
    for (const std::int64_t width : {3, 16, 70}) {
      std::vector<at::Tensor> out, dx, dw;
      for (const bool plain : {false, true}) {
        ParameterTable table;
        const RmsNorm norm(table, "norm", width, 1e-5, 0, around_one);
        at::Tensor& weight = table.find("norm.weight")->tensor;
        weight = (random({width}, 3) + (around_one ? 0 : 1)).requires_grad_(true);
        at::Tensor x = random({130, width}, 1).requires_grad_(true);  // three pieces of work
        out.push_back(norm.forward(x, context_for(plain)));
        out.back().backward(random({130, width}, 2));
        dx.push_back(x.grad());
        dw.push_back(weight.grad());
      }
      EXPECT_TRUE(testing::close(out[0], out[1], 1e-5)) << width;
      EXPECT_TRUE(testing::close(dx[0], dx[1], 2e-5)) << width;
      EXPECT_TRUE(testing::close(dw[0], dw[1], 5e-5)) << width;
    }
  }
}

TEST(GatedActivation, EqualsItsPlainTwinWithGradients) {
  for (const std::string name : {"silu", "gelu", "gelu_pytorch_tanh", "relu"}) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      std::vector<at::Tensor> out, d_gate, d_up;
      for (const bool plain : {false, true}) {
        at::Tensor gate = (random({7, 53}, 1) * 3).to(type).requires_grad_(true), up = random({7, 53}, 2).to(type).requires_grad_(true);
        out.push_back(gated_activation(name, gate, up, context_for(plain)));
        out.back().backward(random({7, 53}, 3).to(type));
        d_gate.push_back(gate.grad());
        d_up.push_back(up.grad());
      }
      const double absolute = type == at::kFloat ? 1e-5 : 0.02, relative = type == at::kFloat ? 1e-5 : 0.02;  // the twin rounds twice
      EXPECT_EQ(out[0].scalar_type(), type);
      EXPECT_TRUE(testing::close(out[0], out[1], absolute, relative)) << name;
      EXPECT_TRUE(testing::close(d_gate[0], d_gate[1], absolute, relative)) << name;
      EXPECT_TRUE(testing::close(d_up[0], d_up[1], absolute, relative)) << name;
    }
  }
}

RotaryOptions rotary(const std::string& type, double factor) {
  RotaryOptions options;
  options.width = 8;
  options.max_positions = 64;
  options.type = type;
  options.factor = factor;
  return options;
}

TEST(Rotary, EqualsItsPlainTwinWithGradientsAndKeepsTheOtherChannels) {
  for (const std::string type : {"default", "dynamic"}) {
    for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
      RotaryOptions options = rotary(type, 2);
      options.max_positions = 6;  // some sequences are longer
      const Rotary turner(options);
      const PackedInput input(testing::random_batch({9, 1, 5, 12}), at::kCPU);
      std::vector<at::Tensor> out, dx;
      for (const bool plain : {false, true}) {
        ForwardContext context = context_for(plain);
        context.input = &input;
        at::Tensor qkv = random({27, 3, 22}, 1).to(dtype).requires_grad_(true);
        out.push_back(turner.forward(qkv.narrow(2, 11, 11), context));  // heads of 11 channels beside others, 8 are turned
        out.back().backward(random({27, 3, 11}, 2).to(dtype));
        dx.push_back(qkv.grad());
        EXPECT_TRUE(at::equal(out.back().narrow(2, 8, 3), qkv.narrow(2, 19, 3)));
      }
      const double tolerance = dtype == at::kFloat ? 1e-5 : 0.03;
      EXPECT_TRUE(testing::close(out[0], out[1], tolerance)) << type;
      EXPECT_TRUE(testing::close(dx[0], dx[1], tolerance)) << type;
    }
  }
}

TEST(Rotary, TurnsTokensThatAreReadAsInAFullPass) {
  const Rotary turner(rotary("default", 1));
  const PackedInput input(testing::random_batch({9, 4, 5}), at::kCPU);
  ForwardContext context;
  context.input = &input;
  const at::Tensor x = random({18, 2, 8}, 1), full = turner.forward(x, context);
  context.read = at::tensor(std::vector<std::int64_t>{8, 10, 13});
  EXPECT_TRUE(testing::same_bits(turner.forward(x.index_select(0, context.read), context), full.index_select(0, context.read)));
}

TEST(Rotary, TakesPositionsFromTheBatch) {
  const Rotary turner(rotary("default", 1));
  Batch later = testing::random_batch({6});
  for (std::int32_t& position : later.positions) position += 300;  // behind 300 kept tokens, beyond the first table
  const PackedInput whole(testing::random_batch({306}), at::kCPU), rest(later, at::kCPU);
  ForwardContext context;
  context.input = &whole;
  const at::Tensor x = random({306, 2, 8}, 1), full = turner.forward(x, context);
  context.input = &rest;
  EXPECT_TRUE(testing::same_bits(turner.forward(x.narrow(0, 300, 6), context), full.narrow(0, 300, 6)));
}

TEST(Rotary, StretchesADynamicSequenceByItsOwnLength) {
  RotaryOptions options = rotary("dynamic", 2);
  options.max_positions = 8;
  const Rotary turner(options);
  const at::Tensor x = random({20, 2, 8}, 1);
  const auto turned = [&](const std::vector<std::int64_t>& lengths, std::int64_t first, std::int64_t count) {
    const PackedInput input(testing::random_batch(lengths), at::kCPU);
    ForwardContext context;
    context.input = &input;
    return turner.forward(x.narrow(0, first, count), context);
  };
  const at::Tensor together = turned({14, 6}, 0, 20);
  EXPECT_TRUE(testing::same_bits(together.narrow(0, 0, 14), turned({14}, 0, 14)));
  EXPECT_TRUE(testing::same_bits(together.narrow(0, 14, 6), turned({6}, 14, 6)));
}

// 8 channels, base 10,000, 64 positions; values from transformers 5.23's ROPE_INIT_FUNCTIONS.
TEST(RotaryFrequencies, AreThoseOfTransformers) {
  const auto expect = [](const RotaryOptions& options, std::int64_t length, std::vector<float> expected) {
    EXPECT_TRUE(testing::close(nn::rotary_frequencies(options, length), at::tensor(expected), 0, 1e-6)) << options.type;
  };
  expect(rotary("default", 1), 64, {1, 0.1f, 0.01f, 0.001f});
  expect(rotary("linear", 4), 64, {0.25f, 0.025f, 0.0025f, 0.00025f});
  expect(rotary("dynamic", 4), 64, {1, 0.1f, 0.01f, 0.001f});
  expect(rotary("dynamic", 4), 256, {1, 0.04252904f, 0.001808719f, 7.692308e-05f});
  RotaryOptions odd = rotary("default", 1);  // as GPT-NeoX computes them
  odd.width = 3;
  expect(odd, 64, {1, 0.0021544346f});
  RotaryOptions llama3 = rotary("llama3", 8);
  llama3.original_positions = 32;
  llama3.low_frequency = 0.4;
  llama3.high_frequency = 4;
  expect(llama3, 64, {1, 0.0151565f, 0.00125f, 0.000125f});
  RotaryOptions yarn = rotary("yarn", 4);
  yarn.original_positions = 64;
  expect(yarn, 64, {1, 0.0625f, 0.0025f, 0.00025f});
}

}  // namespace
}  // namespace temper
