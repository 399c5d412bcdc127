// The real plugins, as the reader of experiment files sees them.
#include "launch/plugin_schemas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <temper/error.h>

#include "registry/registry.h"
#include "study/option_reader.h"
#include "study/study.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::launch {
namespace {

using temper::testing::message_of;
using temper::testing::TemporaryFolder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PluginSchemasTest : public ::testing::Test {
 protected:
  registry::Registry registry{{TEMPER_PLUGIN_DIRECTORY}};
  PluginSchemas schemas{registry, [](const Value&, const std::string& doing) -> Value { throw Error("nobody answers while " + doing); }};
};

TEST_F(PluginSchemasTest, KnowTheInstalledPlugins) {
  EXPECT_THAT(schemas.names("strategy"), Contains("supervised"));
  EXPECT_THAT(schemas.names("dataset"), Contains("csv"));
  EXPECT_THAT(schemas.names("no such kind"), IsEmpty());
  EXPECT_NE(study::find_option(schemas.schema("strategy", "supervised"), "tune"), nullptr);
}

TEST_F(PluginSchemasTest, KnowWhatStrategiesNeed) {
  const Needs majority = schemas.needs("majority", Value::Table());
  EXPECT_FALSE(majority.model || majority.training || majority.prompt || majority.seed);
  const Needs supervised = schemas.needs("supervised", Value::Table());
  EXPECT_TRUE(supervised.model && supervised.training && supervised.prompt && supervised.seed);
  EXPECT_THAT(schemas.cannot("majority", Value::Table(), Task::kGeneration), Not(IsEmpty()));
  EXPECT_THAT(schemas.cannot("majority", Value::Table(), Task::kClassification), IsEmpty());
}

TEST_F(PluginSchemasTest, KnowMetrics) {
  EXPECT_THAT(schemas.default_metrics(Task::kClassification), Contains("accuracy"));
  const std::vector<MetricValue> values = schemas.metric_values("f1_macro", Task::kClassification);
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values[0].better, Better::kHigher);
  EXPECT_THAT(message_of([&] { schemas.metric_values("acuracy", Task::kClassification); }), HasSubstr("accuracy"));
}

TEST_F(PluginSchemasTest, KnowThatCsvReadsFiles) { EXPECT_TRUE(schemas.dataset_reads_files("csv", Value::Table{{"plugin", "csv"}, {"train", "x"}})); }

TEST_F(PluginSchemasTest, KnowWhichPluginReadsACheckpoint) {
  const TemporaryFolder folder;
  folder.write("model/config.json", R"({"model_type": "bert"})");
  folder.write("other/config.json", R"({"model_type": "t5"})");
  folder.write("none/config.json", "{}");
  EXPECT_EQ(schemas.model_plugin(folder / "model"), "bert");
  EXPECT_THAT(message_of([&] { schemas.model_plugin(folder / "other"); }), HasSubstr("no model plugin reads the model_type \"t5\" of "));
  EXPECT_THAT(message_of([&] { schemas.model_plugin(folder / "none"); }), HasSubstr("none/config.json names no model_type"));
}

TEST_F(PluginSchemasTest, ReadAWholeExperimentOverRealPlugins) {
  const TemporaryFolder folder;
  folder.write("train.csv", "text,label\na,b\n");
  folder.write("model/config.json", R"({"model_type": "gpt2"})");
  const auto file = folder.write("experiment.toml",
                                 "task = \"classification\"\nseeds = [1, 2]\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\nvalidation = 0.5\n"
                                 "[model]\ncheckpoint = \"model\"\n[sweep]\nlearning_rate = [1e-5, 1e-4]\n"
                                 "[[strategy]]\nplugin = \"supervised\"\ntune = [\"full\", \"head\"]\n[[strategy]]\nplugin = \"majority\"\n");
  const study::Study study = study::read_study(file, {}, {schemas, {}, {}});
  EXPECT_EQ(study.trials.size(), 9u);
}

}  // namespace
}  // namespace temper::launch
