// What the experiment file may say, and the words for each mistake in it.
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
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Line 13 is the first that a test adds.
std::string with(const std::string& more) { return kBeginning + kModel + more + kSupervised; }

TEST(Experiment, HasDefaultsForAllButTaskDataModelAndStrategy) {
  const MadeUpStudy study;
  const Experiment experiment = study.read("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = \"validation.csv\"\n[model]\ncheckpoint = \"model\"\n" + kSupervised).experiment;
  EXPECT_EQ(experiment.name, "experiment");  // the file's name
  EXPECT_THAT(experiment.seeds, ElementsAre(1));
  EXPECT_THAT(experiment.metrics, ElementsAre("accuracy", "f1"));
  EXPECT_EQ(experiment.objective->name, "validation_loss");
  EXPECT_EQ(experiment.objective->better, Better::kLower);
  EXPECT_EQ(experiment.device, "auto");
  EXPECT_FALSE(experiment.threads);
  EXPECT_EQ(experiment.dataset.find("seed")->as_integer(), 42);
  EXPECT_EQ(experiment.training.find("lr_scheduler_type")->as_string(), "linear");
  EXPECT_EQ(experiment.training.find("keep")->as_string(), "last");
  EXPECT_EQ(experiment.training.find("train_probe")->as_integer(), 256);
  EXPECT_EQ(experiment.strategies[0].name, "supervised");
}

TEST(Experiment, ASingleSeedNeedsNoArray) {
  const MadeUpStudy study;
  EXPECT_THAT(study.read("seeds = 7\ntask = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\ncheckpoint = \"model\"\n" + kSupervised).experiment.seeds, ElementsAre(7));
}

TEST(Experiment, PluginsMayBeNamedWithTheirKind) {
  const MadeUpStudy study;
  const Study read = study.read("task = \"classification\"\n[dataset]\nplugin = \"dataset/csv\"\ntrain = \"train.csv\"\n[model]\nplugin = \"model/gpt2\"\nconfig = {}\n[[strategy]]\nplugin = \"strategy/few_shot\"\n");
  EXPECT_EQ(read.trials[0].strategy, "few_shot");
  EXPECT_EQ(read.trials[0].table("dataset").find("plugin")->as_string(), "csv");
  EXPECT_EQ(read.trials[0].table("model").find("plugin")->as_string(), "gpt2");
  EXPECT_EQ(read.trials[0].table("model").find_path("config.n_layer")->as_integer(), 12);
}

TEST(Experiment, AGeneratorsSplitsAreNamesAndNoPaths) {
  const MadeUpStudy study;
  const Study read = study.read("task = \"classification\"\n[dataset]\nplugin = \"generator\"\ntrain = \"easy\"\n[[strategy]]\nplugin = \"majority\"\n");
  EXPECT_EQ(read.trials[0].table("dataset").find("train")->as_string(), "easy");
}

TEST(Experiment, AnObjectiveIsTheLossOrAMetricOfTheValidationSplit) {
  const MadeUpStudy study;
  const auto objective = [&](const std::string& text) { return *study.read("objective = \"" + text + "\"\nmetrics = [\"f1\", \"perplexity\", \"f1_good\"]\n" + with("").substr(kBeginning.find("task"))).experiment.objective; };
  EXPECT_EQ(objective("validation_loss").metric, "");
  EXPECT_EQ(objective("validation_f1_macro").metric, "f1_macro");
  EXPECT_EQ(objective("validation_f1_macro").better, Better::kHigher);
  EXPECT_EQ(objective("perplexity").name, "validation_perplexity");
  EXPECT_EQ(objective("perplexity").better, Better::kLower);
  EXPECT_EQ(objective("f1_good").metric, "f1_good");
}

TEST(ExperimentErrors, AllAreReportedAtOnceInTheOrderOfTheFile) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("name = \"a/b\"\n" + with("[training]\nlearning_rat = 0.1\nbatch_size = 0\nepochs = \"three\"\n[sweep]\nwarmup_step = [1, 2]\n").substr(kBeginning.find("task")) + "lora = { r = 0 }\n"),
            "experiment.toml:1:1: name is \"a/b\", it must be usable as a folder's name\n"
            "experiment.toml:14:1: [training] has no option \"learning_rat\"\n"
            "    did you mean \"learning_rate\"?\n"
            "experiment.toml:15:1: training.batch_size is 0, it must be at least 1\n"
            "experiment.toml:16:1: training.epochs is \"three\", it must be a number\n"
            "experiment.toml:18:1: sweep.warmup_step: [training] has no option \"warmup_step\"\n"
            "    did you mean \"warmup_steps\"?\n"
            "experiment.toml:21:10: lora.r is 0, it must be at least 1");
}

TEST(ExperimentErrors, TomlSyntaxStopsAtTheFirst) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error("name = \n"), HasSubstr("experiment.toml:1:"));
}

TEST(ExperimentErrors, AnEmptyFileTellsAllThatItLacks) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(""),
            "experiment.toml:1:1: the experiment needs the option \"task\"\n    add task = \"...\"  # What is learned.\n"
            "experiment.toml:1:1: [dataset] needs the option \"plugin\"\n    add plugin = \"...\"; there are \"csv\", \"generator\"\n"
            "experiment.toml:1:1: the experiment has no [[strategy]]\n    add [[strategy]] with plugin = \"...\" below it");
}

TEST(ExperimentErrors, AnUnknownTableOrKeyOfTheTop) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[trainign]\n")), "experiment.toml:13:2: the experiment has no key \"trainign\"\n    did you mean \"training\"?");
  EXPECT_EQ(study.error("learning_rate = 1\n" + with("")), "experiment.toml:1:1: the experiment has no key \"learning_rate\"\n    did you mean \"training.learning_rate\"?");
  EXPECT_EQ(study.error("seed = 1\n" + with("")), "experiment.toml:1:1: the experiment has no key \"seed\"\n    did you mean \"seeds\"?");
}

TEST(ExperimentErrors, ATableThatIsNone) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error("training = 3\n" + with("")), HasSubstr("experiment.toml:1:1: training is an integer, it must be a table\n    write [training] on a line of its own, its options below"));
  EXPECT_THAT(study.error(kBeginning + kModel + "[strategy]\nplugin = \"supervised\"\n"), HasSubstr("experiment.toml:13:2: strategy is a table, it must be an array of tables\n    write [[strategy]] with two brackets"));
}

TEST(ExperimentErrors, WhatOnlyShowsInTrialsIsToldWithTheRest) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[training]\nkeep = \"best\"\nepochs = -1\n" + kSupervised + "[[strategy]]\nplugin = \"supervised\"\nname = \"b\"\nlora.r = 0\n"),
            "experiment.toml:6:1: keep = \"best\" needs a validation split, and the experiment has none\n    add validation = 0.1 to [dataset], or a file\n"
            "experiment.toml:7:1: training.epochs is -1, it must be above 0\n"
            "experiment.toml:8:1: the strategy \"supervised\" needs a model, and [model] has neither checkpoint nor config\n"
            "    add checkpoint = \"...\" to [model], or plugin = \"...\" and config = {...} for random weights\n"
            "experiment.toml:13:6: lora.r is 0, it must be at least 1");
}

TEST(ExperimentErrors, APluginThatCannotBeUsedSaysWhy) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[[strategy]]\nplugin = \"broken\"\n")), "experiment.toml:14:1: [[strategy]] \"broken\": libbroken.so: built for another temper\n    rebuild it");
}

TEST(ExperimentErrors, UnknownPluginsAreNamedWithWhatThereIs) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"classification\"\n[dataset]\nplugin = \"cvs\"\ntrain = \"train.csv\"\n[model]\nplugin = \"t5\"\nconfig = {}\n[[strategy]]\nplugin = \"supervise\"\n[[strategy]]\nplugin = 3\n[[strategy]]\nname = \"x\"\n"),
            "experiment.toml:3:1: [dataset]: no dataset plugin is called \"cvs\"\n    did you mean \"csv\"?\n"
            "experiment.toml:6:1: [model]: no model plugin is called \"t5\"\n"
            "experiment.toml:9:1: [[strategy]] \"supervise\": no strategy plugin is called \"supervise\"\n    did you mean \"supervised\"?\n"
            "experiment.toml:11:1: [[strategy]]: plugin is an integer, it must be a string\n"
            "experiment.toml:12:1: [[strategy]] \"x\" needs the option \"plugin\"\n    add plugin = \"...\"; there are \"few_shot\", \"greedy\", \"majority\", \"rag\", \"supervised\"");
}

TEST(ExperimentErrors, AnUnknownNestedPlugin) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nretriever = { plugin = \"bm52\" }\n")),
            "experiment.toml:16:15: retriever.plugin: no retriever plugin is called \"bm52\"\n    did you mean \"bm25\"?");
  EXPECT_EQ(study.error(with("[[strategy]]\nplugin = \"rag\"\ncorpus = \"docs.jsonl\"\nretriever = { plugin = \"bm25\", k2 = 1 }\n")),
            "experiment.toml:16:32: retriever has no option \"k2\"\n    did you mean \"k1\"? all options: temper plugins bm25");
}

TEST(ExperimentErrors, AnUnknownTaskOrMetric) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"clasification\"\n" + with("").substr(kBeginning.find("seeds"))),
            "experiment.toml:1:1: task is \"clasification\", it must be one of \"classification\", \"multi_label\", \"regression\", \"token_classification\", "
            "\"question_answering\", \"generation\", \"language_modeling\"\n    did you mean \"classification\"?");
  EXPECT_EQ(study.error("metrics = [\"accuracy\", \"acuracy\", \"accuracy\"]\n" + with("")),
            "experiment.toml:1:24: metrics: \"acuracy\" is no metric of the task\n    did you mean \"accuracy\"?\n"
            "experiment.toml:1:35: metrics has \"accuracy\" twice\n    leave one of them out");
}

TEST(ExperimentErrors, AnObjectiveThatCannotBe) {
  const MadeUpStudy study;
  const auto error = [&](const std::string& objective) { return study.error("objective = \"" + objective + "\"\nmetrics = [\"accuracy\"]\n" + with("")); };
  EXPECT_EQ(error("test_accuracy"), "experiment.toml:1:1: objective is \"test_accuracy\", it must be of the validation split\n    did you mean \"validation_accuracy\"?");
  EXPECT_EQ(error("validation_perplexity"), "experiment.toml:1:1: objective is \"validation_perplexity\", which is not measured\n    add \"perplexity\" to metrics");
  EXPECT_EQ(error("validation_los"), "experiment.toml:1:1: objective is \"validation_los\", which is neither validation_loss nor a metric of the task\n    did you mean \"validation_loss\"?");
  EXPECT_EQ(study.error("objective = \"validation_loss\"\ntask = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n"),
            "experiment.toml:1:1: objective is \"validation_loss\", and there is no validation split\n    add validation = 0.1 to [dataset]: the test split chooses nothing");
}

TEST(ExperimentErrors, ADeviceOfAnotherKind) {
  const MadeUpStudy study;
  for (const char* device : {"auto", "cpu", "cuda", "cuda:0", "cuda:12"}) EXPECT_EQ(study.error("device = \"" + std::string(device) + "\"\n" + with("")), "no error");
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda1", ""})
    EXPECT_EQ(study.error("device = \"" + std::string(device) + "\"\n" + with("")),
              "experiment.toml:1:1: device is \"" + std::string(device) + "\", it must be \"auto\", \"cpu\", \"cuda\" or \"cuda:N\"");
}

TEST(ExperimentErrors, SeedsThatAreEmptyRepeatedOrNegative) {
  const MadeUpStudy study;
  const std::string rest = with("").substr(kBeginning.find("\n[dataset]"));
  const std::string task = "task = \"classification\"\n";
  EXPECT_EQ(study.error(task + "seeds = []" + rest), "experiment.toml:2:1: seeds is an empty array, an axis needs at least one value");
  EXPECT_EQ(study.error(task + "seeds = [1, 2, 1]" + rest), "experiment.toml:2:16: seeds has 1 twice\n    leave one of them out");
  EXPECT_EQ(study.error(task + "seeds = [-1]" + rest), "experiment.toml:2:10: seeds[0] is -1, it must be at least 0");
  EXPECT_EQ(study.error(task + "seeds = [\"a\"]" + rest), "experiment.toml:2:10: seeds[0] is \"a\", it must be an integer");
}

TEST(ExperimentErrors, AnArrayForAScalarOutsideOfAnAxis) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[training]\nlearning_rate = [1e-5, 1e-4]\n[prompt]\ninput = [\"a\", \"b\"]\n")),
            "experiment.toml:14:1: training.learning_rate is an array, it must be a number\n    to try several values, put them into [sweep]\n"
            "experiment.toml:16:1: prompt.input is an array, it must be a string\n    to try several values, put them into [sweep]");
}

TEST(ExperimentErrors, AnEmptyAxis) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nlearning_rate = []\n") + "last_layers = []\n"),
            "experiment.toml:14:1: sweep.learning_rate is an empty array, an axis needs at least one value\n"
            "experiment.toml:17:1: last_layers is an empty array, an axis needs at least one value");
}

TEST(ExperimentErrors, ARepeatedValueOfAnAxis) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nepochs = [1, 2, 1.0]\ndataset.train = [\"train.csv\", \"./train.csv\"]\n") + "lora.r = [4, 4]\n"),
            "experiment.toml:14:17: sweep.epochs has 1.0 twice\n    leave one of them out\n"
            "experiment.toml:15:31: sweep.dataset.train has \"./train.csv\" twice\n    leave one of them out\n"
            "experiment.toml:18:14: lora.r has 4 twice\n    leave one of them out");
}

TEST(ExperimentErrors, AWrongValueOfAnAxis) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nlearning_rate = [1e-5, \"low\", -1]\ndataset.limit.train = [0]\n") + "tune = [\"full\", \"haed\"]\nlora.r = [4, [8]]\n"),
            "experiment.toml:14:24: sweep.learning_rate is \"low\", it must be a number\n"
            "experiment.toml:14:31: sweep.learning_rate is -1, it must be at least 0\n"
            "experiment.toml:15:24: sweep.dataset.limit.train is 0, it must be at least 1\n"
            "experiment.toml:18:17: tune is \"haed\", it must be one of \"full\", \"head\", \"last_layers\", \"lora\"\n    did you mean \"head\"?\n"
            "experiment.toml:19:14: lora.r is an array, it must be an integer");
}

TEST(ExperimentErrors, ASweepEntryThatIsNoAxis) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nlearning_rate = 1e-5\ndataset = [1]\ndataset_ = 1\n")),
            "experiment.toml:14:1: sweep.learning_rate is 1e-5, it must be an array of the values to try\n    write [1e-5], or put it into [training]\n"
            "experiment.toml:15:1: sweep.dataset is an array, a whole table cannot be an axis\n    sweep its options by their path: dataset.OPTION = [...]\n"
            "experiment.toml:16:1: sweep.dataset_: [training] has no option \"dataset_\"\n    options of other tables are swept by their path: dataset.limit.train = [...]");
}

TEST(ExperimentErrors, ASweepOfWhatIsFoundElsewhere) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nseeds = [1, 2]\nlimit = [1, 2]\nlast_layers = [1, 2]\ndataset.lable = [\"a\"]\ndataset.plugin = [\"csv\"]\nstrategy.supervised.lora.r = [1]\n")),
            "experiment.toml:14:1: sweep.seeds: [training] has no option \"seeds\"\n    seeds = [1, 2, 3] above the first table is an axis already\n"
            "experiment.toml:15:1: sweep.limit: [training] has no option \"limit\"\n    did you mean \"dataset.limit\"?\n"
            "experiment.toml:16:1: sweep.last_layers: [training] has no option \"last_layers\"\n    it is an option of the strategy \"supervised\": write the list there\n"
            "experiment.toml:17:9: sweep.dataset.lable: [dataset] has no option \"lable\"\n    did you mean \"label\"?\n"
            "experiment.toml:18:9: sweep.dataset.plugin: a plugin cannot be an axis, since each has options of its own\n"
            "experiment.toml:19:1: sweep.strategy: [training] has no option \"strategy\"\n    a list in a [[strategy]] is an axis of that strategy");
}

TEST(ExperimentErrors, TwoAxesOfOnePath) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\nbatch_size = [1, 2]\nper_device_train_batch_size = [3, 4]\n\"dataset.limit\" = [1, 2]\n")),
            "experiment.toml:15:1: sweep.batch_size: training.batch_size is an axis already\n    keep one of them");
}

TEST(ExperimentErrors, AnAxisOfWhatChangesNoResult) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[sweep]\neval_batch_size = [8, 16]\n") + "workers = [1, 2]\n"),
            "experiment.toml:14:1: sweep.eval_batch_size cannot be an axis, since it changes how a trial runs and not what comes out\n    give it one value\n"
            "experiment.toml:17:1: workers cannot be an axis, since it changes how a trial runs and not what comes out\n    give it one value");
}

TEST(ExperimentErrors, ANameTogetherWithItsAlias) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("[training]\nepochs = 1\nnum_train_epochs = 2\n")),
            "experiment.toml:15:1: \"num_train_epochs\" is another name of \"epochs\", and [training] has both\n    keep one of them");
}

TEST(ExperimentErrors, TwoStrategiesOfOneName) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("") + kSupervised + "tune = \"head\"\n"), "experiment.toml:15:1: two strategies are named \"supervised\"\n    give one of them a name of its own: name = \"...\"");
  EXPECT_EQ(study.error(with("") + kSupervised + "name = \"supervised\"\n"), "experiment.toml:17:1: two strategies are named \"supervised\"\n    give one of them a name of its own: name = \"...\"");
  EXPECT_EQ(study.error(with("") + kSupervised + "name = \"other\"\n"), "no error");
}

TEST(ExperimentErrors, AnUnknownOptionOfAStrategyOrItsTraining) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(with("") + "trainin = {}\ntraining = { learning_rat = 1, warmup_ratio = 2 }\n"),
            "experiment.toml:15:1: [[strategy]] \"supervised\" has no option \"trainin\"\n    did you mean \"training\"? all options: temper plugins supervised\n"
            "experiment.toml:16:14: training of [[strategy]] \"supervised\" has no option \"learning_rat\"\n    did you mean \"learning_rate\"? all options: temper plugins supervised\n"
            "experiment.toml:16:32: training.warmup_ratio is 2, it must be at least 0 and at most 1");
}

TEST(ExperimentErrors, AStrategyPluginThatTakesAKeyOfTheFrameworks) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error(with("[[strategy]]\nplugin = \"greedy\"\n")), HasSubstr("experiment.toml:14:1: the plugin \"greedy\" declares the option \"training\", which is the framework's\n    rename it in the plugin"));
}

TEST(ExperimentErrors, MissingFilesAreNamed) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error("task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"trian.csv\"\nvalidation = \"none.csv\"\n[[strategy]]\nplugin = \"rag\"\ncorpus = \"/no/docs\"\nretriever = { plugin = \"bm25\", stop_words = \"stops.txt\" }\n[model]\ncheckpoint = \"model\"\n[sweep]\ndataset.test = [\"test.csv\", \"tset.csv\"]\n"),
            "experiment.toml:4:1: dataset.train is \"trian.csv\", which is not there\n    looked for trian.csv\n"
            "experiment.toml:5:1: dataset.validation is \"none.csv\", which is not there\n    looked for none.csv\n"
            "experiment.toml:8:1: corpus is \"/no/docs\", which is not there\n"
            "experiment.toml:9:32: retriever.stop_words is \"stops.txt\", which is not there\n    looked for stops.txt\n"
            "experiment.toml:13:29: dataset.test is \"tset.csv\", which is not there\n    looked for tset.csv");
}

TEST(ExperimentErrors, AMissingCheckpointTellsWhereItWasLookedFor) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error(kBeginning + "checkpoint = \"gpt3\"\n" + kSupervised), HasSubstr("experiment.toml:12:1: model.checkpoint: "));
}

TEST(ExperimentErrors, ACheckpointTogetherWithAConfigAndAConfigWithoutAPlugin) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kBeginning + kModel + "plugin = \"gpt2\"\nconfig = { n_layer = 2 }\n" + kSupervised),
            "experiment.toml:14:1: [model] has a checkpoint and a config\n    a checkpoint brings its own; config is for random weights");
  EXPECT_THAT(study.error(kBeginning + "config = { n_layer = 2 }\n" + kSupervised),
              HasSubstr("experiment.toml:12:1: model.config needs model.plugin\n    add plugin = \"...\", the model that it configures"));
  EXPECT_EQ(study.error(kBeginning + "plugin = \"gpt2\"\nconfig = { n_layers = 2 }\n" + kSupervised),
            "experiment.toml:13:12: [model.config] has no option \"n_layers\"\n    did you mean \"n_layer\"?");
}

TEST(ExperimentErrors, ATemplateThatIsNoTemplate) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error(with("[prompt]\ninput = \"{text\"\n")), HasSubstr("experiment.toml:14:1: prompt.input: "));
}

}  // namespace
}  // namespace temper::study
