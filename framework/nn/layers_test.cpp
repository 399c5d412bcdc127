// Linear layers, embeddings and initial weights.
#include <temper/torch/layers.h>

#include <optional>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/close.h"
#include "support/message_of.h"

namespace temper {
namespace {

at::Tensor random(at::IntArrayRef sizes, std::uint64_t seed) { return at::randn(sizes, at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat); }

ForwardContext in_bf16() {
  ForwardContext context;
  context.bf16 = true;
  return context;
}

struct LinearTest : ::testing::TestWithParam<bool> {
  LinearTest() {
    LinearOptions options;
    options.transposed = GetParam();
    options.init_std = 0.5;
    linear.emplace(table, "layer", 6, 5, options);
    initialize(table, 3);
    const c10::NoGradGuard no_grad;
    table.find("layer.bias")->tensor.copy_(at::arange(5, at::kFloat));
    matrix = table.find("layer.weight")->tensor.detach().clone();
    if (GetParam()) matrix = matrix.t();  // [out, in]
  }
  at::Tensor& gradient(const char* name) { return table.find(name)->tensor.mutable_grad(); }
  ParameterTable table;
  std::optional<Linear> linear;
  at::Tensor matrix;
};

TEST_P(LinearTest, IsTheProductPlusTheBias) {
  const at::Tensor x = random({7, 6}, 1);
  EXPECT_TRUE(testing::close(linear->forward(x, {}), at::matmul(x, matrix.t()) + at::arange(5, at::kFloat), 1e-6));
}

TEST_P(LinearTest, InBf16HasTheGradientsOfTheRoundedProduct) {
  const at::Tensor dy = random({7, 5}, 2).to(at::kBFloat16);
  at::Tensor x = random({7, 6}, 1).to(at::kBFloat16).to(at::kFloat).requires_grad_(true);
  const at::Tensor y = linear->forward(x, in_bf16());
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(testing::close(y.to(at::kFloat), at::matmul(x, matrix.t()) + at::arange(5, at::kFloat), 0.02, 0.01));
  y.backward(dy);
  const at::Tensor weight_gradient = at::matmul(dy.to(at::kFloat).t(), x.detach());  // [out, in]
  EXPECT_EQ(gradient("layer.weight").scalar_type(), at::kFloat);
  EXPECT_TRUE(testing::close(gradient("layer.weight"), GetParam() ? weight_gradient.t() : weight_gradient, 0.02, 0.01));
  EXPECT_TRUE(testing::close(gradient("layer.bias"), dy.to(at::kFloat).sum(0), 1e-5));
  EXPECT_TRUE(testing::close(x.grad(), at::matmul(dy.to(at::kFloat), matrix), 0.02, 0.01));
}

TEST_P(LinearTest, InBf16EqualsItsPlainTwin) {
  ForwardContext plain = in_bf16();
  plain.plain = true;
  const at::Tensor x = random({7, 6}, 1), dy = random({7, 5}, 2).to(at::kBFloat16);
  const at::Tensor fast_y = linear->forward(x, in_bf16());
  fast_y.backward(dy);
  const at::Tensor fast_weight = gradient("layer.weight"), fast_bias = gradient("layer.bias");
  for (Parameter& parameter : table.all()) parameter.tensor.mutable_grad().reset();
  const at::Tensor plain_y = linear->forward(x, plain);
  plain_y.backward(dy);
  EXPECT_TRUE(testing::same_bits(fast_y, plain_y));
  EXPECT_TRUE(testing::close(fast_weight, gradient("layer.weight"), 1e-6, 0.01));
  EXPECT_TRUE(testing::close(fast_bias, gradient("layer.bias"), 1e-6, 0.01));  // the plain one is rounded to bfloat16
}

TEST_P(LinearTest, InBf16AddsTheGradientsOfMicroBatchesInFloat32) {
  for (int i = 0; i < 300; ++i) linear->forward(at::ones({1, 6}), in_bf16()).backward(at::full({1, 5}, 1.0, at::kBFloat16));
  // bfloat16 would stop counting at 256.
  EXPECT_TRUE(testing::close(gradient("layer.weight"), at::full_like(gradient("layer.weight"), 300), 0));
  EXPECT_TRUE(testing::close(gradient("layer.bias"), at::full({5}, 300.0), 0));
}

TEST_P(LinearTest, InBf16RenewsItsCopyWhenTheWeightsChange) {
  const at::Tensor x = random({2, 6}, 1);
  Parameter& weight = *table.find("layer.weight");
  linear->forward(x, in_bf16());
  const void* copy = weight.half.const_data_ptr();
  linear->forward(x, in_bf16());
  EXPECT_EQ(weight.half.const_data_ptr(), copy);  // nothing changed: nothing was copied
  const std::uint32_t version = weight.half_version;
  {
    const c10::NoGradGuard no_grad;
    weight.tensor.zero_();
  }
  EXPECT_TRUE(testing::close(linear->forward(x, in_bf16()).to(at::kFloat), at::arange(5, at::kFloat).expand({2, 5}), 0));
  EXPECT_NE(weight.half_version, version);
  weight.tensor.mutable_data_ptr<float>()[0] = 1;  // behind the counter's back
  mark_changed(weight);
  EXPECT_EQ(half_copy(weight).flatten()[0].item<float>(), 1);
}

TEST_P(LinearTest, ThatIsFrozenPassesGradientsOnAndGetsNone) {
  for (Parameter& parameter : table.all()) parameter.tensor.requires_grad_(false);
  at::Tensor x = random({2, 6}, 1).requires_grad_(true);
  linear->forward(x, in_bf16()).sum().backward();
  EXPECT_TRUE(x.grad().defined());
  EXPECT_FALSE(gradient("layer.weight").defined());
  EXPECT_FALSE(linear->forward(x.detach(), in_bf16()).requires_grad());
}

TEST_P(LinearTest, InBf16WorksWithoutABiasAndWithATrainedBiasAlone) {
  LinearOptions options;
  options.bias = false;
  options.transposed = GetParam();
  Linear bare(table, "bare", 6, 5, options);
  initialize(*table.find("bare.weight"), 1);
  bare.forward(random({2, 6}, 1), in_bf16()).sum().backward();
  EXPECT_TRUE(gradient("bare.weight").defined());
  table.find("layer.weight")->tensor.requires_grad_(false);
  linear->forward(random({2, 6}, 1), in_bf16()).sum().backward();
  EXPECT_FALSE(gradient("layer.weight").defined());
  EXPECT_TRUE(testing::close(gradient("layer.bias"), at::full({5}, 2.0), 0));
}

INSTANTIATE_TEST_SUITE_P(Linear, LinearTest, ::testing::Values(false, true), [](const auto& info) { return info.param ? "Transposed" : "Plain"; });

TEST(Embedding, AddsGradientsOfRepeatedRowsAndSkipsPadding) {
  ParameterTable table;
  Embedding embedding(table, "words", 7, 100, 0.1, 2);
  initialize(table, 1);
  const at::Tensor ids = at::tensor(std::vector<std::int64_t>{3, 2, 3, 6}), dy = random({4, 100}, 4);
  const at::Tensor& weight = table.find("words.weight")->tensor;
  EXPECT_TRUE(testing::same_bits(embedding.forward(ids), weight.index_select(0, ids)));
  for (int pass = 1; pass <= 2; ++pass) {
    embedding.forward(ids).backward(dy);
    at::Tensor expected = at::zeros({7, 100});
    expected[3] = dy[0] + dy[2];
    expected[6] = dy[3];
    EXPECT_TRUE(testing::close(weight.grad(), expected * pass, 1e-6));
  }
}

TEST(Embedding, ClearsWhatAnEarlierStepWrote) {
  ParameterTable table;
  Embedding embedding(table, "words", 7, 4, 0.1);
  initialize(table, 1);
  at::Tensor& weight = table.find("words.weight")->tensor;
  const auto step = [&](std::vector<std::int64_t> ids) { embedding.forward(at::tensor(ids)).sum().backward(); };
  step({3, 5});
  step({5});
  const at::Tensor held = weight.grad();  // someone keeps it: it must not change
  weight.mutable_grad().reset();
  step({1});
  EXPECT_EQ(held[5][0].item<float>(), 2);
  for (const std::int64_t row : {1, 3, 5}) EXPECT_EQ(weight.grad()[row][0].item<float>(), row == 1) << row;
  weight.mutable_grad().reset();
  step({6});
  for (const std::int64_t row : {1, 5, 6}) EXPECT_EQ(weight.grad()[row][0].item<float>(), row == 6) << row;
}

TEST(InitialWeights, DependOnSeedAndNameAlone) {
  const auto made = [](const std::string& name, std::uint64_t seed, bool with_another) {
    ParameterTable table;
    if (with_another) Embedding(table, "another", 4, 4, 0.1);
    Embedding(table, name, 50, 40, 0.1);
    initialize(table, seed);
    return table.find(name + ".weight")->tensor;
  };
  const at::Tensor base = made("words", 1, false);
  EXPECT_TRUE(testing::same_bits(made("words", 1, true), base));
  EXPECT_FALSE(at::equal(made("words", 2, false), base));
  EXPECT_FALSE(at::equal(made("wordz", 1, false), base));
  EXPECT_NEAR(base.mean().item<double>(), 0, 0.01);
  EXPECT_NEAR(base.std().item<double>(), 0.1, 0.01);
}

TEST(Activation, NamesTheOnesThatItKnows) {
  EXPECT_TRUE(is_activation("gelu_new"));
  EXPECT_FALSE(is_activation("gelu_newer"));
  EXPECT_NE(testing::message_of([] { activation("prelu", at::zeros({1})); }).find("known are gelu, gelu_10, gelu_accurate"), std::string::npos);
  EXPECT_NEAR(activation("gelu", at::ones({1})).item<double>(), 0.841345, 1e-6);      // Phi(1)
  EXPECT_NEAR(activation("gelu_new", at::ones({1})).item<double>(), 0.841192, 1e-6);  // by tanh
}

// At -2, 0.5 and 12; values from transformers 5.23's ACT2FN.
TEST(Activation, IsTransformersOfThatName) {
  const auto expect = [](const char* name, std::vector<float> expected) {
    EXPECT_TRUE(testing::close(activation(name, at::tensor({-2.0f, 0.5f, 12.0f})), at::tensor(expected), 1e-6, 1e-6)) << name;
  };
  expect("gelu", {-0.045500278f, 0.34573123f, 12});
  expect("gelu_10", {-0.045500278f, 0.34573123f, 10});
  expect("gelu_fast", {-0.045402288f, 0.345714f, 12});
  expect("gelu_new", {-0.045402288f, 0.345714f, 12});
  expect("gelu_python", {-0.045500278f, 0.34573123f, 12});
  expect("gelu_pytorch_tanh", {-0.045402288f, 0.345714f, 12});
  expect("gelu_python_tanh", {-0.045402288f, 0.345714f, 12});
  expect("gelu_accurate", {-0.045402288f, 0.345714f, 12});
  expect("hardswish", {-0.33333334f, 0.29166666f, 12});
  expect("laplace", {0, 0.23142114f, 1});
  expect("leaky_relu", {-0.02f, 0.5f, 12});
  expect("linear", {-2, 0.5f, 12});
  expect("mish", {-0.25250146f, 0.37524524f, 12});
  expect("quick_gelu", {-0.064341374f, 0.35038844f, 12});
  expect("relu", {0, 0.5f, 12});
  expect("relu2", {0, 0.25f, 144});
  expect("relu6", {0, 0.5f, 6});
  expect("sigmoid", {0.11920292f, 0.62245935f, 0.9999938f});
  expect("silu", {-0.23840584f, 0.31122968f, 11.999926f});
  expect("sqrtsoftplus", {0.35626957f, 0.98695338f, 3.4641025f});
  expect("swish", {-0.23840584f, 0.31122968f, 11.999926f});
  expect("tanh", {-0.96402758f, 0.46211717f, 1});
}

TEST(Activation, WithoutAGradientIsLibtorchsToARounding) {
  const at::Tensor x = at::cat({at::arange(-3000, 3000, at::kFloat) / 200, at::tensor({-1e4f, 1e4f, 0.0f})});
  const c10::NoGradGuard no_grad;
  EXPECT_TRUE(testing::close(activation("gelu_new", x), at::gelu(x.to(at::kDouble), "tanh").to(at::kFloat), 5e-7, 5e-7));
  EXPECT_TRUE(activation("gelu_new", at::full({3}, NAN)).isnan().all().item<bool>());
}

TEST(Activation, InBf16IsTheRoundedOneOfFloat32) {
  const at::Tensor x = at::cat({at::arange(-2000, 2000, at::kFloat) / 150, at::tensor({-1e4f, 1e4f, 0.0f})}).to(at::kBFloat16);
  const at::Tensor dy = at::sin(at::arange(x.numel(), at::kFloat)).to(at::kBFloat16);
  for (const char* name : {"gelu", "gelu_new"}) {
    at::Tensor half = x.clone().requires_grad_(true), exact = x.to(at::kFloat).requires_grad_(true);
    const at::Tensor y = activation(name, half), wanted = activation(name, exact);
    y.backward(dy);
    wanted.backward(dy.to(at::kFloat));
    EXPECT_EQ(y.scalar_type(), at::kBFloat16);
    EXPECT_TRUE(testing::close(y.to(at::kFloat), wanted, 1e-6, 0.004)) << name;  // half a unit of bfloat16's last place
    EXPECT_TRUE(testing::close(half.grad().to(at::kFloat), exact.grad(), 1e-6, 0.004)) << name;
  }
}

TEST(ParameterTable, RejectsARepeatedName) {
  ParameterTable table;
  Embedding(table, "words", 2, 2, 0.1);
  EXPECT_EQ(testing::message_of([&] { Embedding(table, "words", 2, 2, 0.1); }), "the model has two parameters called \"words.weight\"");
}

}  // namespace
}  // namespace temper
