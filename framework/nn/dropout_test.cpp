// Dropout: the kernel against integer tensor operations, and what a mask does and does not depend on.
#include "nn/dropout.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "support/close.h"
#include "support/random_batch.h"

namespace temper {
namespace {

// What is left of a row of ones for each token.
at::Tensor kept(const Batch& batch, ForwardContext context, double p = 0.3, int site = 1, std::int64_t channels = 50) {
  const PackedInput input(batch, at::kCPU);
  context.input = &input;
  context.training = true;
  return dropout(at::ones({input.tokens(), channels}), p, site, context);
}

TEST(Dropout, IsTheSameToTheBitAsItsPlainTwin) {
  const PackedInput input(testing::random_batch({3, 1, 8}), at::kCPU);
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    ForwardContext context;
    context.input = &input;
    context.training = true;
    context.dropout = {123456789012345, 77};
    context.layer = 2;
    const at::Tensor x = (at::arange(12 * 37, at::kFloat).view({12, 37}) * 0.37 - 40).to(type);
    at::Tensor fast_in = x.clone().requires_grad_(true), plain_in = x.clone().requires_grad_(true);
    const at::Tensor fast = dropout(fast_in, 0.1, 3, context);
    context.plain = true;
    const at::Tensor plain = dropout(plain_in, 0.1, 3, context);
    EXPECT_TRUE(testing::same_bits(fast, plain));
    fast.to(at::kFloat).square().sum().backward();
    plain.to(at::kFloat).square().sum().backward();
    EXPECT_TRUE(testing::same_bits(fast_in.grad(), plain_in.grad()));
  }
}

TEST(Dropout, DropsItsShareAndScalesTheRest) {
  const at::Tensor x = kept(testing::random_batch({40, 40, 40}), {}, 0.3, 1, 500);
  const double share = x.eq(0).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(share, 0.3, 0.01);  // 60,000 draws: five standard errors
  EXPECT_TRUE(at::allclose(x.masked_select(x.ne(0)), at::full({1}, 1 / 0.7)));
}

TEST(Dropout, OfAnItemIsTheSameInEveryBatch) {
  const at::Tensor alone = kept(testing::random_batch({5}, 20, {42}), {});
  EXPECT_TRUE(testing::same_bits(kept(testing::random_batch({2, 5, 3}, 20, {1, 42, 9}), {}).narrow(0, 2, 5), alone));
}

TEST(Dropout, ChangesWithSeedStepItemPositionLayerAndSite) {
  const Batch batch = testing::random_batch({1}, 20, {42});
  const at::Tensor base = kept(batch, {});
  ForwardContext seed, step, layer;
  seed.dropout.seed = 1;
  step.dropout.step = 1;
  layer.layer = 5;
  EXPECT_FALSE(at::equal(kept(batch, seed), base));
  EXPECT_FALSE(at::equal(kept(batch, step), base));
  EXPECT_FALSE(at::equal(kept(batch, layer), base));
  EXPECT_FALSE(at::equal(kept(batch, {}, 0.3, 2), base));
  EXPECT_FALSE(at::equal(kept(testing::random_batch({1}, 20, {43}), {}), base));
  const at::Tensor two = kept(testing::random_batch({2}, 20, {42}), {});
  EXPECT_TRUE(at::equal(two[0], base[0]));
  EXPECT_FALSE(at::equal(two[1], base[0]));
}

TEST(Dropout, OfTokensThatAreReadIsThatOfTheFullPass) {
  const Batch batch = testing::random_batch({4, 2});
  ForwardContext reading;
  reading.read = at::tensor(std::vector<std::int64_t>{3, 4});
  const PackedInput input(batch, at::kCPU);
  reading.input = &input;
  reading.training = true;
  EXPECT_TRUE(testing::same_bits(dropout(at::ones({2, 50}), 0.3, 1, reading), kept(batch, {}).index_select(0, reading.read)));
}

TEST(Dropout, IsTheIdentityOutsideTraining) {
  const PackedInput input(testing::random_batch({3}), at::kCPU);
  ForwardContext context;
  context.input = &input;
  const at::Tensor x = at::randn({3, 4}, at::make_generator<at::CPUGeneratorImpl>(1), at::kFloat);
  EXPECT_TRUE(testing::same_bits(dropout(x, 0.9, 1, context), x));
  context.training = true;
  EXPECT_TRUE(testing::same_bits(dropout(x, 0, 1, context), x));
}

TEST(RandomBits, AreUncorrelatedBetweenNeighbours) {
  // Counts of equal top bits between a row and its neighbours in channel, position and step lie within six standard errors of half.
  std::int64_t channel = 0, position = 0, step = 0;
  constexpr int kRows = 200, kChannels = 500;
  for (int r = 0; r < kRows; ++r) {
    for (std::uint32_t c = 0; c < kChannels; ++c) {
      const auto bit = [](std::uint64_t key, int row, std::uint32_t at) { return nn::random_bits(nn::row_key(key, row), at) >> 31; };
      const std::uint32_t here = bit(1, r, c);
      channel += here == bit(1, r, c + 1);
      position += here == bit(1, r + 1, c);
      step += here == bit(2, r, c);
    }
  }
  const double half = kRows * kChannels / 2.0, allowed = 6 * std::sqrt(kRows * kChannels / 4.0);
  EXPECT_NEAR(channel, half, allowed);
  EXPECT_NEAR(position, half, allowed);
  EXPECT_NEAR(step, half, allowed);
}

}  // namespace
}  // namespace temper
