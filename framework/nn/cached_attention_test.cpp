// Attention behind kept keys and values gives what attention over the whole sequences gives, however they are cut.
#include "nn/cached_attention.h"

#include <cmath>
#include <numeric>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "nn/key_value_cache.h"
#include "support/close.h"
#include "support/message_of.h"
#include "support/random_batch.h"

namespace temper {
namespace {

struct Case {
  const char* name;
  std::vector<std::int64_t> prefix;                // lengths of the ranges that all sequences share
  std::vector<std::vector<std::int64_t>> rows;     // lengths of the ranges of each sequence, the last one its own
  std::int64_t heads = 4, key_heads = 4, width = 8, window = 0;
  bool read = false;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::int64_t sum(const std::vector<std::int64_t>& values) { return std::accumulate(values.begin(), values.end(), std::int64_t{0}); }

struct Parts {
  at::Tensor q, k, v;
};

Parts random_parts(const Case& c, std::int64_t tokens, std::uint64_t seed, at::ScalarType type) {
  at::Generator random = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto parts = at::randn({tokens, c.heads + 2 * c.key_heads, c.width}, random, at::kFloat).to(type).split_with_sizes({c.heads, c.key_heads, c.key_heads}, 1);
  return {parts[0], parts[1], parts[2]};
}

AttentionOptions options_of(const Case& c) {
  AttentionOptions options;
  options.scale = 1 / std::sqrt(static_cast<double>(c.width));
  options.window = c.window;
  return options;
}

// What the last range of each sequence gets, from whole sequences and from ranges in a cache.
struct Outcomes {
  at::Tensor whole, cached;
};

Outcomes run(const Case& c, at::ScalarType type, bool plain) {
  const c10::NoGradGuard no_grad;
  const std::int64_t shared = sum(c.prefix);
  const Parts prefix = random_parts(c, std::max<std::int64_t>(1, shared), 1, type);
  std::vector<Parts> rows;
  for (std::size_t b = 0; b < c.rows.size(); ++b) rows.push_back(random_parts(c, sum(c.rows[b]), b + 2, type));
  Outcomes outcomes;

  std::vector<at::Tensor> out;
  for (std::size_t b = 0; b < c.rows.size(); ++b) {
    const auto join = [&](const at::Tensor& before, const at::Tensor& own) { return at::cat({before.narrow(0, 0, shared), own}); };
    const std::int64_t length = shared + sum(c.rows[b]), own = c.rows[b].back();
    const PackedInput input(testing::random_batch({length}), at::kCPU);
    ForwardContext context;
    context.input = &input;
    context.plain = true;
    const at::Tensor all = attend(join(prefix.q, rows[b].q), join(prefix.k, rows[b].k), join(prefix.v, rows[b].v), options_of(c), context);
    out.push_back(c.read ? all.narrow(0, length - own + own / 2, 1) : all.narrow(0, length - own, own));
  }
  outcomes.whole = at::cat(out).to(at::kFloat);

  nn::KeyValueCache cache;
  nn::CacheRange gap = cache.reserve(3);  // so that rows are not simply positions
  std::vector<nn::CacheRange> chain;
  std::int64_t at = 0;
  const auto put = [&](const Parts& from, std::int64_t first, std::int64_t length) {
    const nn::CacheRange range = cache.reserve(length);
    cache.store(0, range.first, from.k.narrow(0, first, length), from.v.narrow(0, first, length));
    return range;
  };
  for (const std::int64_t length : c.prefix) {
    chain.push_back(put(prefix, at, length));
    at += length;
  }
  cache.release(gap);
  CachedTokens cached;
  cached.cache = &cache;
  std::vector<std::int64_t> lengths, read;
  std::vector<at::Tensor> q, k, v;
  std::int64_t tokens = 0;
  for (std::size_t b = 0; b < c.rows.size(); ++b) {
    cached.before.push_back(chain);
    std::int64_t first = 0;
    for (std::size_t i = 0; i + 1 < c.rows[b].size(); first += c.rows[b][i++]) cached.before.back().push_back(put(rows[b], first, c.rows[b][i]));
    const std::int64_t own = c.rows[b].back();
    lengths.push_back(own);
    read.push_back(tokens + own / 2);
    tokens += own;
    q.push_back(rows[b].q.narrow(0, first, own));
    k.push_back(rows[b].k.narrow(0, first, own));
    v.push_back(rows[b].v.narrow(0, first, own));
    cached.kept_at.push_back(b % 2 == 0 ? cache.reserve(own).first : -1);
  }
  const PackedInput input(testing::random_batch(lengths), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.plain = plain;
  context.layer = 0;
  context.cached = &cached;
  if (c.read) context.read = at::tensor(read);
  const at::Tensor queries = c.read ? at::cat(q).index_select(0, context.read) : at::cat(q);
  outcomes.cached = attend(queries, at::cat(k), at::cat(v), options_of(c), context).to(at::kFloat);
  for (std::size_t b = 0; b < c.rows.size(); b += 2) {
    EXPECT_TRUE(testing::same_bits(cache.keys(0).narrow(0, cached.kept_at[b], lengths[b]), k[b]));
    EXPECT_TRUE(testing::same_bits(cache.values(0).narrow(0, cached.kept_at[b], lengths[b]), v[b]));
  }
  return outcomes;
}

class CachedAttention : public ::testing::TestWithParam<Case> {};

TEST_P(CachedAttention, EqualsAttentionOverWholeSequences) {
  for (const bool plain : {false, true}) {
    const Outcomes outcomes = run(GetParam(), at::kFloat, plain);
    EXPECT_TRUE(testing::close(outcomes.cached, outcomes.whole, 1e-5)) << (plain ? "plain" : "in parts");
  }
}

TEST_P(CachedAttention, EqualsItInBf16) {
  for (const bool plain : {false, true}) {
    const Outcomes outcomes = run(GetParam(), at::kBFloat16, plain);
    EXPECT_TRUE(testing::close(outcomes.cached, outcomes.whole, 0.02, 0.01)) << (plain ? "plain" : "in parts");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CachedAttention,
    ::testing::Values(Case{"one_prefix", {21}, {{3}, {5}, {1}}}, Case{"long_prefix", {700, 3}, {{40}, {33}, {1}}}, Case{"many_queries", {20}, {{300}, {290}}},
                      Case{"branches", {9}, {{4, 3, 2}, {4, 3, 5}, {7}, {2, 2}}}, Case{"nothing_before_some", {}, {{5}, {3, 4}, {6}}},
                      Case{.name = "nothing_before_any", .prefix = {}, .rows = {{5}, {3}}},
                      Case{.name = "grouped_queries", .prefix = {30}, .rows = {{3}, {2, 5}}, .heads = 6, .key_heads = 2},
                      Case{.name = "window", .prefix = {30, 4}, .rows = {{12}, {2, 5}, {1}}, .window = 6},
                      Case{.name = "window_over_long_prefix", .prefix = {600}, .rows = {{40}, {300, 3}}, .window = 290},
                      Case{.name = "one_query_each", .prefix = {30}, .rows = {{5, 1}, {9, 2, 1}, {1}, {17, 1}}, .heads = 6, .key_heads = 2, .width = 48},
                      Case{.name = "one_query_each_and_a_prompt", .prefix = {}, .rows = {{5, 1}, {40}, {9, 1}}, .width = 16},
                      Case{.name = "one_query_in_a_window", .prefix = {40}, .rows = {{9, 1}, {3, 1}, {60, 1}}, .width = 32, .window = 7},
                      Case{.name = "odd_width", .prefix = {10}, .rows = {{3}, {9}}, .heads = 2, .key_heads = 1, .width = 13},
                      Case{.name = "read", .prefix = {18}, .rows = {{3}, {2, 5}, {1}}, .read = true}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CachedAttentionOf, TrainingOrOfModelsThatSeeTheFutureIsRefused) {
  nn::KeyValueCache cache;
  CachedTokens cached{&cache, {{}}, {-1}};
  const PackedInput input(testing::random_batch({3}), at::kCPU);
  ForwardContext context;
  context.input = &input;
  context.layer = 0;
  context.cached = &cached;
  const at::Tensor x = at::ones({3, 2, 4});
  AttentionOptions options;
  EXPECT_NE(testing::message_of([&] { attend(x.clone().requires_grad_(true), x, x, options, context); }).find("no gradient"), std::string::npos);
  options.causal = false;
  EXPECT_NE(testing::message_of([&] { attend(x, x, x, options, context); }).find("both directions"), std::string::npos);
}

TEST(KeyValueCache, HandsOutTheLowestRowsAgain) {
  nn::KeyValueCache cache;
  const nn::CacheRange a = cache.reserve(4), b = cache.reserve(2), c = cache.reserve(3);
  EXPECT_EQ(b.first, 4);
  cache.release(a);
  cache.release(b);
  EXPECT_EQ(cache.reserve(6).first, 0);  // the two are one again
  EXPECT_EQ(cache.rows_in_use(), 9);
  cache.release(c);
  EXPECT_EQ(cache.reserve(10).first, 6);
  EXPECT_NE(testing::message_of([&] { cache.store(0, 12, at::ones({5, 1, 1}), at::ones({5, 1, 1})); }).find("nobody reserved"), std::string::npos);
}

}  // namespace
}  // namespace temper
