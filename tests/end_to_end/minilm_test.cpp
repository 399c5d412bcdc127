// Real weights and real tweets: the verdicts are right where the truth is known, and fine-tuning reaches what its peer reaches.
#include <gtest/gtest.h>

#include <filesystem>

#include "record/study_file.h"
#include "support/run_program.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class MiniLm : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto shared = shared_folder();
    if (!shared) GTEST_SKIP() << "the shared inputs are absent: set TEMPER_SHARED";
    if (!fs::exists(model / "model.safetensors") || !fs::exists(model / "validation_256.csv")) GTEST_SKIP() << model << " is absent: run scripts/get_minilm";
    tweets = *shared / "data/tweets";
  }

  std::string experiment(const std::string& top, const std::string& dataset, const std::string& training, const std::string& sweep) const {
    return "name = \"minilm\"\ntask = \"classification\"\nmetrics = [\"accuracy\"]\n" + top + "\n[dataset]\nplugin = \"csv\"\ntrain = \"" + (tweets / "train_1000.csv").string() +
           "\"\nvalidation = \"" + (model / "validation_256.csv").string() + "\"\ntest = \"" + (tweets / "test_1000.csv").string() +
           "\"\nid = \"textID\"\ntext = \"text\"\nlabel = \"sentiment\"\n" + dataset + "\n[model]\ncheckpoint = \"" + model.string() +
           "\"\n[training]\nbatch_size = 16\nlr_scheduler_type = \"constant\"\nbf16 = true\n" + training + "\n" + sweep + "\n[[strategy]]\nplugin = \"supervised\"\n";
  }

  record::StudySummary run(const std::string& toml) {
    folder.write("minilm.toml", toml);
    const ProgramResult result = run_temper("run minilm.toml", folder.path());
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    return record::read_summary(folder / "results/minilm/study.h5");
  }

  const fs::path model = fs::path(TEMPER_SOURCE_DIRECTORY) / "models/minilm";
  fs::path tweets;
  TemporaryFolder folder;
};

// Hugging Face Trainer reaches 0.686, 0.681 and 0.694 with seeds 1, 2 and 3 (learning rate 5e-5 constant, batch 16, 1 epoch, bf16, last
// weights). The bound is three standard errors of a mean of three such trials.
TEST_F(MiniLm, ReachesTheAccuracyOfThePeerInOneEpoch) {
  const record::StudySummary study = run(experiment("seeds = [1, 2, 3]", "", "learning_rate = 5e-5\nepochs = 1", ""));
  ASSERT_EQ(study.trials.size(), 3u);
  double mean = 0;
  for (const record::TrialSummary& trial : study.trials) mean += trial.metrics.at(0).value / 3;
  EXPECT_NEAR(mean, (0.686 + 0.681 + 0.694) / 3, 0.015);
}

TEST_F(MiniLm, GetsTheVerdictThatEachTrialWasMadeToDeserve) {
  const record::StudySummary study = run(experiment("", "limit = { train = 100, test = 50 }", "train_probe = 100", "[sweep]\nlearning_rate = [1e-7, 0.1]\nepochs = [3]"));
  ASSERT_EQ(study.trials.size(), 2u);
  EXPECT_EQ(study.trials[0].verdict, "underfit") << study.trials[0].reason;
  EXPECT_EQ(study.trials[1].verdict, "diverged") << study.trials[1].reason;
}

TEST_F(MiniLm, OverfitsAHundredTweetsInThirtyEpochs) {
  const record::StudySummary study = run(experiment("", "limit = { train = 100, test = 50 }", "train_probe = 100\nlearning_rate = 2e-4\nepochs = 30\neval_steps = 21", ""));
  ASSERT_EQ(study.trials.size(), 1u);
  EXPECT_EQ(study.trials[0].verdict, "overfit") << study.trials[0].reason;
}

}  // namespace
}  // namespace temper::testing
