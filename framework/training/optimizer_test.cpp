// AdamW and clipping: the fused kernel against its plain twin, and what each of them must leave alone.
#include "training/optimizer.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace temper::training {
namespace {

// Values that no generator makes: sin of a running number.
Tensor wave(at::IntArrayRef shape, double phase) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) elements *= size;
  return at::arange(elements, at::kFloat).mul(0.37).add(phase).sin().reshape(shape);
}

void fill(ParameterTable& table) {
  table.add({.name = "weight", .tensor = wave({8, 5}, 0).requires_grad_(true)});
  table.add({.name = "bias", .tensor = wave({8}, 1).requires_grad_(true), .decays = false});
  table.add({.name = "unused", .tensor = wave({3}, 2).requires_grad_(true)});
  table.add({.name = "frozen", .tensor = wave({4}, 3)});
}

void set_gradients(ParameterTable& table, int step) {
  table.find("weight")->tensor.mutable_grad() = wave({8, 5}, 10 + step) * 3;
  table.find("bias")->tensor.mutable_grad() = wave({8}, 20 + step);
}

double largest_difference(const Tensor& a, const Tensor& b) { return (a.detach() - b.detach()).abs().max().item<double>(); }

TEST(AdamW, FusedStepsEqualPlainSteps) {
  ParameterTable fused_table, plain_table;
  fill(fused_table);
  fill(plain_table);
  AdamW fused(fused_table, {.weight_decay = 0.1});
  AdamW plain(plain_table, {.weight_decay = 0.1, .plain = true});
  for (int step = 0; step < 20; ++step) {
    set_gradients(fused_table, step);
    set_gradients(plain_table, step);
    EXPECT_EQ(fused.clip(1.0), plain.clip(1.0));
    fused.step(1e-2);
    plain.step(1e-2);
  }
  EXPECT_GT(largest_difference(fused_table.find("weight")->tensor, wave({8, 5}, 0)), 0.05);
  for (const char* name : {"weight", "bias", "unused", "frozen"}) {
    // Float32 rounding of 20 steps of 0.01 on values around 1.
    EXPECT_LT(largest_difference(fused_table.find(name)->tensor, plain_table.find(name)->tensor), 2e-6) << name;
  }
}

TEST(AdamW, FirstStepIsLearningRateTimesTheSignAndDecay) {
  ParameterTable table;
  fill(table);
  AdamW adam(table, {.weight_decay = 0.5});
  set_gradients(table, 0);
  adam.clip(0);
  adam.step(1e-2);
  const Tensor before = wave({8, 5}, 0);
  const Tensor wanted = before - 1e-2 * (wave({8, 5}, 10).sign() + 0.5 * before);
  EXPECT_LT(largest_difference(table.find("weight")->tensor, wanted), 1e-6);
  EXPECT_LT(largest_difference(table.find("bias")->tensor, wave({8}, 1) - 1e-2 * wave({8}, 20).sign()), 1e-6);
}

TEST(AdamW, LeavesParametersWithoutAGradientAlone) {
  ParameterTable table;
  fill(table);
  AdamW adam(table, {.weight_decay = 0.5});
  ASSERT_EQ(adam.parameters().size(), 3u);  // the frozen one is not taken
  set_gradients(table, 0);
  adam.step(1e-2);
  EXPECT_TRUE(at::equal(table.find("unused")->tensor, wave({3}, 2)));
  EXPECT_TRUE(at::equal(table.find("frozen")->tensor, wave({4}, 3)));
  EXPECT_FALSE(adam.moments()[2].m.defined());
}

TEST(AdamW, RaisesTheVersionOfWhatItChanges) {
  ParameterTable table;
  fill(table);
  AdamW adam(table, {});
  set_gradients(table, 0);
  const auto before = table.find("weight")->tensor._version();
  adam.step(1e-2);
  EXPECT_GT(table.find("weight")->tensor._version(), before);
}

TEST(AdamW, AStepAtLearningRateZeroMovesTheMomentsOnly) {
  ParameterTable table;
  fill(table);
  AdamW adam(table, {.weight_decay = 0.1});
  set_gradients(table, 0);
  adam.step(0);
  EXPECT_TRUE(at::equal(table.find("weight")->tensor, wave({8, 5}, 0)));
  EXPECT_GT(adam.moments()[0].m.abs().max().item<double>(), 0.1);
  EXPECT_EQ(adam.moments()[0].steps, 1);
}

TEST(Clipping, ReturnsTheNormBeforeAndScalesDownOnly) {
  for (const bool plain : {false, true}) {
    ParameterTable clipped, loose;
    fill(clipped);
    fill(loose);
    AdamW a(clipped, {.plain = plain}), b(loose, {.plain = plain});
    set_gradients(clipped, 0);
    set_gradients(loose, 0);
    const double norm = std::sqrt((wave({8, 5}, 10) * 3).square().sum().item<double>() + wave({8}, 20).square().sum().item<double>());
    EXPECT_NEAR(a.clip(2.0), norm, 1e-5);
    EXPECT_NEAR(b.clip(2 * norm), norm, 1e-5);
    a.step(1e-2);
    b.step(1e-2);
    EXPECT_LT(largest_difference(a.moments()[0].m, wave({8, 5}, 10) * 3 * 0.1 * (2.0 / (norm + 1e-6))), 1e-6);
    EXPECT_LT(largest_difference(b.moments()[0].m, wave({8, 5}, 10) * 3 * 0.1), 1e-6);
  }
}

TEST(Clipping, IsNotFiniteWhenAGradientIsNot) {
  ParameterTable table;
  fill(table);
  AdamW adam(table, {});
  set_gradients(table, 0);
  table.find("bias")->tensor.mutable_grad().fill_(std::nan(""));
  EXPECT_TRUE(std::isnan(adam.clip(1.0)));
}

}  // namespace
}  // namespace temper::training
