// A model that goes from trial to trial: it becomes what the next one would open, to the bit.
#include "study/kept_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <temper/lora_options.h>

#include "nn/lora.h"
#include "registry/registry.h"
#include "study/trial_model.h"
#include "support/close.h"
#include "support/small_encoder.h"
#include "support/temporary_folder.h"

namespace temper::study {
namespace {

class KeptModelTest : public ::testing::Test {
 protected:
  // The file's head knows "no" and "yes": for other labels its last layer is drawn from the seed.
  std::shared_ptr<TrialModel> open(std::uint64_t seed) {
    auto model = std::make_shared<TrialModel>(open_trial_model(registry::installed(), table_, task_, seed, at::kCPU, HeadKind::kSequenceClassification));
    limit_length(*model, trial_);
    return model;
  }
  KeptModel keep(std::uint64_t seed) { return keep_model("key", open(seed), seed); }
  bool take_over(KeptModel& kept, std::uint64_t seed) { return study::take_over(kept, trial_, {.table = table_, .seed = seed}); }

  static ParameterTable& parameters(const KeptModel& kept) { return kept.model->loaded.model.parameters(); }
  static void train_all_but_embeddings(const KeptModel& kept) {
    const c10::NoGradGuard no_grad;
    for (Parameter& parameter : parameters(kept).all()) {
      parameter.tensor.requires_grad_(parameter.block >= 1);
      if (parameter.block >= 1) parameter.tensor.add_(0.5);
    }
  }
  void expect_as_opened(const KeptModel& kept, std::uint64_t seed) {
    const std::shared_ptr<TrialModel> fresh = open(seed);
    const auto &all = parameters(kept).all(), &expected = fresh->loaded.model.parameters().all();
    ASSERT_EQ(all.size(), expected.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_TRUE(testing::same_bits(all[i].tensor, expected[i].tensor)) << all[i].name;
      EXPECT_EQ(all[i].tensor.requires_grad(), expected[i].tensor.requires_grad()) << all[i].name;
      EXPECT_FALSE(all[i].tensor.grad().defined()) << all[i].name;
    }
    EXPECT_EQ(kept.model->max_length, fresh->max_length);
    EXPECT_EQ(kept.model->loaded.new_parameters, fresh->loaded.new_parameters);
  }

  testing::TemporaryFolder folder_;
  Value table_ = Value::Table{{"checkpoint", testing::write_small_encoder(folder_.path() / "encoder").string()}};
  TaskInfo task_{Task::kClassification, {"no", "yes"}};
  Trial trial_;
};

TEST_F(KeptModelTest, ReadsWhatWasTrainedAgainAndLeavesTheRest) {
  KeptModel kept = keep(1);
  ASSERT_TRUE(kept.model->loaded.new_parameters.empty());
  for (int trial = 0; trial < 2; ++trial) {
    train_all_but_embeddings(kept);
    const Parameter& untouched = *parameters(kept).find("bert.encoder.layer.0.output.dense.weight");
    const std::uint32_t version = untouched.tensor._version();
    ASSERT_TRUE(take_over(kept, 2));
    EXPECT_EQ(untouched.tensor._version(), version);
    expect_as_opened(kept, 2);
  }
}

TEST_F(KeptModelTest, DrawsWhatTheFilesLackFromTheTrialsSeed) {
  task_.labels = {"down", "level", "up"};
  KeptModel kept = keep(1);
  ASSERT_FALSE(kept.model->loaded.new_parameters.empty());
  ASSERT_TRUE(take_over(kept, 2));  // nothing was trained
  expect_as_opened(kept, 2);
  train_all_but_embeddings(kept);
  ASSERT_TRUE(take_over(kept, 2));
  expect_as_opened(kept, 2);
  train_all_but_embeddings(kept);
  ASSERT_TRUE(take_over(kept, 1));
  expect_as_opened(kept, 1);
}

TEST_F(KeptModelTest, TakesTheLimitOfTheTrial) {
  KeptModel kept = keep(1);
  EXPECT_EQ(kept.model->max_length, 64);
  trial_.options = Value::Table{{"training", Value::Table{{"max_length", 7}}}};
  ASSERT_TRUE(take_over(kept, 1));
  EXPECT_EQ(kept.model->max_length, 7);
  trial_.options = Value::Table{{"training", Value::Table{{"max_length", 0}}}};
  ASSERT_TRUE(take_over(kept, 1));
  EXPECT_EQ(kept.model->max_length, 64);
}

TEST_F(KeptModelTest, IsOpenedAnewWithAdaptersOrOtherEmbeddings) {
  KeptModel adapted = keep(1);
  nn::add_lora(adapted.model->loaded.model, LoraOptions{}, 1);
  EXPECT_FALSE(take_over(adapted, 1));
  KeptModel changed = keep(1);
  {
    const c10::NoGradGuard no_grad;
    parameters(changed).find("bert.embeddings.word_embeddings.weight")->tensor.add_(1);
  }
  EXPECT_FALSE(take_over(changed, 1));
}

TEST_F(KeptModelTest, OfRandomWeightsIsDrawnAnew) {
  const Value config = parse_json(R"({"vocab_size": 40, "max_position_embeddings": 16, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 24})");
  table_ = Value::Table{{"plugin", "bert"}, {"config", config}};
  KeptModel kept = keep(1);
  ASSERT_TRUE(take_over(kept, 2));
  expect_as_opened(kept, 2);
  train_all_but_embeddings(kept);
  ASSERT_TRUE(take_over(kept, 3));  // all of it is drawn, nothing is read
  expect_as_opened(kept, 3);
}

}  // namespace
}  // namespace temper::study
