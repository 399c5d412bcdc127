// How axes, strategies and seeds become trials.
#include "study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::swept_of;
using ::testing::ElementsAre;

const std::string kOneSeed = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.1\n[model]\ncheckpoint = \"model\"\n";

TEST(Expand, StrategiesThenAxesAsWrittenFirstSlowestThenSeedsFastest) {
  const MadeUpStudy study;
  const auto trials = study.read(kBeginning + kModel + "[sweep]\nlearning_rate = [1e-5, 1e-4]\nbatch_size = [8, 16]\n" + kSupervised +
                                 "[[strategy]]\nplugin = \"few_shot\"\nshots = [1, 2]\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre(
      "supervised training.learning_rate=1e-5 training.batch_size=8 seed=1", "supervised training.learning_rate=1e-5 training.batch_size=8 seed=2",
      "supervised training.learning_rate=1e-5 training.batch_size=8 seed=3", "supervised training.learning_rate=1e-5 training.batch_size=16 seed=1",
      "supervised training.learning_rate=1e-5 training.batch_size=16 seed=2", "supervised training.learning_rate=1e-5 training.batch_size=16 seed=3",
      "supervised training.learning_rate=1e-4 training.batch_size=8 seed=1", "supervised training.learning_rate=1e-4 training.batch_size=8 seed=2",
      "supervised training.learning_rate=1e-4 training.batch_size=8 seed=3", "supervised training.learning_rate=1e-4 training.batch_size=16 seed=1",
      "supervised training.learning_rate=1e-4 training.batch_size=16 seed=2", "supervised training.learning_rate=1e-4 training.batch_size=16 seed=3",
      "few_shot shots=1 seed=1", "few_shot shots=1 seed=2", "few_shot shots=1 seed=3", "few_shot shots=2 seed=1", "few_shot shots=2 seed=2",
      "few_shot shots=2 seed=3"));
}

TEST(Expand, AxesOfAStrategyThatStandsBeforeSweepAreSlower) {
  const MadeUpStudy study;
  const std::string strategy = kSupervised + "last_layers = [1, 2]\n", sweep = "[sweep]\nepochs = [1, 2]\n";
  EXPECT_THAT(swept_of(study.read(kOneSeed + sweep + strategy).trials),
              ElementsAre("supervised training.epochs=1.0 last_layers=1 seed=1", "supervised training.epochs=1.0 last_layers=2 seed=1",
                          "supervised training.epochs=2.0 last_layers=1 seed=1", "supervised training.epochs=2.0 last_layers=2 seed=1"));
  EXPECT_THAT(swept_of(study.read(kOneSeed + strategy + sweep).trials),
              ElementsAre("supervised last_layers=1 training.epochs=1.0 seed=1", "supervised last_layers=1 training.epochs=2.0 seed=1",
                          "supervised last_layers=2 training.epochs=1.0 seed=1", "supervised last_layers=2 training.epochs=2.0 seed=1"));
}

TEST(Expand, AnAxisMultipliesOnlyTheStrategiesThatReadTheOption) {
  const MadeUpStudy study;
  const auto trials = study.read(kBeginning + kModel + "[sweep]\nepochs = [1, 2, 3]\nprompt.input = [\"{text}\", \"Tweet: {text}\"]\n" +
                                 "[[strategy]]\nplugin = \"few_shot\"\nshots = 0\n[[strategy]]\nplugin = \"majority\"\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("few_shot prompt.input=\"{text}\"", "few_shot prompt.input=\"Tweet: {text}\"", "majority"));
}

TEST(Expand, FoldsMakeATrialForEachFoldUnlessOneIsNamed) {
  const MadeUpStudy study;
  const std::string folds = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nfolds = 3\n", model = "[model]\ncheckpoint = \"model\"\n", majority = "[[strategy]]\nplugin = \"majority\"\n";
  const Study all = study.read(folds + model + "[sweep]\nepochs = [1, 2]\n" + kSupervised + majority);
  EXPECT_THAT(swept_of(all.trials), ElementsAre("supervised training.epochs=1.0 dataset.fold=1 seed=1", "supervised training.epochs=1.0 dataset.fold=2 seed=1", "supervised training.epochs=1.0 dataset.fold=3 seed=1",
                                                "supervised training.epochs=2.0 dataset.fold=1 seed=1", "supervised training.epochs=2.0 dataset.fold=2 seed=1", "supervised training.epochs=2.0 dataset.fold=3 seed=1",
                                                "majority dataset.fold=1", "majority dataset.fold=2", "majority dataset.fold=3"));
  EXPECT_EQ(all.experiment.objective->name, "validation_loss");
  EXPECT_EQ(study.read(resolved_toml(all.experiment)).trials.size(), 9u);
  EXPECT_THAT(swept_of(study.read(folds + "fold = 2\n" + model + majority).trials), ElementsAre("majority"));
  EXPECT_THAT(swept_of(study.read(folds + model + "[sweep]\ndataset.fold = [1, 3]\n" + majority).trials), ElementsAre("majority dataset.fold=1", "majority dataset.fold=3"));
}

TEST(Expand, ClassWeightsMayBeWordsAndTables) {
  const MadeUpStudy study;
  const Study swept = study.read(kOneSeed + "[sweep]\nclass_weights = [\"none\", \"balanced\", { rare = 2, odd = 3 }, { rare = 2.5 }]\n" + kSupervised);
  const auto& trials = swept.trials;
  EXPECT_EQ(study.read(resolved_toml(swept.experiment)).trials.at(2).identity, trials.at(2).identity);
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised training.class_weights=\"none\" seed=1", "supervised training.class_weights=\"balanced\" seed=1",
                                            "supervised training.class_weights.rare=2.0 training.class_weights.odd=3.0 seed=1", "supervised training.class_weights.rare=2.5 seed=1"));
  const std::string turned = "[training]\nclass_weights = { odd = 3, rare = 2.0 }\n";
  EXPECT_EQ(study.read(kOneSeed + turned + kSupervised).trials.at(0).identity, trials[2].identity);  // a table has no order
  EXPECT_THAT(swept_of(study.read(kOneSeed + kSupervised + "training = { class_weights = [\"none\", { rare = 2 }] }\n").trials),
              ElementsAre("supervised training.class_weights=\"none\" seed=1", "supervised training.class_weights.rare=2.0 seed=1"));
  EXPECT_EQ(study.error(kOneSeed + "[sweep]\nclass_weights = { rare = [1, 2] }\n" + kSupervised),
            "experiment.toml:9:1: sweep.class_weights is a table, it must be an array of the values to try");
}

TEST(Expand, DataAxesMultiplyEveryStrategy) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[sweep]\ndataset.limit.train = [10, 20]\n" + kSupervised + "[[strategy]]\nplugin = \"majority\"\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised dataset.limit.train=10 seed=1", "supervised dataset.limit.train=20 seed=1",
                                            "majority dataset.limit.train=10", "majority dataset.limit.train=20"));
}

TEST(Expand, AStrategyThatUsesNoSeedRunsOnce) {
  const MadeUpStudy study;
  const auto trials = study.read(kBeginning + kModel + "[[strategy]]\nplugin = \"few_shot\"\nshots = [0, 4]\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("few_shot shots=0", "few_shot shots=4 seed=1", "few_shot shots=4 seed=2", "few_shot shots=4 seed=3"));
  EXPECT_FALSE(trials[0].seed);
}

TEST(Expand, TrialsHoldOnlyTheTablesThatTheirStrategyReads) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + kSupervised + "[[strategy]]\nplugin = \"few_shot\"\n[[strategy]]\nplugin = \"majority\"\n").trials;
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_TRUE(trials[0].reads("training") && trials[0].reads("model") && trials[0].reads("prompt") && trials[0].reads("dataset"));
  EXPECT_TRUE(!trials[1].reads("training") && trials[1].reads("model") && trials[1].reads("prompt") && trials[1].reads("dataset"));
  EXPECT_TRUE(!trials[2].reads("training") && !trials[2].reads("model") && !trials[2].reads("prompt") && trials[2].reads("dataset"));
}

TEST(Expand, PrecedenceIsDefaultThenTrainingThenTheStrategysOwnThenItsLists) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[training]\nlearning_rate = 1e-3\nbatch_size = 4\nepochs = 7\n" + kSupervised +
                                 "training = { batch_size = 5, epochs = [8, 9] }\n").trials;
  ASSERT_EQ(trials.size(), 2u);
  for (const Trial& trial : trials) {
    EXPECT_EQ(trial.table("training").find("weight_decay")->as_number(), 0.0);
    EXPECT_EQ(trial.table("training").find("learning_rate")->as_number(), 1e-3);
    EXPECT_EQ(trial.table("training").find("batch_size")->as_integer(), 5);
  }
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised training.epochs=8.0 seed=1", "supervised training.epochs=9.0 seed=1"));
}

TEST(Expand, AStrategysOwnValueReplacesTheSweepAxisOfThatPath) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[sweep]\nlearning_rate = [1e-5, 1e-4]\nepochs = [1, 2]\n" + kSupervised + "name = \"a\"\ntraining = { learning_rate = 0.5 }\n" +
                                 kSupervised + "name = \"b\"\ntraining.num_train_epochs = [5]\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("a training.epochs=1.0 seed=1", "a training.epochs=2.0 seed=1", "b training.learning_rate=1e-5 training.epochs=5.0 seed=1",
                                            "b training.learning_rate=1e-4 training.epochs=5.0 seed=1"));
  EXPECT_EQ(trials[0].table("training").find("learning_rate")->as_number(), 0.5);
}

TEST(Expand, ListsInNestedTablesAreAxes) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + kSupervised + "tune = \"lora\"\nlora = { r = [4, 16], lora_alpha = 32 }\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised lora.r=4 seed=1", "supervised lora.r=16 seed=1"));
  EXPECT_EQ(trials[1].table("strategy").find_path("lora.lora_alpha")->as_number(), 32);
}

TEST(Expand, ListsInANestedPluginAreAxes) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nretriever = { plugin = \"bm25\", k1 = [1.2, 1.5] }\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("rag retriever.k1=1.2", "rag retriever.k1=1.5"));
}

TEST(Expand, AListOfNestedPluginsIsAnAxis) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nretriever = [{ plugin = \"bm25\", k1 = 1 }, { plugin = \"dense\" }]\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("rag retriever.plugin=\"bm25\" retriever.k1=1.0", "rag retriever.plugin=\"dense\""));
}

TEST(Expand, AnArrayOfATypeThatTakesArraysIsOneValueAndAnArrayOfArraysAnAxis) {
  const MadeUpStudy study;
  const auto one = study.read(kOneSeed + kSupervised + "lora.target_modules = [\"c_attn\", \"c_proj\"]\n").trials;
  ASSERT_EQ(one.size(), 1u);
  EXPECT_TRUE(one[0].swept.empty());
  const auto two = study.read(kOneSeed + kSupervised + "lora.target_modules = [[\"c_attn\", \"c_proj\"], [\"c_fc\"]]\n").trials;
  EXPECT_THAT(swept_of(two), ElementsAre("supervised lora.target_modules=[\"c_attn\", \"c_proj\"] seed=1", "supervised lora.target_modules=[\"c_fc\"] seed=1"));
}

TEST(Expand, AnIntegerLimitMeansEachSplitAlsoInAnAxis) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[sweep]\ndataset.limit = [10, { train = 5 }]\n[[strategy]]\nplugin = \"majority\"\n").trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("majority dataset.limit.train=10 dataset.limit.validation=10 dataset.limit.test=10", "majority dataset.limit.train=5"));
}

TEST(Expand, SweepFindsOptionsOfOtherTablesByTheirPath) {
  const MadeUpStudy study;
  const std::string random = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\nplugin = \"gpt2\"\nconfig = { n_embd = 8 }\n";
  const auto trials = study.read(random + "[sweep]\nmodel.config.n_layer = [1, 2]\n\"prompt.labels.good\" = [\" good\", \" great\"]\n" + kSupervised).trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised model.config.n_layer=1 prompt.labels.good=\" good\" seed=1", "supervised model.config.n_layer=1 prompt.labels.good=\" great\" seed=1",
                                            "supervised model.config.n_layer=2 prompt.labels.good=\" good\" seed=1", "supervised model.config.n_layer=2 prompt.labels.good=\" great\" seed=1"));
  EXPECT_EQ(trials[0].table("model").find_path("config.n_embd")->as_integer(), 8);
}

TEST(Expand, SweepTakesAliasesOfTrainingOptions) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[training]\nbatch_size = 2\n[sweep]\nper_device_train_batch_size = [8, 16]\n" + kSupervised).trials;
  EXPECT_THAT(swept_of(trials), ElementsAre("supervised training.batch_size=8 seed=1", "supervised training.batch_size=16 seed=1"));
}

TEST(Expand, ARequiredOptionMayStandInSweepAlone) {
  const MadeUpStudy study;
  const auto trials = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\n[model]\nplugin = \"bert\"\n[sweep]\ndataset.train = [\"train.csv\", \"test.csv\"]\n"
                                 "model.config.hidden_size = [4]\n" + kSupervised).trials;
  EXPECT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[1].table("dataset").find("train")->as_string(), (study.folder / "test.csv").string());
}

TEST(Expand, EpochsMayBeFractional) {
  const MadeUpStudy study;
  const auto trials = study.read(kOneSeed + "[training]\nepochs = 0.5\n" + kSupervised).trials;
  EXPECT_EQ(trials[0].table("training").find("epochs")->as_number(), 0.5);
}

TEST(Expand, CheckpointsCanBeSwept) {
  const MadeUpStudy study;
  const std::string text = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[sweep]\nmodel.checkpoint = [\"model\", \"other_model\"]\n" + kSupervised;
  const auto trials = study.read(text).trials;
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[1].table("model").find("checkpoint")->as_string(), (study.folder / "other_model").string());
  EXPECT_EQ(trials[1].table("model").find("tokenizer")->as_string(), (study.folder / "other_model").string());
}

TEST(Expand, TrialsThatAreEqualAfterDroppingWhatIsNotReadAreOneTrial) {
  const MadeUpStudy study;
  study.folder.write("copy.csv", "rows of train.csv");
  const auto trials = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\n[sweep]\nepochs = [1, 2]\ndataset.train = [\"train.csv\", \"copy.csv\"]\n"
                                 "[[strategy]]\nplugin = \"majority\"\n").trials;
  EXPECT_EQ(trials.size(), 1u) << "the copy holds the same rows";
}

TEST(Expand, AnAxisThatNoStrategyReadsIsNoted) {
  const MadeUpStudy study;
  const auto notes = study.read(kOneSeed + "[sweep]\nepochs = [1, 2]\n[[strategy]]\nplugin = \"majority\"\n").experiment.notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].what, "no strategy reads the axis training.epochs");
}

TEST(Expand, AStrategyThatCannotDoTheTaskIsAnError) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"generation\"\nmetrics = [\"perplexity\"]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n"),
            "experiment.toml:6:1: the strategy \"majority\" cannot do generation: a most frequent answer needs labels");
}

TEST(Expand, AStrategyThatNeedsAModelSaysSo) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\nplugin = \"gpt2\"\n" + kSupervised),
            "experiment.toml:7:1: the strategy \"supervised\" needs a model, and [model] has neither checkpoint nor config\n"
            "    add checkpoint = \"...\" to [model], or plugin = \"...\" and config = {...} for random weights");
  EXPECT_EQ(study.error("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n"), "no error");
}

TEST(Expand, ACheckpointsPluginIsTheOneThatClaimsItsModelType) {
  const MadeUpStudy study;
  study.folder.write("bert/config.json", R"({"model_type": "bert"})");
  study.folder.write("t5/config.json", R"({"model_type": "t5"})");
  const std::string text = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[sweep]\nmodel.checkpoint = [\"model\", \"bert\"]\n[model]\n";
  const auto trials = study.read(text + kSupervised).trials;
  EXPECT_EQ(trials[0].table("model").find("plugin")->as_string(), "gpt2");
  EXPECT_EQ(trials[1].table("model").find("plugin")->as_string(), "bert");
  EXPECT_EQ(study.error(text + "plugin = \"gpt2\"\n" + kSupervised), "experiment.toml:8:1: model.plugin is \"gpt2\", and the checkpoint's model_type belongs to \"bert\"\n    leave model.plugin out");
  EXPECT_EQ(study.error(text + kSupervised, {"sweep.model.checkpoint=[\"t5\"]"}), "--set sweep.model.checkpoint=[\"t5\"]: model.checkpoint: no model plugin reads the model_type \"t5\"");
}

TEST(Expand, WithoutAValidationSplitThereIsNoEarlyStoppingAndNoBestSnapshot) {
  const MadeUpStudy study;
  const std::string text = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\ncheckpoint = \"model\"\n[training]\n";
  EXPECT_EQ(study.error(text + "early_stopping_patience = 2\nkeep = \"best\"\n" + kSupervised),
            "experiment.toml:8:1: early_stopping_patience needs a validation split, and the experiment has none\n"
            "    add validation = 0.1 to [dataset], or a file\n"
            "experiment.toml:9:1: keep = \"best\" needs a validation split, and the experiment has none\n"
            "    add validation = 0.1 to [dataset], or a file");
  const Study fine = study.read(text + kSupervised);
  EXPECT_FALSE(fine.experiment.objective);
  EXPECT_EQ(fine.trials[0].options.find("objective"), nullptr);
}

TEST(Expand, TooManyCombinationsAreAnErrorAndNotAnEndlessPlan) {
  const MadeUpStudy study;
  std::string list = "[1";
  for (int i = 2; i <= 1100; ++i) list += ", " + std::to_string(i);
  EXPECT_EQ(study.error(kOneSeed + "[sweep]\nepochs = " + list + "]\nbatch_size = " + list + "]\n" + kSupervised),
            "experiment.toml:11:1: the axes of strategy \"supervised\" make more than 1000000 combinations");
}

}  // namespace
}  // namespace temper::study
