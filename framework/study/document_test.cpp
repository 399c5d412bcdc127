// `--set path=value` changes the experiment file's document before it is checked.
#include "study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/document.h"
#include "support/made_up_study.h"

namespace temper::study {
namespace {

using temper::testing::kBeginning;
using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::swept_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kText = kBeginning + kModel + kSupervised;

TEST(Set, ChangesAnOptionOfATable) {
  const MadeUpStudy study;
  const Study read = study.read(kText, {"training.learning_rate=1e-3", "dataset.limit.train = 5", "name=\"other\"", "seeds=[4]"});
  EXPECT_EQ(read.experiment.training.find("learning_rate")->as_number(), 1e-3);
  EXPECT_EQ(read.experiment.dataset.find_path("limit.train")->as_integer(), 5);
  EXPECT_EQ(read.experiment.name, "other");
  EXPECT_THAT(swept_of(read.trials), ElementsAre("supervised seed=4"));
}

TEST(Set, ReplacesAValueWhole) {
  const MadeUpStudy study;
  const Study read = study.read(kText, {"dataset.limit={ train = 5 }", "dataset.limit={ test = 6 }"});
  EXPECT_EQ(read.experiment.dataset.find_path("limit.train"), nullptr);
  EXPECT_EQ(read.experiment.dataset.find_path("limit.test")->as_integer(), 6);
}

TEST(Set, AddressesAStrategyByItsName) {
  const MadeUpStudy study;
  const Study read = study.read(kText + kSupervised + "name = \"second\"\nlora = { r = 2 }\n",
                                {"strategy.supervised.lora.r=4", "strategy.second.lora.r=[8, 16]", "strategy.second.training.epochs=9"});
  EXPECT_EQ(read.trials[0].table("strategy").find_path("lora.r")->as_integer(), 4);
  EXPECT_EQ(read.trials[3].table("strategy").find_path("lora.r")->as_integer(), 8);
  EXPECT_EQ(read.trials[6].table("strategy").find_path("lora.r")->as_integer(), 16);
  EXPECT_EQ(read.trials[6].table("training").find("epochs")->as_number(), 9);
}

TEST(Set, TakesQuotedKeys) {
  const MadeUpStudy study;
  const Study read = study.read(kText + "name = \"with lora\"\n", {"strategy.\"with lora\".lora.r=4", "prompt.labels.\"very good\"=\" good\""});
  EXPECT_EQ(read.trials[0].table("strategy").find_path("lora.r")->as_integer(), 4);
  EXPECT_EQ(read.experiment.prompt.find("labels")->find("very good")->as_string(), " good");
}

TEST(Set, AddsAnAxis) {
  const MadeUpStudy study;
  EXPECT_THAT(swept_of(study.read(kText, {"seeds=1", "sweep.epochs=[1, 2]"}).trials), ElementsAre("supervised training.epochs=1.0 seed=1", "supervised training.epochs=2.0 seed=1"));
}

TEST(Set, ReplacesTheOtherSpellingsOfAnOption) {
  const MadeUpStudy study;
  const std::string text = kText + "[training]\nper_device_train_batch_size = 4\n[sweep]\nnum_train_epochs = [1, 2]\n";
  const Study read = study.read(text, {"training.batch_size=8", "sweep.epochs=[5]"});
  EXPECT_EQ(read.experiment.training.find("batch_size")->as_integer(), 8);
  EXPECT_EQ(read.experiment.sweep[0].values.size(), 1u);
}

TEST(Set, LaterChangesWin) {
  const MadeUpStudy study;
  EXPECT_EQ(study.read(kText, {"training.epochs=1", "training.epochs=2"}).experiment.training.find("epochs")->as_number(), 2);
}

TEST(SetErrors, AnUnknownOptionIsToldWithTheChange) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText, {"training.learning_rat=1"}), "--set training.learning_rat=1: [training] has no option \"learning_rat\"\n    did you mean \"learning_rate\"?");
  EXPECT_EQ(study.error(kText, {"learning_rate=1"}), "--set learning_rate=1: the experiment has no key \"learning_rate\"\n    did you mean \"training.learning_rate\"?");
  EXPECT_EQ(study.error(kText, {"strategy.supervised.lora.rr=1"}),
            "--set strategy.supervised.lora.rr=1: lora of [[strategy]] \"supervised\" has no option \"rr\"\n    did you mean \"r\"? all options: temper plugins supervised");
}

TEST(SetErrors, AWrongValueIsToldWithTheChange) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText, {"training.epochs=0"}), "--set training.epochs=0: training.epochs is 0, it must be above 0");
  EXPECT_EQ(study.error(kText, {"sweep.epochs=[1, true]"}), "--set sweep.epochs=[1, true]: sweep.epochs is true, it must be a number");
  EXPECT_EQ(study.error(kText, {"dataset.train=\"none.csv\""}), "--set dataset.train=\"none.csv\": dataset.train is \"none.csv\", which is not there\n    looked for none.csv");
}

TEST(SetErrors, NoValue) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText, {"training.epochs"}), "--set training.epochs: is no change\n    write --set path=value, for example --set training.epochs=1");
  EXPECT_EQ(study.error(kText, {"=1"}), "--set =1: is no change\n    write --set path=value, for example --set training.epochs=1");
}

TEST(SetErrors, AStringWithoutQuotes) {
  const MadeUpStudy study;
  const std::string error = study.error(kText, {"training.lr_scheduler_type=cosine"});
  EXPECT_THAT(error, HasSubstr("--set training.lr_scheduler_type=cosine: \"cosine\" is no TOML value ("));
  EXPECT_THAT(error, HasSubstr("\n    strings need quotes: --set 'training.lr_scheduler_type=\"cosine\"'"));
}

TEST(SetErrors, AValueThatIsMoreThanOne) {
  const MadeUpStudy study;
  EXPECT_THAT(study.error(kText, {"training.epochs=1\nname = \"x\""}), HasSubstr("is no TOML value (more than one value)"));
}

TEST(SetErrors, APathThatIsNone) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText, {"training..epochs=1"}), "--set training..epochs=1: \"training..epochs\" is no path of keys joined by dots");
  EXPECT_EQ(study.error(kText, {"name.first=1"}), "--set name.first=1: name is a string, it has no options inside\n    the path goes on after it");
}

TEST(SetErrors, AStrategyThatIsNotThere) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText, {"strategy.supervise.lora.r=1"}), "--set strategy.supervise.lora.r=1: no strategy is named \"supervise\"\n    did you mean \"supervised\"?");
  EXPECT_EQ(study.error(kText, {"strategy.x.lora.r=1"}), "--set strategy.x.lora.r=1: no strategy is named \"x\"\n    there are \"supervised\"");
  EXPECT_EQ(study.error(kText, {"strategy.supervised=1"}), "--set strategy.supervised=1: \"strategy.supervised\" is a strategy, not an option of it\n    write --set strategy.supervised.OPTION=VALUE");
}

TEST(SetErrors, StandBesideThoseOfTheFile) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(kText + "lora = 3\n", {"training.epochs"}),
            "--set training.epochs: is no change\n    write --set path=value, for example --set training.epochs=1\n"
            "experiment.toml:15:1: lora is 3, it must be a table");
}

}  // namespace
}  // namespace temper::study
