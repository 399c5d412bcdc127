// `from` and `from_best`: which trials go on from which, what they are called, and what of an experiment file makes no sense there.
#include "study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/ledger.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::MadeUpStudy;
using temper::testing::swept_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kLora = "[[strategy]]\nplugin = \"supervised\"\nname = \"lora\"\ntune = \"lora\"\nlora = { r = [4, 8] }\n";
const std::string kRag = "[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\n";
const std::string kTwoSeeds = "task = \"classification\"\nseeds = [1, 2]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.1\n[model]\ncheckpoint = \"model\"\n";

std::vector<Trial> of(const std::vector<Trial>& trials, const std::string& strategy) {
  std::vector<Trial> found;
  for (const Trial& trial : trials)
    if (trial.strategy == strategy) found.push_back(trial);
  return found;
}

std::optional<Value> parameter(const Trial& trial, const std::string& path) {
  for (const auto& [name, value] : trial.parameters())
    if (name == path) return value;
  return std::nullopt;
}

TEST(From, MakesATrialOfEachTrialOfTheBaseUnderItsSeed) {
  const MadeUpStudy study;
  auto trials = study.read(kTwoSeeds + kLora + kRag + "from = \"lora\"\n").trials;
  Ledger().plan(trials);
  const auto rag = of(trials, "rag");
  EXPECT_THAT(swept_of(rag), ElementsAre("rag from.lora.r=4 seed=1", "rag from.lora.r=4 seed=2", "rag from.lora.r=8 seed=1", "rag from.lora.r=8 seed=2"));
  for (std::size_t i = 0; i < rag.size(); ++i) {
    EXPECT_EQ(rag[i].base->number, trials[i].number);
    EXPECT_EQ(rag[i].base->candidates, std::vector<std::string>{trials[i].identity});
    EXPECT_EQ(parameter(rag[i], "from"), Value("lora"));
    EXPECT_EQ(parameter(rag[i], "from.tune"), Value("lora"));
    EXPECT_TRUE(parameter(rag[i], "from.training.learning_rate"));
    EXPECT_FALSE(parameter(rag[i], "from.model.checkpoint"));  // it stands without the prefix
    EXPECT_TRUE(parameter(rag[i], "model.checkpoint"));
  }
  EXPECT_EQ(describe(rag[2]), "rag from lora, from.lora.r 8, seed 1");
}

TEST(From, MultipliesByItsOwnAxesButNotByThoseOfTablesThatTheBaseHasFixed) {
  const MadeUpStudy study;
  const auto trials = study.read(kTwoSeeds + "[sweep]\ndataset.limit.train = [10, 20]\nlearning_rate = [1e-5, 1e-4]\n" +
                                 "[[strategy]]\nplugin = \"few_shot\"\nshots = 0\n[[strategy]]\nplugin = \"supervised\"\nfrom = \"few_shot\"\n").trials;
  EXPECT_THAT(swept_of(of(trials, "supervised")),
              ElementsAre("supervised training.learning_rate=1e-5 dataset.limit.train=10 seed=1", "supervised training.learning_rate=1e-5 dataset.limit.train=10 seed=2",
                          "supervised training.learning_rate=1e-4 dataset.limit.train=10 seed=1", "supervised training.learning_rate=1e-4 dataset.limit.train=10 seed=2",
                          "supervised training.learning_rate=1e-5 dataset.limit.train=20 seed=1", "supervised training.learning_rate=1e-5 dataset.limit.train=20 seed=2",
                          "supervised training.learning_rate=1e-4 dataset.limit.train=20 seed=1", "supervised training.learning_rate=1e-4 dataset.limit.train=20 seed=2"));
}

TEST(From, ChainsAndStandsWhereverInTheFile) {
  const MadeUpStudy study;
  auto trials = study.read(kTwoSeeds + kRag + "from = \"second\"\n[[strategy]]\nplugin = \"supervised\"\nname = \"second\"\nfrom = \"lora\"\n" + kLora).trials;
  Ledger().plan(trials);
  ASSERT_EQ(trials.size(), 12u);
  EXPECT_EQ(trials[0].strategy, "rag");
  EXPECT_EQ(trials[0].base->number, 5);
  EXPECT_EQ(trials[4].base->number, 9);
  EXPECT_EQ(parameter(trials[0], "from.from"), Value("lora"));
  EXPECT_EQ(parameter(trials[2], "from.from.lora.r"), Value(8));
}

TEST(From, TheBestMakesATrialPerSeedThatWaitsForAllTrialsOfTheBase) {
  const MadeUpStudy study;
  auto trials = study.read(kTwoSeeds + kLora + kRag + "from_best = \"lora\"\n").trials;
  Ledger().plan(trials);
  const auto rag = of(trials, "rag");
  EXPECT_THAT(swept_of(rag), ElementsAre("rag seed=1", "rag seed=2"));
  EXPECT_EQ(rag[0].base->candidates.size(), 4u);
  EXPECT_EQ(rag[0].base->number, 0);
  EXPECT_EQ(parameter(rag[0], "from_best"), Value("lora"));
  EXPECT_FALSE(parameter(rag[0], "from"));
}

TEST(From, TheBestIsChosenAmongTrialsOfTheSameItems) {
  const MadeUpStudy study;
  const auto trials = study.read(kTwoSeeds + "[sweep]\ndataset.limit.train = [10, 20]\n" + kLora + kRag + "from_best = \"lora\"\n").trials;
  const auto rag = of(trials, "rag");
  EXPECT_THAT(swept_of(rag), ElementsAre("rag dataset.limit.train=10 seed=1", "rag dataset.limit.train=10 seed=2", "rag dataset.limit.train=20 seed=1", "rag dataset.limit.train=20 seed=2"));
  EXPECT_EQ(rag[0].base->candidates.size(), 4u);
}

TEST(From, AnIdentityHoldsTheBases) {
  const MadeUpStudy study;
  const auto rag = [&](const std::string& lora, const std::string& from) { return of(study.read(kTwoSeeds + lora + kRag + from).trials, "rag").front().identity; };
  std::string other = kLora;
  other.replace(other.find("[4, 8]"), 6, "[4, 9]");
  std::string scaled = kLora;
  scaled.replace(scaled.find("[4, 8]"), 6, "[4, 8], lora_alpha = 32");
  EXPECT_EQ(rag(kLora, "from = \"lora\"\n"), rag(other, "from = \"lora\"\n"));  // of r = 4
  EXPECT_NE(rag(kLora, "from_best = \"lora\"\n"), rag(other, "from_best = \"lora\"\n"));
  EXPECT_NE(rag(kLora, "from = \"lora\"\n"), rag(scaled, "from = \"lora\"\n"));
  EXPECT_NE(rag(kLora, "from = \"lora\"\n"), rag(kLora, ""));
}

TEST(From, SurvivesTheWayThroughThePipeAndTheResolvedFile) {
  const MadeUpStudy study;
  const Study read = study.read(kTwoSeeds + kLora + kRag + "from = \"lora\"\n" + "[[strategy]]\nplugin = \"rag\"\nname = \"best\"\ncorpus = \"docs.jsonl\"\nfrom_best = \"lora\"\n");
  for (const Trial& trial : read.trials) EXPECT_EQ(trial_from_value(parse_json(to_json(to_value(trial)))).parameters(), trial.parameters());
  const Study again = study.read(resolved_toml(read.experiment));
  ASSERT_EQ(again.trials.size(), read.trials.size());
  for (std::size_t i = 0; i < again.trials.size(); ++i) EXPECT_EQ(again.trials[i].identity, read.trials[i].identity);
}

TEST(From, ErrorsSayWhatIsWrongAndWhere) {
  const MadeUpStudy study;
  const auto error = [&](const std::string& text) { return study.error(kBeginning + kModel + text); };
  EXPECT_THAT(error(kLora + kRag + "from = \"lorra\"\n"), HasSubstr("experiment.toml:21:1: from is \"lorra\", which is no strategy of this file\n    did you mean \"lora\"?"));
  EXPECT_THAT(error(kRag + "from = \"rag\"\n"), HasSubstr("from is \"rag\", which is the strategy itself"));
  EXPECT_THAT(error(kLora + "from = \"rag\"\n" + kRag + "from_best = \"lora\"\n"), HasSubstr("in a circle: \"lora\" from \"rag\" from \"lora\""));
  EXPECT_THAT(error(kLora + kRag + "from = \"lora\"\nfrom_best = \"lora\"\n"), HasSubstr("has both from and from_best"));
  EXPECT_THAT(error(kLora + kRag + "from = [\"lora\", \"rag\"]\n"), HasSubstr("from is an array, it must be the name of another strategy"));
  EXPECT_THAT(error(kLora + kRag + "from = 3\n"), HasSubstr("from is an integer, it must be the name of another strategy"));
  EXPECT_THAT(error("[[strategy]]\nplugin = \"majority\"\n" + kRag + "from = \"majority\"\n"), HasSubstr("the strategy \"majority\" uses no model, so there is nothing to go on from"));
  EXPECT_THAT(error(kLora + "[[strategy]]\nplugin = \"majority\"\nfrom = \"lora\"\n"), HasSubstr("\"majority\" uses no model, so it cannot go on from another one"));
  EXPECT_THAT(study.error("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\n" + kModel + kLora + kRag + "from_best = \"lora\"\n"),
              HasSubstr("from_best is \"lora\", and there is no validation split to choose the best by"));
}

TEST(From, AChainHasAnEnd) {
  const MadeUpStudy study;
  std::string text = kTwoSeeds + kLora;
  for (int i = 0; i < 40; ++i)
    text += "[[strategy]]\nplugin = \"few_shot\"\nshots = 0\nname = \"s" + std::to_string(i) + "\"\nfrom = \"" + (i == 0 ? std::string("lora") : "s" + std::to_string(i - 1)) + "\"\n";
  EXPECT_THAT(study.error(text), HasSubstr("\"s39\" is the end of more than 16 strategies that go on from one another"));
}

}  // namespace
}  // namespace temper::study
