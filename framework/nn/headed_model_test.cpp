// A model driven block by block: frozen prefixes, tokens that are read, bad input.
#include <temper/torch/headed_model.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/close.h"
#include "support/message_of.h"
#include "support/random_batch.h"
#include "support/small_model.h"

namespace temper {
namespace {

HeadedModel classifier() {
  auto model = std::make_unique<testing::SmallModel>();
  const HeadSpec head = model->heads()[0];
  HeadedModel made(std::move(model), head, 3);
  initialize(made.parameters(), 1);
  return made;
}

ForwardContext training_on(const PackedInput& input) {
  ForwardContext context;
  context.input = &input;
  context.training = true;
  return context;
}

TEST(HeadedModel, RunsFrozenBlocksWithoutRecordingAndWithoutDropout) {
  HeadedModel model = classifier();
  const PackedInput input(testing::random_batch({4, 7}), at::kCPU);
  const at::Tensor read = model.pooled_tokens(input);
  ForwardContext evaluating;
  evaluating.input = &input;
  const at::Tensor clean = model.states(evaluating, read);
  EXPECT_TRUE(clean.requires_grad());
  EXPECT_FALSE(at::equal(model.states(training_on(input), read), clean));  // all is trained, dropout is on
  for (Parameter& parameter : model.parameters().all()) parameter.tensor.requires_grad_(parameter.is_head);
  const at::Tensor frozen = model.states(training_on(input), read);
  EXPECT_FALSE(frozen.requires_grad());
  EXPECT_TRUE(testing::same_bits(frozen, clean));
  model.logits(frozen, training_on(input)).sum().backward();
  for (const Parameter& parameter : model.parameters().all()) EXPECT_EQ(parameter.tensor.grad().defined(), parameter.is_head) << parameter.name;
}

TEST(HeadedModel, RecordsFromTheFirstTrainedBlockOn) {
  HeadedModel model = classifier();
  for (Parameter& parameter : model.parameters().all()) parameter.tensor.requires_grad_(parameter.block >= 1);
  const PackedInput input(testing::random_batch({4, 7}), at::kCPU);
  const ForwardContext context = training_on(input);
  model.logits(model.states(context, model.pooled_tokens(input)), context).sum().backward();
  for (const Parameter& parameter : model.parameters().all()) EXPECT_EQ(parameter.tensor.grad().defined(), parameter.block >= 1) << parameter.name;
}

TEST(HeadedModel, ReadsTheRightmostTokenThatIsNotPadding) {
  const HeadedModel model = classifier();
  Batch batch;
  batch.append({5, 6, 0, 0}, {}, 1);
  batch.append({5, 0, 7}, {}, 2);
  batch.append({0, 0}, {}, 3);
  const PackedInput input(batch, at::kCPU);
  EXPECT_TRUE(at::equal(model.pooled_tokens(input), at::tensor(std::vector<std::int64_t>{1, 6, 7})));
}

TEST(HeadedModel, HasTheSameDropoutForOneTokenAndForAll) {
  HeadedModel model = classifier();
  const PackedInput input(testing::random_batch({4, 7, 1}), at::kCPU);
  const at::Tensor read = model.pooled_tokens(input), all = at::arange(input.tokens(), at::kLong);
  EXPECT_TRUE(testing::close(model.states(training_on(input), read), model.states(training_on(input), all).index_select(0, read), 1e-5));
}

TEST(HeadedModel, ComputesAllRowsInItsPlainTwin) {
  HeadedModel model = classifier();
  const PackedInput input(testing::random_batch({4, 7, 1}), at::kCPU);
  ForwardContext plain = training_on(input);
  plain.plain = true;
  const at::Tensor read = model.pooled_tokens(input);
  EXPECT_TRUE(testing::close(model.states(training_on(input), read), model.states(plain, read), 1e-5));
}

TEST(HeadedModel, AddsBothUsesOfATiedMatrixToOneGradient) {
  std::vector<at::Tensor> gradients;
  for (const bool bf16 : {false, true}) {
    auto tied = std::make_unique<testing::SmallModel>();
    const HeadSpec head = tied->heads()[1];
    ASSERT_EQ(head.layers[0].tied_to, "tokens.weight");
    HeadedModel model(std::move(tied), head, 0);
    initialize(model.parameters(), 1);
    const PackedInput input(testing::random_batch({4, 7}), at::kCPU);
    ForwardContext context;
    context.input = &input;
    context.bf16 = bf16;
    const at::Tensor logits = model.logits(model.states(context, at::arange(input.tokens(), at::kLong)), context);
    at::cross_entropy_loss(logits, input.ids).backward();
    gradients.push_back(model.parameters().find("tokens.weight")->tensor.grad());
  }
  // float32 leaves the sum to autograd; bfloat16 adds by hand.
  EXPECT_LT((gradients[1] - gradients[0]).norm().item<double>(), 0.03 * gradients[0].norm().item<double>());
}

TEST(HeadedModel, SaysWhichTokenIsOutsideTheVocabulary) {
  HeadedModel model = classifier();
  Batch batch;
  batch.append({5, 23}, {}, 1);
  const PackedInput input(batch, at::kCPU);
  EXPECT_NE(testing::message_of([&] { model.states(training_on(input), model.pooled_tokens(input)); }).find("token id 23 is outside the model's vocabulary of 23"), std::string::npos);
}

TEST(HeadedModel, SaysThatASequenceIsTooLong) {
  HeadedModel model = classifier();
  const PackedInput input(testing::random_batch({17}), at::kCPU);
  EXPECT_NE(testing::message_of([&] { model.states(training_on(input), model.pooled_tokens(input)); }).find("longer than the model's 16 positions"), std::string::npos);
}

}  // namespace
}  // namespace temper
