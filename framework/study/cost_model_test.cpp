// The arithmetic of estimates.
#include "study/cost_model.h"

#include <gtest/gtest.h>

#include "study/trial_work.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

// Blocks of 1,000 elements below the trained ones, 100 that gradients pass through, 10 that are trained; no attention, no words.
TrialSize made_up_size() {
  TrialSize size;
  size.parameters = 2000;
  size.layers = 4;
  size.process_bytes = 1000000;
  PhaseSize phase;
  phase.examples = 100;
  phase.tokens = 5000;
  phase.frozen = 1000;
  phase.passed = 100;
  phase.trained = 10;
  phase.trained_blocks = 1;
  phase.trainable_parameters = 10;
  phase.probe_tokens = 300;
  phase.validation_tokens = 700;
  size.phases.push_back(phase);
  return size;
}

TEST(CostModel, CountsTwoOperationsForwardAndFourMoreWhereWeightsAreTrained) {
  const TrialSize size = made_up_size();
  const PhaseOperations plain = operations(size.phases.front(), size, false);
  EXPECT_DOUBLE_EQ(plain.epoch, 5000.0 * (2 * 1000 + 4 * 100 + 6 * 10));
  EXPECT_DOUBLE_EQ(plain.evaluation, 1000.0 * 2 * 1110);
  EXPECT_DOUBLE_EQ(plain.frozen, 0);
  const PhaseOperations kept = operations(size.phases.front(), size, true);
  EXPECT_DOUBLE_EQ(kept.epoch, 5000.0 * (4 * 100 + 6 * 10));
  EXPECT_DOUBLE_EQ(kept.evaluation, 1000.0 * 2 * 110);
  EXPECT_DOUBLE_EQ(kept.frozen, 5700.0 * 2 * 1000);
}

TEST(CostModel, CountsAttentionByTheLengthOfTextsAndWordsByTheirTargets) {
  TrialSize size = made_up_size();
  size.width = 8;
  size.vocabulary = 50;
  PhaseSize& phase = size.phases.front();
  phase.mean_length = 20;
  phase.targets = 1000;
  const double attention = 4 * 20 * 8, words = 2 * 50 * 8;
  const PhaseOperations plain = operations(phase, size, false);
  EXPECT_DOUBLE_EQ(plain.epoch, 5000 * (2000 + 3 * attention + 400 + 60 + 3 * attention) + 1000 * 3 * words);  // 3 blocks forward, one trained
}

TEST(CostModel, StepsAndTokensFollowTheTrainingOptions) {
  TrainingOptions options;
  options.batch_size = 8;
  options.epochs = 2.5;
  const TrialCost cost = reckon(made_up_size(), options, 1e9);
  EXPECT_EQ(cost.steps, 33);  // 13 an epoch
  EXPECT_NEAR(cost.tokens, 33.0 / 13 * 5000, 1e-6);
  EXPECT_EQ(cost.evaluations, 4);  // before training, after each epoch, and at the end
  TrainingOptions twice = options;
  twice.epochs = 5;
  EXPECT_GT(reckon(made_up_size(), twice, 1e9).train_seconds, 1.8 * cost.train_seconds - 0.1);
  EXPECT_LT(reckon(made_up_size(), options, 2e9).train_seconds, cost.train_seconds);
}

TEST(CostModel, APhaseOfItsOwnOptionsTakesThese) {
  TrialSize size = made_up_size();
  size.phases.push_back(size.phases.front());
  size.phases.back().options.max_steps = 7;
  TrainingOptions options;
  options.batch_size = 10;
  options.epochs = 1;
  EXPECT_EQ(reckon(size, options, 1e9).steps, 17);
}

TEST(CostModel, MemoryHoldsWeightsGradientsMomentsAndCopies) {
  TrialSize size = made_up_size();
  size.width = 0;  // no activations
  size.phases.front().frozen = 0;
  TrainingOptions options;
  EXPECT_DOUBLE_EQ(reckon(size, options, 1e9).memory_bytes, 1e6 + 4 * 2000 + 12 * 10);
  options.bf16 = true;
  options.keep = "best";
  EXPECT_DOUBLE_EQ(reckon(size, options, 1e9).memory_bytes, 1e6 + 6 * 2000 + 16 * 10);
  EXPECT_DOUBLE_EQ(reckon(size, options, 1e9).kept_bytes, 4 * 2000);
  size.saves_adapter = true;
  EXPECT_DOUBLE_EQ(reckon(size, options, 1e9).kept_bytes, 4 * 10);
  EXPECT_DOUBLE_EQ(reckon(size, options, 1e9).disk_bytes, 5 * 4 * 10);
}

std::vector<std::pair<std::string, Value>> parameters(double learning_rate, double epochs, std::int64_t batch_size, std::int64_t limit = 100) {
  return {{"dataset.plugin", "csv"}, {"dataset.limit.train", limit}, {"training.learning_rate", learning_rate}, {"training.epochs", epochs},
          {"training.batch_size", batch_size}, {"tune", "full"}};
}

TEST(CostRates, AreOfTrialsThatDifferOnlyInLengthRateAndAmountOfData) {
  EXPECT_EQ(cost_key(parameters(1e-5, 3, 8)), cost_key(parameters(1e-4, 1, 8, 1000)));
  EXPECT_NE(cost_key(parameters(1e-5, 3, 8)), cost_key(parameters(1e-5, 3, 16)));
  auto lora = parameters(1e-5, 3, 8);
  lora.back().second = "lora";
  EXPECT_NE(cost_key(parameters(1e-5, 3, 8)), cost_key(lora));
}

record::TrialCosts recorded(double seconds, std::int64_t tokens, std::vector<std::string> shared_with = {}) {
  record::CostRecord cost;
  cost.train_seconds = seconds;
  cost.train_tokens = tokens;
  cost.prepare_seconds = 2;
  cost.seconds_per_prediction = 0.01;
  cost.peak_memory_bytes = tokens * 10;
  cost.shared_with = std::move(shared_with);
  return {1, parameters(1e-5, 3, 8), cost};
}

TEST(CostRates, TakeTheMiddleOfWhatTrialsHaveCostThatWorkedAlone) {
  const auto rates = cost_rates({recorded(10, 100), recorded(90, 100), recorded(20, 100), recorded(0.1, 100, {"0001"})});
  ASSERT_EQ(rates.size(), 1u);
  const CostRate& rate = rates.begin()->second;
  EXPECT_DOUBLE_EQ(*rate.seconds_per_token, 0.2);
  EXPECT_DOUBLE_EQ(rate.memory_bytes, 1000);
  EXPECT_EQ(rate.trials, 4);
  EXPECT_DOUBLE_EQ(*cost_rates({recorded(1, 100, {"0001"})}).begin()->second.seconds_per_token, 0.01);  // better than nothing
}

TEST(CostRates, ReplaceWhatWasReckoned) {
  TrainingOptions options;
  options.batch_size = 10;
  options.epochs = 2;
  TrialCost cost = reckon(made_up_size(), options, 1e9);
  const CostRate rate = cost_rates({recorded(10, 100)}).begin()->second;
  apply_rate(rate, {.train = 100, .validation = 10, .test = 50}, 256, cost);
  EXPECT_DOUBLE_EQ(cost.train_seconds, 0.1 * 10000);
  EXPECT_DOUBLE_EQ(cost.other_seconds, 2 + 50 * 0.01);
  EXPECT_DOUBLE_EQ(cost.memory_bytes, 1000);
  EXPECT_EQ(cost.steps, 20);
}

TEST(CostRates, OfAProbeLeaveOutItsFirstStepAndCountEvaluationsApart) {
  record::TrialRecord probe;
  probe.cost = record::CostRecord{.train_seconds = 20, .prepare_seconds = 3, .predict_seconds = 1, .seconds_per_prediction = 0.5, .train_tokens = 600, .peak_memory_bytes = 77};
  probe.training = record::TrainingCurves{.step = {1, 2, 3}, .epoch = {}, .seconds = {9, 10, 11}, .tokens = {200, 400, 600}, .learning_rate = {}, .loss = {}, .grad_norm = {}, .phase = {}, .phases = {}};
  const CostRate rate = rate_of_probe(probe, 34);
  EXPECT_DOUBLE_EQ(*rate.seconds_per_token, 2.0 / 400);
  EXPECT_DOUBLE_EQ(*rate.seconds_per_evaluated, (20.0 - 3.0) / 34);
  TrialCost cost;
  cost.tokens = 1000;
  cost.evaluations = 3;
  apply_rate(rate, {.train = 10, .validation = 5, .test = 4}, 256, cost);
  EXPECT_DOUBLE_EQ(cost.train_seconds, 5 + 3 * 15 * 0.5);
  EXPECT_DOUBLE_EQ(cost.other_seconds, 3 + 4 * 0.5);
}

TEST(CostModel, AJobGoesToTheWorkerThatIsFreeFirst) {
  EXPECT_DOUBLE_EQ(makespan({}, 2), 0);
  EXPECT_DOUBLE_EQ(makespan({5, 1, 1, 1}, 2), 5);
  EXPECT_DOUBLE_EQ(makespan({5, 1, 1, 1}, 1), 8);
}

TEST(TrialSize, SurvivesThePipe) {
  TrialSize size = made_up_size();
  size.is_sampled = true;
  size.test_tokens = 12.5;
  size.phases.front().options.epochs = 2.5;
  size.phases.front().options.batch_size = 3;
  const TrialSize read = trial_size_from_value(parse_json(to_json(to_value(size))));
  EXPECT_EQ(to_json(to_value(read)), to_json(to_value(size)));
  EXPECT_EQ(read.phases.front().options.epochs, 2.5);
  EXPECT_EQ(read.phases.front().options.max_steps, std::nullopt);
  EXPECT_THROW(trial_size_from_value(parse_json("{}")), Error);
}

TEST(TrialWork, CountsItemsAndLeavesOutStepsThatAnotherTakes) {
  const testing::MadeUpStudy made_up;
  Study study = made_up.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\ntest = \"test.csv\"\nvalidation = 0.1\n[model]\n" + testing::kModel +
                             "[training]\nbatch_size = 10\nlr_scheduler_type = \"constant\"\n[sweep]\nepochs = [1, 3]\n" + testing::kSupervised + "[[strategy]]\nplugin = \"majority\"\n");
  for (std::size_t i = 0; i < study.trials.size(); ++i) study.trials[i].number = static_cast<std::int64_t>(i) + 1;
  ASSERT_EQ(study.trials.size(), 3u);
  const SizesByDataset sizes = {{to_json(study.trials.front().table("dataset")), {.train = 100, .validation = 30, .test = 60}}};
  const std::map<std::int64_t, double> work = trial_work(study.trials, sizes);
  EXPECT_DOUBLE_EQ(work.at(1), 100 + 20);
  EXPECT_DOUBLE_EQ(work.at(2), 200 + 20);
  EXPECT_DOUBLE_EQ(work.at(3), 10 + 20);
  EXPECT_TRUE(trial_work(study.trials, {}).empty());
}

}  // namespace
}  // namespace temper::study
