// Attention of a few queries is attention by products, and a row's summary is that of its softmax.
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/attention_parts.h"

namespace temper::nn {
namespace {

struct Case {
  std::int64_t keys, queries, heads, key_heads, width, window;
};

class AttentionOfFew : public ::testing::TestWithParam<Case> {};

// Both ways over two parts, so that they also combine.
template <class T>
void compare(const Case& c, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const AttentionShape shape{c.heads, c.key_heads, c.width, static_cast<float>(1 / std::sqrt(static_cast<double>(c.width))), true, c.window, 0, 1};
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < c.queries; ++i) positions.push_back(c.keys - c.queries + i);
  const std::int64_t first = c.keys / 3;
  const std::vector<AttentionPart> parts = {{0, first, 0, 0, c.queries}, {first, c.keys - first, first, 0, c.queries}};
  const auto rows = [](const at::Tensor& x) { return HeadRows<const T>{static_cast<const T*>(x.const_data_ptr()), x.stride(0), x.stride(1)}; };
  const auto run = [&](auto add) {
    at::Tensor out = at::zeros({c.queries, c.heads, c.width});
    std::vector<float> log_sums(static_cast<std::size_t>(c.queries * c.heads), -std::numeric_limits<float>::infinity());
    Scratch scratch;
    for (const AttentionPart& part : parts) {
      for (std::int64_t head = 0; head < c.key_heads; ++head) {
        add(shape, part, positions.data(), head, rows(q), rows(k), rows(v), {{out.mutable_data_ptr<float>(), out.stride(0), out.stride(1)}, log_sums.data()}, scratch);
      }
    }
    return std::pair{out, at::tensor(log_sums)};
  };
  const std::pair<at::Tensor, at::Tensor> few = run(add_attention_of_few<T>), products = run(add_attention_part<T>);
  // Both read the same numbers and sum in float32: they differ by the order of sums alone, where scores reach 4.
  EXPECT_LT((few.first - products.first).abs().max().item<double>(), 3e-6);
  EXPECT_LT((few.second - products.second).abs().max().item<double>(), 3e-6);
  EXPECT_GT(few.first.abs().max().item<double>(), 0.01);
}

TEST_P(AttentionOfFew, EqualsItsTwin) {
  const Case& c = GetParam();
  at::manual_seed(3);
  // Keys and values lie head by head, as in the cache.
  const at::Tensor q = at::randn({c.queries, c.heads, c.width});
  const at::Tensor k = at::randn({c.key_heads, c.keys, c.width}).transpose(0, 1), v = at::randn({c.key_heads, c.keys, c.width}).transpose(0, 1);
  compare<float>(c, q, k, v);
  compare<Bf16>(c, q.to(at::kBFloat16), k.to(at::kBFloat16), v.to(at::kBFloat16));
}

INSTANTIATE_TEST_SUITE_P(Cases, AttentionOfFew,
                         ::testing::Values(Case{1, 1, 2, 2, 16, 0}, Case{2, 1, 4, 1, 64, 0}, Case{5, 3, 4, 2, 64, 0}, Case{88, 1, 12, 12, 64, 0},
                                           Case{301, 4, 6, 2, 80, 0}, Case{303, 2, 2, 1, 128, 0}, Case{300, 1, 8, 4, 64, 9}, Case{300, 4, 8, 4, 48, 150}),
                         [](const auto& info) { return std::to_string(info.param.keys) + "keys_" + std::to_string(info.param.width) + "wide" + std::to_string(info.index); });

TEST(SummaryOfRow, IsThatOfItsSoftmax) {
  at::manual_seed(4);
  for (const std::int64_t width : {1, 15, 16, 257, 50257}) {
    const at::Tensor row = at::randn({width}) * 5;
    const RowSummary summary = summary_of_row(row.const_data_ptr<float>(), static_cast<std::size_t>(width));
    EXPECT_EQ(summary.place, row.argmax().item<std::int64_t>());
    EXPECT_EQ(summary.largest, row.max().item<float>());
    EXPECT_NEAR(summary.log_sum, at::logsumexp(row.to(at::kDouble), {0}).item<double>(), 1e-6);
  }
}

TEST(SummaryOfRow, TakesTheFirstOfEqualsAndTellsOfWhatIsNoNumber) {
  std::vector<float> row(40, -3.0f);
  row[17] = row[5] = row[39] = 2.0f;
  EXPECT_EQ(summary_of_row(row.data(), row.size()).place, 5);
  row[2] = -std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isfinite(summary_of_row(row.data(), row.size()).log_sum));
  for (const std::size_t place : {3, 39}) {  // within whole vectors, and behind them
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      std::vector<float> broken = row;
      broken[place] = value;
      EXPECT_FALSE(std::isfinite(summary_of_row(broken.data(), broken.size()).log_sum));
    }
  }
  const std::vector<float> nothing(20, -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(summary_of_row(nothing.data(), nothing.size()).log_sum));
}

}  // namespace
}  // namespace temper::nn
