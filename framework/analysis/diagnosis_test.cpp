// Verdicts on curves made by hand: the clear cases, the hostile ones, and what must not change a verdict.
#include "analysis/diagnosis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/shuffle.h"

namespace temper::analysis {

static void PrintTo(Verdict verdict, std::ostream* out) { *out << to_string(verdict); }  // for messages

namespace {

using ::testing::HasSubstr;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// In [0, 1), a function of its arguments.
double uniform(std::uint64_t seed, std::uint64_t counter) { return static_cast<double>(data::random_bits(seed, counter) >> 11) / 9007199254740992.0; }

struct Shape {
  std::vector<double> train, validation;  // mean loss at each evaluation; `validation` may be empty
  std::size_t items = 256;
  double noise = 0.05;     // of an item's loss between evaluations
  std::int64_t steps = 100;  // between evaluations
  std::uint64_t seed = 1;
};

// Items differ in how hard they are, from half the mean loss to one and a half of it.
SplitLosses split(double mean, const Shape& shape, std::uint64_t stream, std::size_t evaluation) {
  SplitLosses losses;
  double sum = 0;
  for (std::size_t item = 0; item < shape.items; ++item) sum += losses.losses.emplace_back(0.5 + uniform(shape.seed + stream, item));
  for (std::size_t item = 0; item < shape.items; ++item) {
    losses.losses[item] *= mean * static_cast<double>(shape.items) / sum;
    losses.losses[item] += shape.noise * (uniform(shape.seed + stream + 50, (evaluation + 1) * 100'000 + item) - 0.5);
  }
  return losses;
}

TrialCurves curves(const Shape& shape) {
  TrialCurves result;
  for (std::size_t e = 0; e < shape.train.size(); ++e) {
    EvaluationLosses& evaluation = result.evaluations.emplace_back();
    evaluation.step = static_cast<std::int64_t>(e) * shape.steps;
    evaluation.epoch = static_cast<double>(e);
    evaluation.train = split(shape.train[e], shape, 1000, e);
    if (e < shape.validation.size()) evaluation.validation = split(shape.validation[e], shape, 2000, e);
  }
  return result;
}
Diagnosis diagnosis(const Shape& shape) { return diagnose(curves(shape)); }

const Shape kGood{.train = {1.10, 0.80, 0.66, 0.61, 0.60}, .validation = {1.10, 0.84, 0.72, 0.70, 0.70}};
const Shape kOverfitting{.train = {1.10, 0.60, 0.20, 0.05, 0.01}, .validation = {1.10, 0.90, 0.95, 1.20, 1.60}};
const Shape kStillFalling{.train = {1.10, 1.00, 0.90, 0.80}, .validation = {1.10, 1.01, 0.91, 0.82}};
const Shape kNoBetter{.train = {1.100, 1.099, 1.098, 1.097}, .validation = {1.101, 1.100, 1.099, 1.099}, .noise = 0.0005};
const Shape kExploded{.train = {1.10, 3.00, 2.40, 1.90}, .validation = {1.10, 3.10, 2.30, 2.00}};

TEST(Diagnosis, CallsACurveThatFellAndSettledGood) {
  const Diagnosis result = diagnosis(kGood);
  EXPECT_EQ(result.verdict, Verdict::kGood) << result.reason;
  EXPECT_NEAR(result.gap, 0.10, 0.01);
  EXPECT_GE(result.best_step, 300);
  EXPECT_THAT(result.reason, HasSubstr("fell from 1.1 to "));
}
TEST(Diagnosis, CallsARisingValidationLossOverATrainLossThatFellOverfit) {
  const Diagnosis result = diagnosis(kOverfitting);
  EXPECT_EQ(result.verdict, Verdict::kOverfit) << result.reason;
  EXPECT_EQ(result.best_step, 100);
  EXPECT_NEAR(result.gap, 1.59, 0.02);
  EXPECT_THAT(result.reason, HasSubstr("after step 100"));
}
// Its validation loss ends above its start, which must not be taken for divergence.
TEST(Diagnosis, CallsItOverfitThoughTheValidationLossEndsAboveItsStart) {
  EXPECT_EQ(diagnosis({.train = {1.1, 0.5, 0.05, 0.001}, .validation = {1.1, 1.0, 1.9, 3.5}}).verdict, Verdict::kOverfit);
}
TEST(Diagnosis, CallsMemorisingWithoutAnyGainOverfit) {
  EXPECT_EQ(diagnosis({.train = {1.1, 0.9, 0.6, 0.3}, .validation = {1.1, 1.1, 1.1, 1.1}}).verdict, Verdict::kOverfit);
}
TEST(Diagnosis, CallsLossesThatBothStillFallUnderfit) {
  const Diagnosis result = diagnosis(kStillFalling);
  EXPECT_EQ(result.verdict, Verdict::kUnderfit) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("still fell after step 200"));
}
TEST(Diagnosis, CallsATrialThatHardlyMovedUnderfit) {
  const Diagnosis result = diagnosis(kNoBetter);
  EXPECT_EQ(result.verdict, Verdict::kUnderfit) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("never got clearly better than its start"));
  EXPECT_THAT(result.reason, ::testing::Not(HasSubstr("from 1.1 to 1.1 ")));  // digits enough to see the difference
}
// A large random head starts far above ln 3; coming down to what frequencies give is no learning.
TEST(Diagnosis, CallsATrialUnderfitThatIsNoBetterThanTheLabelPrior) {
  TrialCurves given = curves({.train = {2.0, 1.20, 1.10, 1.10}, .validation = {2.0, 1.20, 1.10, 1.10}});
  EXPECT_NE(diagnose(given).verdict, Verdict::kUnderfit);
  given.prior = split(1.09, kGood, 2000, 9);
  const Diagnosis result = diagnose(given);
  EXPECT_EQ(result.verdict, Verdict::kUnderfit) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("frequencies of the labels"));
}
TEST(Diagnosis, CallsATrainLossThatEndedAboveItsStartDiverged) {
  const Diagnosis result = diagnosis(kExploded);
  EXPECT_EQ(result.verdict, Verdict::kDiverged) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("from 1.1 to 1.9"));
}
TEST(Diagnosis, CallsAGainThatWasLostAgainDiverged) {
  EXPECT_EQ(diagnosis({.train = {1.1, 0.6, 0.9, 1.0}, .validation = {1.1, 0.7, 0.9, 1.0}}).verdict, Verdict::kDiverged);
}
// A huge learning rate may end in a constant answer whose loss is near the start again.
TEST(Diagnosis, CallsACollapseAfterASpikeDiverged) {
  TrialCurves given = curves({.train = {1.5, 1.12, 1.11, 1.12}, .validation = {1.5, 1.12, 1.11, 1.12}});
  given.prior = split(1.09, kGood, 2000, 9);
  given.logged = {{1, 1.5}, {2, 48.0}, {3, 9.0}, {4, 1.2}};
  const Diagnosis result = diagnose(given);
  EXPECT_EQ(result.verdict, Verdict::kDiverged) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("at step 2 was 48"));
  given.logged = {{1, 1.5}, {2, 1.9}, {3, 1.4}};  // within what single items had before training
  EXPECT_EQ(diagnose(given).verdict, Verdict::kUnderfit);
}
TEST(Diagnosis, CallsASmallRiseOfBothLossesUndecided) {
  const Diagnosis result = diagnosis({.train = {1.1, 0.70, 0.60, 0.70}, .validation = {1.1, 0.72, 0.65, 0.75}});
  EXPECT_EQ(result.verdict, Verdict::kUndecided) << result.reason;
  EXPECT_THAT(result.reason, HasSubstr("learning rate may be too high"));
}

TEST(Diagnosis, CallsNaNAtOnceDiverged) {
  TrialCurves given = curves({.train = {1.1, 1.0}, .validation = {1.1, 1.0}});
  given.evaluations[0].train->losses[7] = kNaN;
  EXPECT_EQ(diagnose(given).verdict, Verdict::kDiverged);
  EXPECT_THAT(diagnose(given).reason, HasSubstr("train loss at step 0 is not finite"));
}
TEST(Diagnosis, CallsAnInfiniteBatchDiverged) {
  TrialCurves given = curves(kGood);
  given.logged = {{1, 1.0}, {2, kInfinity}};
  EXPECT_EQ(diagnose(given).verdict, Verdict::kDiverged);
}
TEST(Diagnosis, CallsATrainingThatStoppedOnAGradientDiverged) {
  TrialCurves given = curves(kGood);
  given.stopped_not_finite = true;
  EXPECT_EQ(diagnose(given).verdict, Verdict::kDiverged);
  EXPECT_THAT(diagnose(given).reason, HasSubstr("after step 400"));
  given.evaluations.clear();
  EXPECT_EQ(diagnose(given).verdict, Verdict::kDiverged);
}
TEST(Diagnosis, IsUndecidedWithoutValidation) {
  const Diagnosis result = diagnosis({.train = {1.1, 0.8, 0.6}, .validation = {}});
  EXPECT_EQ(result.verdict, Verdict::kUndecided);
  EXPECT_EQ(result.best_step, 200);
  EXPECT_TRUE(std::isnan(result.gap));
}
TEST(Diagnosis, CallsDivergenceWithoutValidation) {
  EXPECT_EQ(diagnosis({.train = {1.1, 4.0, 5.0}, .validation = {}}).verdict, Verdict::kDiverged);
}
TEST(Diagnosis, IsUndecidedOfNothingAndOfOneEvaluation) {
  EXPECT_EQ(diagnose({}).verdict, Verdict::kUndecided);
  EXPECT_EQ(diagnose({}).best_step, -1);
  EXPECT_EQ(diagnosis({.train = {1.1}, .validation = {1.1}}).verdict, Verdict::kUndecided);
}
TEST(Diagnosis, IsUndecidedOfSplitsOfFewItems) {
  Shape few = kOverfitting;
  few.items = 9;
  EXPECT_EQ(diagnosis(few).verdict, Verdict::kUndecided);
  few.items = 0;
  EXPECT_EQ(diagnosis(few).verdict, Verdict::kUndecided);
}
TEST(Diagnosis, IsUndecidedOfUnequalEvaluations) {
  TrialCurves given = curves(kGood);
  given.evaluations[2].validation->losses.pop_back();
  EXPECT_EQ(diagnose(given).verdict, Verdict::kUndecided);
  given = curves(kGood);
  given.evaluations[2].train.reset();
  EXPECT_EQ(diagnose(given).verdict, Verdict::kUndecided);
}
TEST(Diagnosis, ReadsTheBatchesWhereNothingWasEvaluatedInBetween) {
  TrialCurves given = curves({.train = {1.1, 0.8}, .validation = {1.1, 0.82}});
  EXPECT_EQ(diagnose(given).verdict, Verdict::kUndecided);
  EXPECT_THAT(diagnose(given).reason, HasSubstr("eval_steps"));
  for (int step = 1; step <= 60; ++step) given.logged.push_back({step, 1.1 - 0.005 * step + 0.02 * (step % 3)});
  EXPECT_EQ(diagnose(given).verdict, Verdict::kUnderfit) << diagnose(given).reason;
  for (LoggedLoss& logged : given.logged) logged.loss = logged.step < 20 ? 1.0 : 0.8 + 0.02 * static_cast<double>(logged.step % 3);
  EXPECT_EQ(diagnose(given).verdict, Verdict::kGood) << diagnose(given).reason;
}
TEST(Diagnosis, CallsAFlatCurveUnderfit) {
  EXPECT_EQ(diagnosis({.train = {1, 1, 1, 1}, .validation = {1, 1, 1, 1}, .noise = 0}).verdict, Verdict::kUnderfit);
  EXPECT_EQ(diagnosis({.train = {0, 0, 0}, .validation = {0, 0, 0}, .noise = 0}).verdict, Verdict::kUnderfit);
}
// The items differ by more between evaluations here than they do in a real trial, so that each run is another draw.
TEST(Diagnosis, RarelyTakesNoiseForOverfittingOrDivergence) {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const std::size_t evaluations = 2 + seed % 20;
    const std::vector<double> flat(evaluations, 1.0);
    const Diagnosis result = diagnosis({.train = flat, .validation = flat, .items = 40, .noise = 0.6, .seed = seed * 7919});
    wrong += result.verdict == Verdict::kOverfit || result.verdict == Verdict::kDiverged;
  }
  EXPECT_LE(wrong, 5);  // one in a hundred
}

class DiagnosisOfClearCases : public ::testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, DiagnosisOfClearCases, ::testing::Values(kGood, kOverfitting, kStillFalling, kNoBetter, kExploded));

TEST_P(DiagnosisOfClearCases, DoesNotDependOnTheNumberOfItems) {
  const Verdict expected = diagnosis(GetParam()).verdict;
  for (const std::size_t items : {60, 500, 3000}) {
    Shape shape = GetParam();
    shape.items = items;
    EXPECT_EQ(diagnosis(shape).verdict, expected) << items;
  }
}
TEST_P(DiagnosisOfClearCases, DoesNotDependOnTheOrderOfItems) {
  TrialCurves given = curves(GetParam());
  const Diagnosis expected = diagnose(given);
  for (EvaluationLosses& evaluation : given.evaluations) {
    std::reverse(evaluation.train->losses.begin(), evaluation.train->losses.end());
    std::reverse(evaluation.validation->losses.begin(), evaluation.validation->losses.end());
  }
  EXPECT_EQ(diagnose(given).verdict, expected.verdict);
  EXPECT_EQ(diagnose(given).best_step, expected.best_step);
}
TEST_P(DiagnosisOfClearCases, IsTheSameForLossesPerToken) {
  TrialCurves given = curves(GetParam());
  const Diagnosis expected = diagnose(given);
  for (EvaluationLosses& evaluation : given.evaluations) {
    for (auto* split : {&*evaluation.train, &*evaluation.validation}) {
      split->counts.assign(split->losses.size(), 7);
      for (double& loss : split->losses) loss *= 7;
    }
  }
  EXPECT_EQ(diagnose(given).verdict, expected.verdict);
  EXPECT_EQ(diagnose(given).reason, expected.reason);
}
TEST_P(DiagnosisOfClearCases, DoesNotDependOnTheUnitOfLoss) {
  TrialCurves given = curves(GetParam());
  const Verdict expected = diagnose(given).verdict;
  for (EvaluationLosses& evaluation : given.evaluations) {
    for (auto* split : {&*evaluation.train, &*evaluation.validation}) {
      for (double& loss : split->losses) loss /= std::log(2.0);  // bits
    }
  }
  EXPECT_EQ(diagnose(given).verdict, expected);
}
TEST_P(DiagnosisOfClearCases, ExplainsItselfInOneSentence) {
  const std::string reason = diagnosis(GetParam()).reason;
  EXPECT_GT(reason.size(), 20u);
  EXPECT_EQ(reason.find('\n'), std::string::npos);
  EXPECT_NE(reason.find_first_of("0123456789"), std::string::npos);
}

}  // namespace
}  // namespace temper::analysis
