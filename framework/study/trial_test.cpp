// A trial as parameters for HDF5, and as JSON for a worker.
#include "study/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <temper/training_options.h>

#include "study/study.h"
#include "support/made_up_study.h"
#include "support/message_of.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::message_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Trial first_trial(const MadeUpStudy& study) {
  return study.read(kBeginning + kModel + "[sweep]\nlearning_rate = [1e-5, 1e-4]\ndataset.limit.train = [1000]\n" + kSupervised + "name = \"low rank\"\nlora.r = [4]\n").trials.at(0);
}

TEST(Trial, ParametersAreNamedByTheirFullPath) {
  const MadeUpStudy study;
  const Trial trial = first_trial(study);
  std::map<std::string, Value> parameters;
  for (const auto& [path, value] : trial.parameters()) parameters[path] = value;
  EXPECT_EQ(parameters.size(), trial.parameters().size());
  EXPECT_EQ(parameters.at("training.learning_rate"), Value(1e-5));
  EXPECT_EQ(parameters.at("dataset.limit.train"), Value(1000));
  EXPECT_EQ(parameters.at("dataset.validation"), Value(0.1));
  EXPECT_EQ(parameters.at("model.checkpoint"), Value((study.folder / "model").string()));
  EXPECT_EQ(parameters.at("prompt.input"), Value("{text}"));
  EXPECT_EQ(parameters.at("lora.r"), Value(4));
  EXPECT_EQ(parameters.at("tune"), Value("full"));
  EXPECT_EQ(parameters.at("plugin"), Value("supervised"));
  EXPECT_EQ(parameters.at("task"), Value("classification"));
  EXPECT_EQ(parameters.at("objective"), Value("validation_loss"));
  EXPECT_EQ(parameters.at("training.eval_batch_size"), Value(32)) << "what does not count for identity is read all the same";
}

TEST(Trial, ParametersLackUnsetOptionalsAndWhatChangesOnlyHowItRuns) {
  const MadeUpStudy study;
  for (const auto& [path, value] : first_trial(study).parameters()) {
    EXPECT_NE(path, "training.max_steps");
    EXPECT_NE(path, "dataset.limit.test");
    EXPECT_NE(path, "device");
    EXPECT_NE(path, "threads");
    EXPECT_NE(path, "name");
    EXPECT_FALSE(value.is_null() || value.is_table()) << path;
  }
}

TEST(Trial, SweptNamesTheSweptParameters) {
  const MadeUpStudy study;
  EXPECT_THAT(first_trial(study).swept, ElementsAre("training.learning_rate", "dataset.limit.train", "lora.r"));
}

TEST(Trial, IsDescribedInOneLine) {
  const MadeUpStudy study;
  EXPECT_EQ(describe(first_trial(study)), "low rank, learning_rate 1e-5, dataset.limit.train 1000, lora.r 4, seed 1");
}

TEST(Trial, ComesBackFromJsonToTheBit) {
  const MadeUpStudy study;
  Trial trial = first_trial(study);
  trial.number = 17;
  const Trial back = trial_from_value(parse_json(to_json(to_value(trial))));
  EXPECT_EQ(back.number, 17);
  EXPECT_EQ(back.strategy, trial.strategy);
  EXPECT_EQ(back.seed, trial.seed);
  EXPECT_EQ(back.identity, trial.identity);
  EXPECT_EQ(back.swept, trial.swept);
  EXPECT_EQ(back.options, trial.options);
}

TEST(Trial, WithoutASeedComesBackWithoutOne) {
  const MadeUpStudy study;
  const Trial trial = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n").trials.at(0);
  EXPECT_FALSE(trial_from_value(parse_json(to_json(to_value(trial)))).seed);
}

TEST(Trial, FillsTheOptionStructsOfAWorker) {
  const MadeUpStudy study;
  const Trial trial = trial_from_value(parse_json(to_json(to_value(first_trial(study)))));
  OptionsOf<TrainingOptions> training;
  fill(training, trial.table("training"));
  EXPECT_EQ(training.value.learning_rate, 1e-5);
  EXPECT_EQ(training.value.epochs, 3);
  const ModelOptions model = model_options(trial.table("model"));
  EXPECT_EQ(model.checkpoint, study.folder / "model");
  EXPECT_EQ(model.tokenizer, study.folder / "model") << "by default the checkpoint's folder";
  EXPECT_TRUE(model.config.is_null());
  EXPECT_EQ(model.plugin, "gpt2") << "the one that claims the checkpoint's model_type";
}

TEST(Trial, BrokenJsonIsAnErrorThatNamesWhatIsMissing) {
  const MadeUpStudy study;
  const Value whole = to_value(first_trial(study));
  for (const auto& [key, value] : whole.as_table()) {
    if (key == "seed") continue;
    Value broken = whole;
    broken.erase(key);
    EXPECT_EQ(message_of([&] { trial_from_value(broken); }), "a trial lacks \"" + key + "\"");
    broken = whole;
    broken.set(key, true);
    EXPECT_NE(message_of([&] { trial_from_value(broken); }), "no error") << key;
  }
  EXPECT_EQ(message_of([&] { trial_from_value(3); }), "a trial is an integer, it must be a table");
  Value newer = whole;
  newer.set("format_version", 2);
  EXPECT_THAT(message_of([&] { trial_from_value(newer); }), HasSubstr("a trial has format version 2, this temper reads 1"));
}

TEST(Trial, SaysWhichTableItDoesNotRead) {
  const MadeUpStudy study;
  const Trial trial = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n").trials.at(0);
  EXPECT_EQ(message_of([&] { trial.table("training"); }), "the strategy \"majority\" does not read [training]");
}

}  // namespace
}  // namespace temper::study
