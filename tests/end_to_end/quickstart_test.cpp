// The README's first experiment keeps its word: it learns more than the baseline, and shows an underfit and an overfit trial.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "record/study_file.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

const record::MetricResult* accuracy_of(const record::TrialSummary& trial) {
  const auto found = std::find_if(trial.metrics.begin(), trial.metrics.end(), [](const record::MetricResult& metric) { return metric.name == "accuracy"; });
  return found == trial.metrics.end() ? nullptr : &*found;
}

TEST(Quickstart, BeatsTheBaselineAndShowsUnderfittingAndOverfitting) {
  const TemporaryFolder folder;
  const ProgramResult result = run_temper("run '" + std::string(TEMPER_SOURCE_DIRECTORY) + "/experiments/quickstart.toml'", folder.path());
  ASSERT_EQ(result.status, 0) << result.out << result.err;
  const std::filesystem::path file = folder.path() / "results/quickstart/study.h5";
  EXPECT_NE(result.out.find("results/quickstart/study.h5"), std::string::npos) << result.out;

  const record::StudySummary study = record::read_summary(file);
  const record::TrialSummary* best = study.best();
  ASSERT_NE(best, nullptr);
  const record::MetricResult *found = accuracy_of(*best), *baseline = nullptr;
  bool underfit = false, overfit = false;
  for (const record::TrialSummary& trial : study.trials) {
    EXPECT_EQ(trial.status, "complete") << trial.number << ": " << trial.error;
    if (trial.strategy == "majority") baseline = accuracy_of(trial);
    underfit = underfit || trial.verdict == "underfit";
    overfit = overfit || trial.verdict == "overfit";
  }
  ASSERT_NE(found, nullptr);
  ASSERT_NE(baseline, nullptr);
  EXPECT_GT(found->value - baseline->value, 3 * std::hypot(found->standard_error, baseline->standard_error));
  EXPECT_TRUE(underfit) << result.out;
  EXPECT_TRUE(overfit) << result.out;
}

}  // namespace
}  // namespace temper::testing
