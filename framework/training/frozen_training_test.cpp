// Training above frozen layers: what is computed, and that keeping states changes no outcome.
#include <gtest/gtest.h>

#include "support/close.h"
#include "support/trainer_fixture.h"

namespace temper::training {
namespace {

using testing::tiny_classifier;

class FrozenTrainingTest : public TrainerTest {
 protected:
  FrozenTrainingTest() { options_.epochs = 5; }
  struct Outcome {
    Recorder recorder;
    TrainingResult result;
    Tensor weights;
    std::int64_t computed_tokens = 0;
  };
  Outcome run(const Tune& tune, inference::FrozenStore* store, std::int64_t stop_after = 0) {
    Outcome outcome;
    HeadedModel model = tiny_classifier(0.3);
    std::optional<inference::FrozenStates> frozen;
    if (store) frozen.emplace(inference::FrozenStates::Setup{.model = model, .store = *store, .weights = "w", .own_weights = "", .trial = "0001", .shared_with = shared_with_, .bound_bytes = 1 << 20});
    TrainingInput in = input(model, outcome.recorder);
    in.tune = tune;
    in.frozen = frozen ? &*frozen : nullptr;
    in.snapshot = folder_.path() / "snapshot.safetensors";
    std::int64_t steps = 0;
    in.stop = [&] { return stop_after > 0 && ++steps == stop_after; };
    outcome.result = train(in);
    outcome.weights = weights(model);
    outcome.computed_tokens = model.computed_tokens();
    return outcome;
  }
  static std::int64_t tokens(const std::vector<Example>& examples) {
    std::int64_t total = 0;
    for (const Example& example : examples) total += static_cast<std::int64_t>(example.ids.size());
    return total;
  }
  std::set<std::string> shared_with_;
};

TEST_F(FrozenTrainingTest, OfAHeadRunsEachItemOnceAndASecondTrialRunsNone) {
  inference::FrozenStore store;
  const Tune head{.mode = TuneMode::kHead};
  const Outcome first = run(head, &store), second = run(head, &store), plain = run(head, nullptr);
  EXPECT_EQ(first.computed_tokens, testing::TinyModel::kLayers * (tokens(train_) + tokens(validation_)));
  EXPECT_EQ(second.computed_tokens, 0);
  EXPECT_GT(plain.computed_tokens, 5 * first.computed_tokens);
  EXPECT_TRUE(testing::same_bits(first.weights, second.weights));
  // Products of other sizes may sum in another order.
  EXPECT_TRUE(testing::close(first.weights, plain.weights, 1e-5));
  ASSERT_EQ(first.recorder.steps.size(), plain.recorder.steps.size());
  for (std::size_t i = 0; i < first.recorder.steps.size(); ++i) EXPECT_NEAR(first.recorder.steps[i].loss, plain.recorder.steps[i].loss, 1e-5) << i;
}

TEST_F(FrozenTrainingTest, OfTheLastLayerRunsTheOthersOnce) {
  inference::FrozenStore store;
  const Tune last{.mode = TuneMode::kLastLayers, .last_layers = 1};
  const Outcome kept = run(last, &store), plain = run(last, nullptr);
  const std::int64_t once = tokens(train_) + tokens(validation_);
  EXPECT_EQ(2 * (kept.computed_tokens - once), plain.computed_tokens);  // one of two blocks is computed in every pass
  EXPECT_TRUE(testing::close(kept.weights, plain.weights, 1e-5));        // dropout of the trained block is the same
}

TEST_F(FrozenTrainingTest, GoesOnFromASnapshotToTheSameBits) {
  const Tune head{.mode = TuneMode::kHead};
  inference::FrozenStore whole, before, after;
  const Outcome unbroken = run(head, &whole);
  EXPECT_EQ(run(head, &before, 7).result.status, Status::kInterrupted);
  EXPECT_TRUE(testing::same_bits(run(head, &after).weights, unbroken.weights));
}

}  // namespace
}  // namespace temper::training
