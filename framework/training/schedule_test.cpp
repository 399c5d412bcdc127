// Steps and learning rates against values of transformers 5.23.0 (get_scheduler; Trainer.set_initial_training_values and
// TrainingArguments.get_warmup_steps, torch 2.13.0).
#include "training/schedule.h"

#include <gtest/gtest.h>

namespace temper::training {
namespace {

TrainingOptions schedule(const std::string& type, std::int64_t warmup) {
  TrainingOptions options;
  options.lr_scheduler_type = type;
  options.warmup_steps = warmup;
  options.learning_rate = 5e-5;
  return options;
}

void expect_rates(const TrainingOptions& options, const std::vector<double>& wanted) {
  for (std::size_t step = 0; step < wanted.size(); ++step) {
    EXPECT_NEAR(learning_rate(options, static_cast<std::int64_t>(wanted.size()), static_cast<std::int64_t>(step)), wanted[step], 1e-20)
        << options.lr_scheduler_type << ", step " << step;
  }
}

TEST(LearningRate, FallsLinearlyAfterWarmUp) {
  expect_rates(schedule("linear", 3), {0.0, 1.6666666666666667e-05, 3.3333333333333335e-05, 5e-05, 4.2857142857142856e-05, 3.571428571428572e-05,
                                       2.857142857142857e-05, 2.1428571428571428e-05, 1.4285714285714285e-05, 7.142857142857143e-06});
}

TEST(LearningRate, FollowsHalfACosine) {
  expect_rates(schedule("cosine", 3), {0.0, 1.6666666666666667e-05, 3.3333333333333335e-05, 5e-05, 4.752422169756048e-05, 4.058724504646834e-05,
                                       3.056302334890786e-05, 1.9436976651092144e-05, 9.412754953531663e-06, 2.475778302439524e-06});
  expect_rates(schedule("cosine", 0), {5e-05, 4.752422169756048e-05, 4.058724504646834e-05, 3.056302334890786e-05, 1.9436976651092144e-05,
                                       9.412754953531663e-06, 2.475778302439524e-06});
}

TEST(LearningRate, StaysConstantAndOnlyOneOfTheTwoWarmsUp) {
  expect_rates(schedule("constant", 3), std::vector<double>(10, 5e-5));
  std::vector<double> warm(10, 5e-5);
  warm[0] = 0, warm[1] = 1.6666666666666667e-05, warm[2] = 3.3333333333333335e-05;
  expect_rates(schedule("constant_with_warmup", 3), warm);
}

TEST(LearningRate, NeverReachesThePeakWhenTheWarmUpIsLongerThanTheTraining) {
  expect_rates(schedule("linear", 12), {0.0, 4.166666666666667e-06, 8.333333333333334e-06, 1.25e-05, 1.6666666666666667e-05,
                                        2.0833333333333336e-05, 2.5e-05, 2.916666666666667e-05, 3.3333333333333335e-05, 3.7500000000000003e-05});
}

TEST(LearningRate, WarmsUpStaysAndFallsInItsLastSteps) {
  TrainingOptions options = schedule("warmup_stable_decay", 2);
  options.learning_rate = 1;
  options.decay_steps = 4;
  // transformers 5.23, get_wsd_schedule(num_warmup_steps=2, num_decay_steps=4, num_training_steps=10).
  const double expected[] = {0, 0.5, 1, 1, 1, 1, 1, 0.8535533905932737, 0.5, 0.14644660940672627};
  for (int step = 0; step < 10; ++step) EXPECT_NEAR(learning_rate(options, 10, step), expected[step], 1e-15) << step;
  options.decay_steps = 0;
  options.decay_ratio = 0.35;
  EXPECT_EQ(decay_steps(options, 10), 4);
  options.decay_steps = 100;  // no more than warm-up leaves
  EXPECT_EQ(decay_steps(options, 10), 8);
}

TEST(LearningRate, RefusesAnUnknownSchedule) { EXPECT_THROW(learning_rate(schedule("wsd", 0), 10, 1), Error); }

struct Case {
  std::int64_t items, batch_size, accumulation;
  double epochs;
  std::int64_t max_steps;  // 0: none
  double warmup_ratio;
  std::int64_t steps_per_epoch, total_steps, warmup_steps;
};

TEST(StepPlan, CountsStepsAsTheTrainerDoes) {
  for (const Case& c : {Case{1000, 16, 1, 3, 0, 0.1, 63, 189, 19}, Case{1000, 16, 4, 3, 0, 0.06, 16, 48, 3}, Case{10, 4, 2, 1, 0, 0, 2, 2, 0},
                        Case{30, 1, 1, 0.1, 0, 0.1, 30, 3, 1}, Case{1000, 16, 1, 1.5, 0, 0.33, 63, 95, 32}, Case{7, 16, 4, 2, 0, 0.5, 1, 2, 1},
                        Case{100, 8, 3, 2.7, 0, 0.05, 5, 14, 1}, Case{100, 8, 1, 3, 17, 0.1, 13, 17, 2}, Case{1000, 16, 1, 0.001, 0, 0, 63, 1, 0}}) {
    TrainingOptions options;
    options.batch_size = c.batch_size;
    options.gradient_accumulation_steps = c.accumulation;
    options.epochs = c.epochs;
    options.warmup_ratio = c.warmup_ratio;
    if (c.max_steps > 0) options.max_steps = c.max_steps;
    const StepPlan plan = plan_steps(c.items, options);
    EXPECT_EQ(plan.steps_per_epoch, c.steps_per_epoch) << c.items << " items";
    EXPECT_EQ(plan.total_steps, c.total_steps) << c.items << " items, " << c.epochs << " epochs";
    EXPECT_EQ(warmup_steps(options, plan.total_steps), c.warmup_steps) << c.items << " items";
  }
}

TEST(StepPlan, RefusesAnEmptySplit) { EXPECT_THROW(plan_steps(0, {}), Error); }

TEST(StepPlan, WarmupStepsOverrideTheRatio) {
  TrainingOptions options;
  options.warmup_steps = 7;
  options.warmup_ratio = 0.5;
  EXPECT_EQ(warmup_steps(options, 100), 7);
}

}  // namespace
}  // namespace temper::training
