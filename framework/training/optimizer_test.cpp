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

// ---- embeddings ----

struct Tables {
  ParameterTable by_rows, whole;
  Tables() {
    by_rows.add({.name = "table", .tensor = wave({50, 4}, 0).requires_grad_(true), .looked_up = std::vector<std::uint8_t>(50, 0)});
    whole.add({.name = "table", .tensor = wave({50, 4}, 0).requires_grad_(true)});
  }
  // The gradient of a step that looked up a few rows, others each time.
  void look_up(int step) {
    Parameter& table = by_rows.all().front();
    Tensor gradient = at::zeros({50, 4});
    for (const int row : {step % 7, 3 * step % 11, 20}) {
      table.looked_up[row] = 1;
      gradient[row] = wave({4}, step + row);
    }
    if (table.tensor.grad().defined()) {
      table.tensor.mutable_grad().add_(gradient);  // as a lookup does: into what clear_gradients left
    } else {
      table.tensor.mutable_grad() = gradient.clone();
    }
    whole.all().front().tensor.mutable_grad() = gradient;
  }
};

TEST(AdamW, WorksOnlyOnRowsThatWereLookedUpAndComesToTheSame) {
  for (const double weight_decay : {0.0, 0.1}) {
    Tables tables;
    AdamW by_rows(tables.by_rows, {.weight_decay = weight_decay}), whole(tables.whole, {.weight_decay = weight_decay, .plain = true});
    for (int step = 0; step < 30; ++step) {
      tables.look_up(step);
      EXPECT_NEAR(by_rows.clip(0.5), whole.clip(0.5), 1e-6);
      by_rows.step(1e-2);
      whole.step(1e-2);
      by_rows.clear_gradients();
      whole.clear_gradients();
    }
    EXPECT_LT(largest_difference(tables.by_rows.all().front().tensor, tables.whole.all().front().tensor), 2e-6) << weight_decay;
    EXPECT_EQ(by_rows.moments()[0].rows.numel(), 12);  // 0 to 10, and 20
    EXPECT_EQ(tables.by_rows.all().front().tensor.grad().abs().max().item<double>(), 0);
  }
}

TEST(AdamW, GoesOnFromRestoredRowsToTheSameBits) {
  Tables whole, before;
  AdamW unbroken(whole.by_rows, {.weight_decay = 0.1}), first(before.by_rows, {.weight_decay = 0.1});
  const auto take = [](Tables& tables, AdamW& adam, int from, int to) {
    for (int step = from; step < to; ++step) {
      tables.look_up(step);
      adam.clip(0.5);
      adam.step(1e-2);
      adam.clear_gradients();
    }
  };
  take(whole, unbroken, 0, 10);
  take(before, first, 0, 4);
  Tables after;
  after.by_rows.all().front().tensor.data().copy_(before.by_rows.all().front().tensor.data());
  AdamW second(after.by_rows, {.weight_decay = 0.1});
  second.restore(0, first.moments()[0]);
  take(after, second, 4, 10);
  EXPECT_TRUE(at::equal(after.by_rows.all().front().tensor, whole.by_rows.all().front().tensor));
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
