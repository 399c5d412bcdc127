// Every fast way of attention against the plain one: a softmax per sequence, gradients by autograd.
#include <temper/torch/forward.h>

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "support/close.h"
#include "support/random_batch.h"

namespace temper {
namespace {

struct Case {
  const char* name;
  std::vector<std::int64_t> lengths;
  std::int64_t heads = 4, key_heads = 4, width = 8;
  bool causal = true;
  double dropout = 0;
  std::int64_t window = 0;
  bool read = false;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

at::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

struct Result {
  at::Tensor out, dq, dk, dv;
};

// q, k and v are slices of one matrix, as models have them.
Result run(const Case& c, bool plain, at::ScalarType type) {
  const PackedInput input(testing::random_batch(c.lengths), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.training = true;
  context.plain = plain;
  context.dropout = {11, 7};
  context.layer = 3;
  if (c.read) {
    std::vector<std::int64_t> read;
    for (std::int64_t b = 0; b < input.size(); ++b) read.push_back((input.host.starts[b] + input.host.starts[b + 1]) / 2);
    context.read = at::tensor(read);
  }
  at::Generator random = generator(5);
  at::Tensor qkv = at::randn({input.tokens(), c.heads + 2 * c.key_heads, c.width}, random, at::kFloat).to(type).requires_grad_(true);
  const auto parts = qkv.split_with_sizes({c.heads, c.key_heads, c.key_heads}, 1);
  const at::Tensor q = c.read ? parts[0].index_select(0, context.read) : parts[0];
  AttentionOptions options;
  options.causal = c.causal;
  options.scale = 1 / std::sqrt(static_cast<double>(c.width));
  options.dropout = c.dropout;
  options.site = 2;
  options.window = c.window;
  const at::Tensor out = attend(q, parts[1], parts[2], options, context);
  (out.to(at::kFloat) * at::randn(out.sizes(), random, at::kFloat)).sum().backward();
  const auto gradients = qkv.grad().to(at::kFloat).split_with_sizes({c.heads, c.key_heads, c.key_heads}, 1);
  return {out.detach().to(at::kFloat), gradients[0], gradients[1], gradients[2]};
}

class Attention : public ::testing::TestWithParam<Case> {};

TEST_P(Attention, EqualsItsPlainTwin) {
  const Result fast = run(GetParam(), false, at::kFloat), plain = run(GetParam(), true, at::kFloat);
  EXPECT_TRUE(testing::close(fast.out, plain.out, 1e-5));
  EXPECT_TRUE(testing::close(fast.dq, plain.dq, 2e-5));
  EXPECT_TRUE(testing::close(fast.dk, plain.dk, 2e-5));
  EXPECT_TRUE(testing::close(fast.dv, plain.dv, 2e-5));
}

TEST_P(Attention, EqualsItsPlainTwinInBf16) {
  const Result fast = run(GetParam(), false, at::kBFloat16), plain = run(GetParam(), true, at::kBFloat16);
  // Results round to 8 bits; gradients of keys and values that several queries share are rounded once per use in the plain way.
  EXPECT_TRUE(testing::close(fast.out, plain.out, 0.02, 0.01));
  EXPECT_TRUE(testing::close(fast.dq, plain.dq, 0.05, 0.02));
  EXPECT_TRUE(testing::close(fast.dk, plain.dk, 0.1, 0.02));
  EXPECT_TRUE(testing::close(fast.dv, plain.dv, 0.1, 0.02));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Attention,
    ::testing::Values(Case{"causal", {3, 3, 1, 7, 20, 20}}, Case{.name = "both_directions", .lengths = {3, 1, 7, 17}, .causal = false},
                      Case{.name = "dropout", .lengths = {4, 4, 1, 19}, .dropout = 0.3},
                      Case{.name = "dropout_in_both_directions", .lengths = {5, 16, 33}, .causal = false, .dropout = 0.1},
                      Case{.name = "window", .lengths = {3, 12, 40}, .window = 4},
                      Case{.name = "window_and_grouped_queries", .lengths = {3, 40, 75}, .heads = 6, .key_heads = 2, .width = 20, .window = 33},
                      Case{.name = "window_of_the_whole_sequence", .lengths = {40, 3}, .window = 40},
                      Case{.name = "window_with_dropout_and_read", .lengths = {30, 3, 50}, .dropout = 0.2, .window = 7, .read = true},
                      Case{.name = "long_with_window", .lengths = {1030, 5}, .heads = 2, .key_heads = 1, .window = 100},
                      Case{.name = "long_with_a_window_that_hides_nothing", .lengths = {1030, 5}, .heads = 4, .key_heads = 1, .width = 24, .window = 4096}, Case{.name = "grouped_queries", .lengths = {9, 2}, .heads = 6, .key_heads = 2},
                      Case{.name = "odd_width", .lengths = {9, 2}, .heads = 2, .key_heads = 1, .width = 13},
                      Case{.name = "wide_heads", .lengths = {6}, .heads = 2, .key_heads = 2, .width = 80},
                      Case{.name = "more_than_a_block", .lengths = {70, 33, 65}, .dropout = 0.2},
                      Case{.name = "read", .lengths = {3, 1, 7, 20}, .dropout = 0.2, .read = true},
                      Case{.name = "read_in_both_directions", .lengths = {3, 40}, .causal = false, .read = true},
                      Case{.name = "long_and_fused", .lengths = {1030, 5, 5}, .heads = 2, .key_heads = 1},
                      Case{.name = "long_in_both_directions", .lengths = {1025, 2}, .heads = 1, .key_heads = 1, .causal = false},
                      Case{.name = "long_with_dropout", .lengths = {150, 2}, .dropout = 0.1}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(AttentionWithoutGradients, EqualsItsPlainTwin) {
  const c10::NoGradGuard no_grad;
  for (const bool causal : {true, false}) {
    const PackedInput input(testing::random_batch({140, 140, 3}), at::kCPU);
    ForwardContext context, plain;
    context.input = plain.input = &input;
    plain.plain = true;
    at::Generator random = generator(5);
    const auto parts = at::randn({input.tokens(), 12, 16}, random, at::kFloat).split(4, 1);
    AttentionOptions options;
    options.causal = causal;
    options.scale = 0.25;
    EXPECT_TRUE(testing::close(attend(parts[0], parts[1], parts[2], options, context), attend(parts[0], parts[1], parts[2], options, plain), 1e-5));
  }
}

TEST(AttentionDropout, OfASequenceIsTheSameInEveryBatch) {
  const auto out = [](const std::vector<std::int64_t>& lengths, const std::vector<std::uint64_t>& items, std::int64_t first, std::int64_t count) {
    const PackedInput input(testing::random_batch(lengths, 20, items), at::kCPU);
    ForwardContext context;
    context.input = &input;
    context.training = true;
    at::Tensor x = at::empty({input.tokens(), 2, 8});
    for (std::int64_t n = 0; n < x.size(0); ++n) x[n] = at::sin(at::arange(16, at::kFloat).view({2, 8}) + input.ids[n]);
    AttentionOptions options;
    options.dropout = 0.5;
    return attend(x, x, x, options, context).narrow(0, first, count);
  };
  const at::Tensor alone = out({6}, {42}, 0, 6);
  EXPECT_TRUE(testing::same_bits(out({3, 6, 9}, {1, 42, 2}, 3, 6), alone));
  EXPECT_FALSE(at::equal(out({3, 6, 9}, {1, 41, 2}, 3, 6), alone));
}

}  // namespace
}  // namespace temper
