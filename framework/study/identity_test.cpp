// What makes two trials the same, and what does not.
#include "study/identity.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "study/study.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;

const std::string kTop = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.1\n[model]\ncheckpoint = \"model\"\n";

std::string identity(const MadeUpStudy& study, const std::string& text) { return study.read(text).trials.at(0).identity; }

TEST(Identity, Is32HexadecimalDigits) {
  const MadeUpStudy study;
  const std::string digits = identity(study, kTop + kSupervised);
  EXPECT_EQ(digits.size(), 32u);
  EXPECT_EQ(digits.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Identity, DoesNotDependOnTheOrderOfKeys) {
  const MadeUpStudy study;
  EXPECT_EQ(identity(study, kTop + "[training]\nepochs = 2\nbatch_size = 4\n[[strategy]]\nplugin = \"supervised\"\ntune = \"lora\"\nlora = { r = 4, lora_alpha = 2 }\n"),
            identity(study, "task = \"classification\"\n[[strategy]]\nlora = { lora_alpha = 2, r = 4 }\ntune = \"lora\"\nplugin = \"supervised\"\n[training]\nbatch_size = 4\nepochs = 2\n"
                            "[model]\ncheckpoint = \"model\"\n[dataset]\nvalidation = 0.1\ntrain = \"train.csv\"\nplugin = \"csv\"\n"));
}

TEST(Identity, DoesNotDependOnDefaultsBeingSpelledOut) {
  const MadeUpStudy study;
  EXPECT_EQ(identity(study, kTop + kSupervised),
            identity(study, "seeds = [1]\nobjective = \"validation_loss\"\nmetrics = [\"f1\", \"accuracy\"]\n" + kTop + "tokenizer = \"model\"\nplugin = \"gpt2\"\n[training]\nlearning_rate = 5e-5\nnum_train_epochs = 3\n"
                            "lr_scheduler_type = \"linear\"\n[prompt]\ninput = \"{text}\"\n" + kSupervised + "lora.r = 8\ntraining = { weight_decay = 0 }\n"));
}

TEST(Identity, DoesNotDependOnOtherValuesOfAnAxis) {
  const MadeUpStudy study;
  const auto few = study.read(kTop + "[sweep]\nlearning_rate = [1e-4, 1e-3]\n" + kSupervised).trials;
  const auto more = study.read("seeds = [5, 1]\n" + kTop + "[sweep]\nlearning_rate = [1e-5, 1e-4, 1e-3]\nepochs = [9, 3]\n" + kSupervised).trials;
  for (const Trial& trial : few)
    EXPECT_EQ(std::count_if(more.begin(), more.end(), [&](const Trial& other) { return other.identity == trial.identity; }), 1);
}

TEST(Identity, DoesNotDependOnWhetherAValueIsSwept) {
  const MadeUpStudy study;
  EXPECT_EQ(identity(study, kTop + "[training]\nepochs = 2\n" + kSupervised), identity(study, kTop + "[sweep]\nepochs = [2]\n" + kSupervised));
  EXPECT_EQ(identity(study, kTop + "[training]\nepochs = 2\n" + kSupervised), identity(study, kTop + kSupervised + "training.epochs = 2\n"));
}

TEST(Identity, DependsOnContentsOfInputsAndNotOnTheirNames) {
  const MadeUpStudy study;
  const std::string before = identity(study, kTop + kSupervised);
  std::filesystem::rename(study.folder / "train.csv", study.folder / "moved.csv");
  std::filesystem::rename(study.folder / "model", study.folder / "moved_model");
  std::string moved = kTop;
  moved.replace(moved.find("train.csv"), 9, "moved.csv");
  moved.replace(moved.find("\"model\""), 7, "\"moved_model\"");
  EXPECT_EQ(identity(study, moved + kSupervised), before);
  study.folder.write("moved.csv", "other rows");
  EXPECT_NE(identity(study, moved + kSupervised), before);
}

TEST(Identity, DependsOnTheContentsOfAStrategysAndANestedPluginsFiles) {
  const MadeUpStudy study;
  const std::string text = kTop + "[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nretriever = { plugin = \"bm25\", stop_words = \"stop.txt\" }\n";
  const std::string before = identity(study, text);
  study.folder.write("stop.txt", "the");
  const std::string after = identity(study, text);
  EXPECT_NE(after, before);
  study.folder.write("docs.jsonl", "{}");
  EXPECT_NE(identity(study, text), after);
}

TEST(Identity, DependsOnEveryOptionThatIsRead) {
  const MadeUpStudy study;
  const std::string whole = "seeds = 1\nmetrics = [\"accuracy\"]\n" + kTop + "[training]\nepochs = 2\n" + kSupervised + "tune = \"full\"\nlora.r = 2\n";
  const std::string before = identity(study, whole);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"seeds = 1", "seeds = 2"}, {"[\"accuracy\"]", "[\"f1\"]"}, {"validation = 0.1", "validation = 0.2"}, {"epochs = 2", "epochs = 2.5"},
           {"epochs = 2", "max_steps = 2"}, {"tune = \"full\"", "tune = \"head\""}, {"lora.r = 2", "lora.r = 3"}, {"validation = 0.1\n", "validation = 0.1\nseed = 1\n"},
           {"validation = 0.1\n", "validation = 0.1\nlimit.test = 1\n"}, {"[training]", "[prompt]\ninput = \"x {text}\"\n[training]"}, {"\"model\"", "\"other_model\""},
           {"[\"accuracy\"]", "[\"accuracy\"]\nobjective = \"accuracy\""}, {"tune = \"full\"", "name = \"other\""}}) {
    std::string changed = whole;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_NE(identity(study, changed), before) << from << " -> " << to;
  }
}

TEST(Identity, DoesNotDependOnWhatChangesOnlyHowATrialRuns) {
  const MadeUpStudy study;
  EXPECT_EQ(identity(study, kTop + kSupervised),
            identity(study, "name = \"x\"\ndevice = \"cpu\"\nthreads = 2\n" + kTop + "[training]\neval_batch_size = 1\nsnapshot_steps = 3\n" + kSupervised + "workers = 3\n"));
}

TEST(Identity, DoesNotDependOnTablesThatAreNotRead) {
  const MadeUpStudy study;
  const std::string majority = "[[strategy]]\nplugin = \"majority\"\n";
  EXPECT_EQ(identity(study, kTop + majority), identity(study, kTop + "[training]\nepochs = 9\n[prompt]\ninput = \"x\"\n" + majority));
}

TEST(Identity, TellsWhereOneTableEndsAndTheNextBegins) {
  const MadeUpStudy study;
  EXPECT_NE(identity(study, kTop + "[prompt.labels]\na = \"b\"\n" + kSupervised), identity(study, kTop + "[prompt.labels]\nb = \"a\"\n" + kSupervised));
}

}  // namespace
}  // namespace temper::study
