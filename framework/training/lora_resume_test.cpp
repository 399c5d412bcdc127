// A training of adapters that was interrupted goes on to the same bits: LoRA with dropout, DoRA, and modules that are trained whole.
#include <filesystem>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/lora.h"
#include "support/trainer_fixture.h"
#include "training/tune.h"

namespace temper::training {
namespace {

struct Case {
  const char* name;
  bool dora = false;
  std::vector<std::string> saved = {};
  bool bf16 = false;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class LoraResume : public TrainerTest, public ::testing::WithParamInterface<Case> {
 protected:
  LoraResume() {
    options_.batch_size = 2;
    options_.gradient_accumulation_steps = 2;
    options_.max_steps = 9;
    options_.eval_steps = 2;
    options_.keep = "best";
    options_.weight_decay = 0.01;
    options_.warmup_steps = 2;
    options_.bf16 = GetParam().bf16;
    snapshot_ = folder_.path() / "training.snapshot";
  }

  static Tune tune() {
    LoraOptions lora;
    lora.r = 3;
    lora.lora_alpha = 6;
    lora.lora_dropout = 0.4;
    lora.target_modules = {"dense"};
    lora.modules_to_save = GetParam().saved;
    lora.use_dora = GetParam().dora;
    return {TuneMode::kLora, 0, lora};
  }

  // A new model every time, as after a kill.
  Tensor run(std::int64_t stop_at, Recorder& recorder) {
    HeadedModel model = testing::tiny_classifier(0.3);
    TrainingInput in = input(model, recorder);
    in.tune = tune();
    in.snapshot = snapshot_;
    in.identity = "the same options";
    in.stop = [&] { return stop_at > 0 && recorder.steps.back().step >= stop_at; };
    const TrainingResult result = train(in);
    EXPECT_EQ(result.status, stop_at > 0 ? Status::kInterrupted : Status::kComplete);
    return weights(model);
  }

  std::filesystem::path snapshot_;
};

TEST_P(LoraResume, GoesOnToTheSameBits) {
  Recorder whole;
  const Tensor expected = run(0, whole);
  HeadedModel untrained = testing::tiny_classifier(0.3);
  apply_tune(untrained, tune(), 7);
  ASSERT_EQ(weights(untrained).sizes(), expected.sizes());
  for (const std::int64_t stop_at : {1, 4, 8}) {
    std::filesystem::remove(snapshot_);
    Recorder first, second;
    run(stop_at, first);
    EXPECT_TRUE(at::equal(run(0, second), expected)) << "stopped at " << stop_at;
    ASSERT_EQ(first.steps.size() + second.steps.size(), whole.steps.size());
    for (std::size_t i = first.steps.size(); i < whole.steps.size(); ++i) {
      EXPECT_EQ(second.steps[i - first.steps.size()].loss, whole.steps[i].loss) << i;
      EXPECT_EQ(second.steps[i - first.steps.size()].grad_norm, whole.steps[i].grad_norm) << i;
    }
    ASSERT_EQ(first.evaluations.size() + second.evaluations.size(), whole.evaluations.size());
    EXPECT_EQ(second.evaluations.back().validation->losses, whole.evaluations.back().validation->losses);
  }
}

// What the snapshot must hold: all that is trained, and nothing that is not.
TEST_P(LoraResume, TrainsAdaptersAndSavedModulesAlone) {
  Recorder recorder;
  HeadedModel before = testing::tiny_classifier(0.3), model = testing::tiny_classifier(0.3);
  apply_tune(before, tune(), 7);
  TrainingInput in = input(model, recorder);
  in.tune = tune();
  train(in);
  for (const Parameter& parameter : model.parameters().all()) {
    const bool changed = !at::equal(parameter.tensor, before.parameters().find(parameter.name)->tensor);
    EXPECT_EQ(changed, nn::is_trained_with_lora(*model.lora(), parameter)) << parameter.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, LoraResume,
                         ::testing::Values(Case{"lora"}, Case{"dora", true}, Case{"saved", false, {"norm"}}, Case{"dora_saved", true, {"norm", "embed"}}, Case{"bf16", false, {}, true},
                                           Case{"dora_bf16", true, {"norm"}, true}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace temper::training
