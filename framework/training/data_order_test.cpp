// The order of items and their packing.
#include "training/data_order.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace temper::training {
namespace {

// Lengths 1 to 7, all over the place.
std::vector<Example> examples(std::int64_t count) {
  std::vector<Example> result(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].ids.assign(1 + (i * 5) % 7, static_cast<std::int32_t>(i));
    result[i].key = 1000 + i;
  }
  return result;
}

StepPlan plan_for(std::int64_t items, std::int64_t batch_size, std::int64_t accumulation) {
  TrainingOptions options;
  options.batch_size = batch_size;
  options.gradient_accumulation_steps = accumulation;
  return plan_steps(items, options);
}

// The items of each step of the first two epochs, as sets.
std::vector<std::set<std::size_t>> steps_of(const std::vector<Example>& items, std::int64_t batch_size, std::int64_t accumulation) {
  const StepPlan plan = plan_for(static_cast<std::int64_t>(items.size()), batch_size, accumulation);
  DataOrder order(items, plan, batch_size, 1);
  std::vector<std::set<std::size_t>> steps;
  for (std::int64_t step = 0; step < 2 * plan.steps_per_epoch; ++step) {
    auto& taken = steps.emplace_back();
    for (const auto& batch : order.micro_batches(step)) taken.insert(batch.begin(), batch.end());
  }
  return steps;
}

TEST(EpochOrder, IsAPermutationOfItsOwnForEverySeedAndEpoch) {
  std::set<std::vector<std::size_t>> orders;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    for (const std::int64_t epoch : {0, 1, 2}) {
      std::vector<std::size_t> order = epoch_order(100, seed, epoch);
      EXPECT_EQ(order, epoch_order(100, seed, epoch));
      orders.insert(order);
      std::sort(order.begin(), order.end());
      for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
    }
  }
  EXPECT_EQ(orders.size(), 9u);
}

TEST(EpochOrder, NeverChangesBetweenReleases) {
  // Studies are resumed and verified by later builds: written by this code, not by another tool.
  EXPECT_EQ(epoch_order(8, 1, 0), (std::vector<std::size_t>{4, 2, 5, 1, 7, 3, 0, 6}));
}

TEST(EpochOrder, PutsEveryItemAnywhereEquallyOften) {
  std::vector<double> mean_place(10);
  for (std::int64_t epoch = 0; epoch < 2000; ++epoch) {
    const std::vector<std::size_t> order = epoch_order(10, 7, epoch);
    for (std::size_t place = 0; place < order.size(); ++place) mean_place[order[place]] += static_cast<double>(place) / 2000;
  }
  for (const double mean : mean_place) EXPECT_NEAR(mean, 4.5, 0.26);  // four standard errors of a uniform place
}

TEST(DataOrder, GivesAccumulatedStepsTheItemsOfTheLargerBatch) {
  const std::vector<Example> items = examples(50);
  EXPECT_EQ(steps_of(items, 4, 4), steps_of(items, 16, 1));
  EXPECT_EQ(steps_of(items, 2, 8), steps_of(items, 16, 1));
}

TEST(DataOrder, LeavesAShortLastStepAndLosesNothing) {
  const auto steps = steps_of(examples(50), 4, 4);
  ASSERT_EQ(steps.size(), 8u);
  EXPECT_EQ(steps[3].size(), 2u);
  std::set<std::size_t> seen;
  for (int step = 0; step < 4; ++step) seen.insert(steps[step].begin(), steps[step].end());
  EXPECT_EQ(seen.size(), 50u);
  EXPECT_NE(steps[0], steps[4]);  // the second epoch has an order of its own
}

TEST(DataOrder, SortsAMicroBatchByLength) {
  const std::vector<Example> items = examples(50);
  DataOrder order(items, plan_for(50, 16, 1), 16, 1);
  for (const auto& batch : order.micro_batches(0)) {
    EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end(), [&](auto a, auto b) { return items[a].ids.size() < items[b].ids.size(); }));
  }
}

TEST(DataOrder, GoesOnFromAnyStep) {
  const std::vector<Example> items = examples(50);
  DataOrder from_start(items, plan_for(50, 4, 2), 4, 9), from_middle(items, plan_for(50, 4, 2), 4, 9);
  for (std::int64_t step = 0; step < 9; ++step) from_start.micro_batches(step);
  EXPECT_EQ(from_middle.micro_batches(9), from_start.micro_batches(9));
}

TEST(Pack, PutsSequencesOneAfterAnotherWithTheirKeys) {
  std::vector<Example> items(2);
  items[0] = {.ids = {5, 6, 7}, .type_ids = {0, 1, 1}, .labels = {}, .key = 11};
  items[1] = {.ids = {8, 9}, .type_ids = {}, .labels = {}, .key = 12};
  const Batch batch = pack(items, std::vector<std::size_t>{1, 0});
  EXPECT_EQ(batch.ids, (std::vector<std::int32_t>{8, 9, 5, 6, 7}));
  EXPECT_EQ(batch.positions, (std::vector<std::int32_t>{0, 1, 0, 1, 2}));
  EXPECT_EQ(batch.segments, (std::vector<std::int32_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(batch.starts, (std::vector<std::int32_t>{0, 2, 5}));
  EXPECT_EQ(batch.items, (std::vector<std::uint64_t>{12, 11}));
}

}  // namespace
}  // namespace temper::training
