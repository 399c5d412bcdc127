// States that are kept: the rows of a plain pass, each item's computed once, within the bound.
#include "inference/frozen_states.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/close.h"
#include "support/tiny_model.h"

namespace temper::inference {
namespace {

using testing::TinyModel;

class FrozenStatesTest : public ::testing::Test {
 protected:
  FrozenStatesTest() { train_from(TinyModel::kLayers + 1); }

  // As tune = "head" (layers + 1) or "last_layers" does.
  void train_from(std::int64_t place) {
    for (Parameter& parameter : model_.parameters().all()) parameter.tensor.requires_grad_(parameter.is_head || parameter.block >= place);
  }
  FrozenStates states(const std::string& trial, std::int64_t bound_bytes = 1 << 20) {
    return FrozenStates({.model = model_, .store = store_, .weights = "w", .own_weights = trial, .trial = trial, .shared_with = shared_with_, .bound_bytes = bound_bytes});
  }
  // Final states of a batch, behind kept ones or from the ids on.
  Tensor final_states(std::span<const std::size_t> items, FrozenSplit* split) {
    Batch batch;
    for (const std::size_t item : items) batch.append(examples_[item].ids, examples_[item].type_ids, examples_[item].key);
    const PackedInput input(batch, at::kCPU);
    ForwardContext context;
    context.input = &input;
    FrozenRows kept;
    if (split) {
      kept = split->rows(items);
      context.frozen = &kept;
    }
    return model_.states(context, model_.pooled_tokens(input)).detach();
  }
  std::int64_t tokens() const {
    std::int64_t total = 0;
    for (const Example& example : examples_) total += static_cast<std::int64_t>(example.ids.size());
    return total;
  }

  HeadedModel model_ = testing::tiny_classifier(0.3);
  FrozenStore store_;
  std::set<std::string> shared_with_;
  std::vector<Example> examples_ = testing::tiny_examples(700);  // several chunks
  const std::vector<std::size_t> batch_ = {650, 3, 17, 4, 333, 12};
};

TEST_F(FrozenStatesTest, AreThoseOfAPlainPassWhereverFreezingEnds) {
  for (const std::int64_t place : {TinyModel::kLayers + 1, TinyModel::kLayers, TinyModel::kLayers - 1}) {
    train_from(place);
    FrozenStates states = this->states("0001");
    const auto split = states.open(examples_);
    ASSERT_TRUE(split);
    EXPECT_TRUE(testing::close(final_states(batch_, split.get()), final_states(batch_, nullptr), 1e-6)) << place;
  }
}

TEST_F(FrozenStatesTest, AreComputedOncePerItemAndNotAgainForAnotherTrial) {
  std::vector<std::size_t> all(examples_.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  Tensor first;
  {
    FrozenStates states = this->states("0001");
    const auto split = states.open(examples_);
    for (int epoch = 0; epoch < 3; ++epoch) first = split->rows(all).rows;
    EXPECT_EQ(model_.computed_tokens(), tokens() * TinyModel::kLayers);
    EXPECT_TRUE(shared_with_.empty());
  }
  FrozenStates states = this->states("0002");
  EXPECT_TRUE(testing::same_bits(states.open(examples_)->rows(all).rows, first));
  EXPECT_EQ(model_.computed_tokens(), tokens() * TinyModel::kLayers);
  EXPECT_EQ(shared_with_, std::set<std::string>{"0001"});
}

TEST_F(FrozenStatesTest, HaveBitsThatDoNotDependOnWhoAskedFirst) {
  FrozenStates states = this->states("0001");
  const Tensor rows = states.open(examples_)->rows(batch_).rows;
  FrozenStore other;
  FrozenStates again({.model = model_, .store = other, .weights = "w", .own_weights = "", .trial = "0009", .shared_with = shared_with_, .bound_bytes = 1 << 20});
  const auto split = again.open(examples_);
  for (std::size_t i = batch_.size(); i-- > 0;) {
    const std::vector<std::size_t> one = {batch_[i]};
    EXPECT_TRUE(testing::same_bits(split->rows(one).rows[0], rows[static_cast<std::int64_t>(i)]));
  }
}

TEST_F(FrozenStatesTest, StayWithinTheirBoundAndComputeTheRestAnew) {
  const std::int64_t row = TinyModel::kWidth * 4;
  for (const std::int64_t bound : {std::int64_t{0}, 400 * row}) {
    FrozenStates states = this->states("0001", bound);
    const auto split = states.open(examples_);
    EXPECT_GT(states.left_out_items(), 0);
    EXPECT_LE(store_.bytes(), bound);
    EXPECT_TRUE(testing::close(final_states(batch_, split.get()), final_states(batch_, nullptr), 1e-6)) << bound;
  }
  // A later trial takes the room of tables that nobody holds any more.
  FrozenStates later = this->states("0002", 700 * row);
  later.open(examples_);
  EXPECT_EQ(later.left_out_items(), 0);
  EXPECT_LE(store_.bytes(), 700 * row);
}

TEST_F(FrozenStatesTest, OfWeightsThatAnEarlierPhaseTrainedAreTheTrialsOwn) {
  FrozenStates before = this->states("0001");
  before.open(examples_)->rows(batch_);
  FrozenStates changed({.model = model_, .store = store_, .weights = "w", .changed_from = 1, .own_weights = "0001/1", .trial = "0001", .shared_with = shared_with_, .bound_bytes = 1 << 20});
  model_.parameters().find("layer.1.dense.weight")->tensor.detach().mul_(2);
  EXPECT_TRUE(testing::close(final_states(batch_, changed.open(examples_).get()), final_states(batch_, nullptr), 1e-6));
}

TEST_F(FrozenStatesTest, AreNotKeptWhereNothingIsFrozen) {
  train_from(-1);
  EXPECT_FALSE(states("0001").open(examples_));
}

TEST_F(FrozenStatesTest, AreRefusedBehindATrainedBlock) {
  FrozenStates states = this->states("0001");
  const auto split = states.open(examples_);
  train_from(0);
  EXPECT_THROW(final_states(batch_, split.get()), Error);
}

}  // namespace
}  // namespace temper::inference
