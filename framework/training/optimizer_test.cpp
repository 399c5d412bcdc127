// AdamW and clipping: the kernels against their plain twin, and what each of them must leave alone.
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

TEST(AdamW, AllKernelsTakeTheSameSteps) {
  ParameterTable own_table, torch_table, plain_table;
  for (ParameterTable* table : {&own_table, &torch_table, &plain_table}) fill(*table);
  AdamW own(own_table, {.weight_decay = 0.1}), torch(torch_table, {.weight_decay = 0.1, .kernel = AdamWKernel::kTorch}),
      plain(plain_table, {.weight_decay = 0.1, .kernel = AdamWKernel::kPlain});
  for (int step = 0; step < 20; ++step) {
    for (ParameterTable* table : {&own_table, &torch_table, &plain_table}) set_gradients(*table, step);
    for (AdamW* adam : {&own, &torch, &plain}) {
      adam->clip(1.0);
      adam->step(1e-2);
    }
  }
  EXPECT_GT(largest_difference(own_table.find("weight")->tensor, wave({8, 5}, 0)), 0.05);
  for (const char* name : {"weight", "bias", "unused", "frozen"}) {
    // Float32 rounding of 20 steps of 0.01 on values around 1.
    EXPECT_LT(largest_difference(own_table.find(name)->tensor, plain_table.find(name)->tensor), 2e-6) << name;
    EXPECT_LT(largest_difference(torch_table.find(name)->tensor, plain_table.find(name)->tensor), 2e-6) << name;
  }
}

TEST(AdamW, RenewsTheHalfPrecisionCopyThatLayersKeep) {
  for (const std::int64_t size : {1, 7, 1000, 100003}) {  // whole vectors and their tails
    ParameterTable table;
    Parameter& weight = table.add({.name = "weight", .tensor = wave({size}, 0).requires_grad_(true)});
    half_copy(weight);
    AdamW adam(table, {});
    weight.tensor.mutable_grad() = wave({size}, 1);
    adam.clip(0);
    adam.step(1e-2);
    const void* kept = weight.half.const_data_ptr();
    EXPECT_TRUE(at::equal(half_copy(weight), weight.tensor.detach().to(at::kBFloat16))) << size;
    EXPECT_EQ(weight.half.const_data_ptr(), kept);
    const Tensor held = half_copy(weight);  // as a recorded product holds it: it must keep its values
    const Tensor values = held.clone();
    adam.step(1e-2);
    EXPECT_TRUE(at::equal(held, values)) << size;
    EXPECT_TRUE(at::equal(half_copy(weight), weight.tensor.detach().to(at::kBFloat16))) << size;
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
  for (const AdamWKernel kernel : {AdamWKernel::kOwn, AdamWKernel::kTorch, AdamWKernel::kPlain}) {
    ParameterTable table;
    fill(table);
    AdamW adam(table, {.kernel = kernel});
    set_gradients(table, 0);
    const auto before = table.find("weight")->tensor._version();
    adam.step(1e-2);
    EXPECT_GT(table.find("weight")->tensor._version(), before);
  }
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
    AdamW by_rows(tables.by_rows, {.weight_decay = weight_decay}), whole(tables.whole, {.weight_decay = weight_decay, .kernel = AdamWKernel::kPlain});
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

TEST(AdamW, GoesOnWithAllRowsWhereAnotherKernelTakesOver) {
  Tables own, torch;
  AdamW first(own.by_rows, {}), reference(own.whole, {});
  for (int step = 0; step < 4; ++step) {
    own.look_up(step);
    for (AdamW* adam : {&first, &reference}) {
      adam->step(1e-2);
      adam->clear_gradients();
    }
  }
  AdamW second(torch.by_rows, {.kernel = AdamWKernel::kTorch});
  second.restore(0, first.moments()[0]);
  EXPECT_FALSE(second.moments()[0].rows.defined());
  EXPECT_TRUE(at::equal(second.moments()[0].m, reference.moments()[0].m));
  EXPECT_TRUE(at::equal(second.moments()[0].v, reference.moments()[0].v));
}

TEST(Clipping, ReturnsTheNormBeforeAndScalesDownOnly) {
  for (const AdamWKernel kernel : {AdamWKernel::kOwn, AdamWKernel::kTorch, AdamWKernel::kPlain}) {
    ParameterTable clipped, loose;
    fill(clipped);
    fill(loose);
    AdamW a(clipped, {.kernel = kernel}), b(loose, {.kernel = kernel});
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
