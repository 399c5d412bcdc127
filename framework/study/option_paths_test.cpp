// Variables and relative paths in path options.
#include "study/option_paths.h"

#include <gtest/gtest.h>

#include "support/made_up_study.h"
#include "support/message_of.h"

namespace temper::study {
namespace {

using temper::testing::kModel;
using temper::testing::kSupervised;
using temper::testing::MadeUpStudy;
using temper::testing::message_of;

std::optional<std::string> variable(const std::string& name) {
  if (name == "HERE") return "here";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

TEST(Variables, AreReplacedByTheirValues) {
  EXPECT_EQ(expand_variables("a/${HERE}/b${HERE}", variable), "a/here/bhere");
  EXPECT_EQ(expand_variables("$HERE {HERE} $", variable), "$HERE {HERE} $");
  EXPECT_EQ(expand_variables("x${EMPTY}y", variable), "xy");
}

TEST(Variables, HaveADefaultForUnsetOrEmptyOnes) {
  EXPECT_EQ(expand_variables("${HERE:-there}", variable), "here");
  EXPECT_EQ(expand_variables("${NOWHERE:-../there}", variable), "../there");
  EXPECT_EQ(expand_variables("${EMPTY:-there}", variable), "there");
  EXPECT_EQ(expand_variables("${NOWHERE:-}x", variable), "x");
}

TEST(Variables, ThatAreUnsetOrUnfinishedAreErrors) {
  EXPECT_EQ(message_of([] { expand_variables("${NOWHERE}", variable); }), "needs the environment variable NOWHERE, which is not set\n    set it, or write ${NOWHERE:-default}");
  EXPECT_EQ(message_of([] { expand_variables("a${HERE", variable); }), "has \"${\" without \"}\"\n    write ${NAME} or ${NAME:-default}");
  EXPECT_EQ(message_of([] { expand_variables("${}", variable); }), "has \"${}\", which names no variable\n    write ${NAME} or ${NAME:-default}");
  EXPECT_EQ(message_of([] { expand_variables("${:-x}", variable); }), "has \"${:-x}\", which names no variable\n    write ${NAME} or ${NAME:-default}");
}

std::string experiment(const std::string& train) {
  return "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"" + train + "\"\n[model]\n" + kModel + kSupervised;
}

TEST(Paths, AreRelativeToTheExperimentFile) {
  const MadeUpStudy study;
  study.folder.write("data/rows.csv", "rows");
  const auto train = [&](const std::string& text) { return study.read(experiment(text)).trials[0].table("dataset").find("train")->as_string(); };
  const std::string absolute = (study.folder / "data/rows.csv").string();
  EXPECT_EQ(train("data/rows.csv"), absolute);
  EXPECT_EQ(train("./model/../data//rows.csv"), absolute);
  EXPECT_EQ(train(absolute), absolute);
}

TEST(Paths, MayHoldVariables) {
  MadeUpStudy study;
  study.folder.write("data/rows.csv", "rows");
  study.variables["DATA"] = (study.folder / "data").string();
  const std::string absolute = (study.folder / "data/rows.csv").string();
  EXPECT_EQ(study.read(experiment("${DATA}/rows.csv")).trials[0].table("dataset").find("train")->as_string(), absolute);
  EXPECT_EQ(study.read(experiment("${NONE:-data}/rows.csv")).trials[0].table("dataset").find("train")->as_string(), absolute);
  EXPECT_EQ(study.error(experiment("${NONE}/rows.csv")),
            "experiment.toml:4:1: dataset.train needs the environment variable NONE, which is not set\n    set it, or write ${NONE:-default}");
}

TEST(Paths, OfTheEnvironmentAreReadByDefault) {
  EXPECT_TRUE(environment_variable("PATH").has_value());
  EXPECT_FALSE(environment_variable("TEMPER_NO_SUCH_VARIABLE").has_value());
}

TEST(Paths, AFolderHasOneSpelling) {
  const MadeUpStudy study;
  const std::string text = "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[model]\ncheckpoint = \"model/\"\n" + kSupervised;
  EXPECT_EQ(study.read(text).trials[0].table("model").find("checkpoint")->as_string(), (study.folder / "model").string());
}

TEST(Paths, AnEmptyPathIsAnError) {
  const MadeUpStudy study;
  EXPECT_EQ(study.error(experiment("")), "experiment.toml:4:1: dataset.train is empty, it must be a path");
}

}  // namespace
}  // namespace temper::study
