// The model suite finds what it says it finds: a faulty model per check fails that check and no other.
#include <temper/testing/model.h>

#include <gtest/gtest.h>

#include "support/small_model.h"

namespace temper::testing {
namespace {

Failures failures_of(ModelFault fault) {
  return model_failures([fault] { return std::make_unique<SmallModel>(fault); });
}

TEST(ModelConformance, FindsNothingWrongWithAGoodModel) { EXPECT_EQ(describe(failures_of(ModelFault::kNone)), ""); }

struct Planted {
  ModelFault fault;
  const char* check;
};

class FaultyModel : public ::testing::TestWithParam<Planted> {};

TEST_P(FaultyModel, FailsExactlyItsCheck) {
  const Failures failures = failures_of(GetParam().fault);
  ASSERT_FALSE(failures.empty());
  for (const Failure& failure : failures) EXPECT_EQ(failure.check, GetParam().check) << failure.what;
}

INSTANTIATE_TEST_SUITE_P(ModelConformance, FaultyModel,
                         ::testing::Values(Planted{ModelFault::kNarrowFinish, "has_shapes"},
                                           Planted{ModelFault::kMixesSequences, "packed_equals_alone"},
                                           Planted{ModelFault::kSeesTheFuture, "sees_no_future"},
                                           Planted{ModelFault::kReadsOtherRows, "read_equals_full"},
                                           Planted{ModelFault::kNamesATensorTwice, "names_each_parameter_once"},
                                           Planted{ModelFault::kUnusedParameter, "trains_every_parameter"},
                                           Planted{ModelFault::kOtherInBf16, "bf16_is_near_float32"},
                                           Planted{ModelFault::kDropsInEvaluation, "evaluates_without_dropout"},
                                           Planted{ModelFault::kDropsAtRandom, "dropout_ignores_the_batch"},
                                           Planted{ModelFault::kForgetsAName, "saves_and_loads"},
                                           Planted{ModelFault::kCountsPositionsFromZero, "goes_on_behind_kept_tokens"},
                                           Planted{ModelFault::kCountsItsModels, "starts_from_seed"}),
                         [](const auto& info) { return std::string(info.param.check); });

}  // namespace
}  // namespace temper::testing
