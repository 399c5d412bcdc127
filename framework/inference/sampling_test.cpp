// Which token a sampler chooses, and how often.
#include "inference/sampling.h"

#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>
#include <temper/error.h>

namespace temper::inference {
namespace {

const std::vector<float> kLogits = {1.0f, 3.0f, 2.0f, 3.0f, -1.0f};

std::int32_t choose(Sampler& sampler, std::vector<float> logits, std::int64_t place = 0) { return sampler.next(logits, place); }

GenerationOptions sampling() {
  GenerationOptions options;
  options.do_sample = true;
  return options;
}

// How often each token is drawn, over many places.
std::map<std::int32_t, double> shares(const GenerationOptions& options, const std::vector<float>& logits) {
  constexpr int kDraws = 20000;
  Sampler sampler(options, 7, 11, static_cast<std::int64_t>(logits.size()));
  std::map<std::int32_t, double> counts;
  for (int place = 0; place < kDraws; ++place) counts[choose(sampler, logits, place)] += 1.0 / kDraws;
  return counts;
}

TEST(Sampler, TakesTheLikeliestWithoutSamplingAndTheLowerIdOfTwoEqualOnes) {
  Sampler sampler({}, 1, 1, 5);
  EXPECT_EQ(choose(sampler, kLogits), 1);
}

TEST(Sampler, DrawsByTheSoftmax) {
  const auto drawn = shares(sampling(), {0.0f, std::log(2.0f), std::log(5.0f)});
  EXPECT_NEAR(drawn.at(0), 1 / 8.0, 0.012);
  EXPECT_NEAR(drawn.at(1), 2 / 8.0, 0.015);
  EXPECT_NEAR(drawn.at(2), 5 / 8.0, 0.017);
}

TEST(Sampler, SharpensByTheTemperature) {
  GenerationOptions options = sampling();
  options.temperature = 0.5;  // weights are squared
  EXPECT_NEAR(shares(options, {0.0f, std::log(2.0f)}).at(1), 4 / 5.0, 0.015);
}

TEST(Sampler, KeepsTheTopK) {
  GenerationOptions options = sampling();
  options.top_k = 2;
  const auto drawn = shares(options, {0.0f, std::log(2.0f), std::log(6.0f)});
  EXPECT_EQ(drawn.count(0), 0u);
  EXPECT_NEAR(drawn.at(1), 1 / 4.0, 0.015);
}

TEST(Sampler, KeepsTheShortestBeginningWithTheWantedMass) {
  GenerationOptions options = sampling();
  options.top_p = 0.6;  // 5/8 suffices
  EXPECT_EQ(shares(options, {0.0f, std::log(2.0f), std::log(5.0f)}).size(), 1u);
  options.top_p = 0.63;  // 5/8 does not
  EXPECT_EQ(shares(options, {0.0f, std::log(2.0f), std::log(5.0f)}).size(), 2u);
}

TEST(Sampler, KeepsTokensWithTheLeastShareOfTheLikeliest) {
  GenerationOptions options = sampling();
  options.min_p = 0.3;  // of 5: 1.5
  EXPECT_EQ(shares(options, {0.0f, std::log(2.0f), std::log(5.0f)}).count(0), 0u);
}

TEST(Sampler, PenalisesWhatWasReadOrWritten) {
  GenerationOptions options;
  options.repetition_penalty = 2;
  Sampler sampler(options, 1, 1, 5);
  const std::vector<std::int32_t> prompt = {1};
  sampler.read(prompt);
  EXPECT_EQ(choose(sampler, kLogits), 3);  // 1 went from 3 to 1.5
  EXPECT_EQ(choose(sampler, kLogits), 2);  // now 3 as well
  Sampler negative(options, 1, 1, 2);
  negative.read(std::vector<std::int32_t>{0});
  EXPECT_EQ(choose(negative, {-1.0f, -1.5f}), 1);  // -1 became -2
}

TEST(Sampler, DependsOnSeedItemAndPlaceAlone) {
  const std::vector<float> even(1000, 0.0f);
  Sampler a(sampling(), 1, 2, 1000), b(sampling(), 1, 2, 1000), other_item(sampling(), 1, 3, 1000), other_seed(sampling(), 2, 2, 1000);
  choose(a, even, 0);
  EXPECT_EQ(choose(a, even, 5), choose(b, even, 5));
  EXPECT_NE(choose(a, even, 5), choose(a, even, 6));
  EXPECT_NE(choose(a, even, 5), choose(other_item, even, 5));
  EXPECT_NE(choose(a, even, 5), choose(other_seed, even, 5));
}

TEST(Sampler, RefusesLogitsThatAreNoNumbers) {
  Sampler sampler({}, 1, 1, 2);
  EXPECT_THROW(choose(sampler, {0.0f, std::numeric_limits<float>::quiet_NaN()}), Error);
}

}  // namespace
}  // namespace temper::inference
