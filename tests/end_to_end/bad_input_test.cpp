// What a user can get wrong: each ends with exit status 2 and one clear error, and nothing is written.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class BadInput : public ::testing::Test {
 protected:
  // Runs ids.toml and expects every one of `parts` in the message.
  void expect_refused(const std::vector<std::string>& parts, const std::string& arguments = "", const std::string& environment = "") {
    const ProgramResult result = run_shell(environment + " '" + temper_program() + "' run ids.toml " + arguments, folder.path());
    EXPECT_EQ(result.status, 2) << result.out << result.err;
    for (const std::string& part : parts) EXPECT_NE(result.err.find(part), std::string::npos) << "wanted: " << part << "\nin: " << result.err;
    EXPECT_FALSE(fs::exists(folder / "results")) << "something was written";
  }

  TemporaryFolder folder;
};

TEST_F(BadInput, AnUnknownKeyIsNamedWithItsPlaceAndTheNearestOption) {
  write_ids_experiment(folder, "warmup_step = 3");
  expect_refused({"ids.toml:13:1: [training] has no option \"warmup_step\"", "did you mean \"warmup_steps\"?"});
}

TEST_F(BadInput, AllProblemsOfAFileAreToldAtOnce) {
  write_ids_experiment(folder, "warmup_step = 3\nbatch_size = \"many\"\nepochs = -1");
  expect_refused({"warmup_step", "batch_size", "epochs", "3 problems"});
}

TEST_F(BadInput, AFileThatIsMissing) {
  write_ids_experiment(folder, "epochs = 1");
  fs::remove(folder / "train.jsonl");
  expect_refused({"train.jsonl"});
}

TEST_F(BadInput, AResultsFolderThatCannotBeMade) {
  write_ids_experiment(folder, "max_steps = 1");
  expect_refused({"train.jsonl/ids cannot be made: Not a directory", "--results"}, "--results train.jsonl");
}

TEST_F(BadInput, ALearningRateThatIsInfinite) {
  write_ids_experiment(folder, "learning_rate = inf");
  expect_refused({"ids.toml:13:1: training.learning_rate is inf, it must be finite"});
}

TEST_F(BadInput, AnEmptyDataset) {
  write_ids_experiment(folder, "epochs = 1");
  folder.write("train.jsonl", "");
  expect_refused({"train.jsonl"});
}

TEST_F(BadInput, ALabelThatOnlyTestHas) {
  write_ids_experiment(folder, "epochs = 1");
  folder.write("test.jsonl", "{\"input_ids\": [1, 2], \"label\": \"strange\"}\n");
  expect_refused({"strange", "test.jsonl"});
}

TEST_F(BadInput, TooFewColumns) {
  folder.write("train.csv", "text,label\ngood,yes\nbad\nfine,yes\n");
  folder.write("ids.toml", "task = \"classification\"\n[dataset]\nplugin = \"csv\"\ntrain = \"train.csv\"\n[[strategy]]\nplugin = \"majority\"\n");
  expect_refused({"train.csv:3"});
}

TEST_F(BadInput, AnUnknownPluginOfEachKind) {
  write_ids_experiment(folder, "epochs = 1");
  expect_refused({"supervized", "did you mean \"supervised\"?"}, "--set strategy.supervised.plugin='\"supervized\"'");
  expect_refused({"jsonll", "did you mean \"jsonl\"?"}, "--set dataset.plugin='\"jsonll\"'");
  expect_refused({"acuracy", "did you mean \"accuracy\"?"}, "--set metrics='[\"acuracy\"]'");
}

TEST_F(BadInput, ClassWeightsThatCannotBe) {
  const auto refused = [&](const std::string& weights, const std::vector<std::string>& parts) {
    write_ids_experiment(folder, "epochs = 1\nclass_weights = " + weights);
    expect_refused(parts);
  };
  refused("{ od = 2 }", {"ids.toml:14:", "has a weight for \"od\", which is no label of the data", "did you mean \"odd\"?"});
  refused("{ odd = -2 }", {"ids.toml:14:", "training.class_weights.odd is -2, it must be at least 0"});
  refused("{ odd = 0, even = 0 }", {"ids.toml:14:", "gives every label of the train split the weight 0"});
  refused("{ odd = \"2\" }", {"training.class_weights.odd is \"2\", it must be a number"});
  refused("\"equal\"", {"training.class_weights is \"equal\", it must be one of \"none\", \"balanced\""});
  refused("[\"none\", \"balanced\"]", {"training.class_weights", "put them into [sweep]"});
  write_ids_experiment(folder, "epochs = 1\nclass_weights = \"balanced\"");
  expect_refused({"training.class_weights weighs the labels of a classification, and the task is token_classification"}, "--set task='\"token_classification\"'");
}

TEST_F(BadInput, ACheckpointThatIsNotThere) {
  write_ids_experiment(folder, "epochs = 1");
  const std::string toml = folder.read("ids.toml");
  const std::size_t begin = toml.find("plugin = \"bert\""), end = toml.find("[training]");
  folder.write("ids.toml", toml.substr(0, begin) + "checkpoint = \"nowhere\"\n" + toml.substr(end));
  expect_refused({"nowhere"});
}

// A checkpoint of the ids experiment's own, made by training it.
class BadCheckpoint : public BadInput {
 protected:
  void SetUp() override {
    write_ids_experiment(folder, "max_steps = 1");
    ProgramResult result = run_temper("run ids.toml", folder.path());
    ASSERT_EQ(result.status, 0) << result.err;
    result = run_temper("export results/ids model", folder.path());
    ASSERT_EQ(result.status, 0) << result.err;
    fs::remove_all(folder / "results");
    const std::string toml = folder.read("ids.toml");
    const std::size_t begin = toml.find("plugin = \"bert\""), end = toml.find("[training]");
    folder.write("ids.toml", toml.substr(0, begin) + "checkpoint = \"model\"\n" + toml.substr(end));
  }

  // Changes the first `from` in a file to `to`, of the same length.
  void change(const std::string& file, const std::string& from, const std::string& to) {
    std::string bytes = folder.read(file);
    const std::size_t found = bytes.find(from);
    ASSERT_NE(found, std::string::npos) << from;
    bytes.replace(found, from.size(), to);
    folder.write(file, bytes);
  }
};

TEST_F(BadCheckpoint, WorksBeforeItIsBroken) {
  const ProgramResult result = run_temper("run ids.toml", folder.path());
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST_F(BadCheckpoint, AMissingTensorIsNamed) {
  change("model/model.safetensors", "bert.encoder.layer.1.output.dense.weight", "bert.encoder.layer.1.output.sense.weight");
  expect_refused({"bert.encoder.layer.1.output.dense.weight", "bert.encoder.layer.1.output.sense.weight"});
}

TEST_F(BadCheckpoint, AMisshapenTensorIsNamed) {
  change("model/config.json", "\"intermediate_size\": 64", "\"intermediate_size\": 65");
  expect_refused({"intermediate.dense.weight", "64", "65"});
}

TEST_F(BadCheckpoint, AHeaderThatLies) {
  change("model/model.safetensors", "\"data_offsets\":[0,", "\"data_offsets\":[9,");
  expect_refused({"model.safetensors"});
}

TEST_F(BadCheckpoint, ATruncatedFile) {
  const std::string bytes = folder.read("model/model.safetensors");
  folder.write("model/model.safetensors", std::string_view(bytes).substr(0, bytes.size() - 100));
  expect_refused({"model.safetensors"});
}

// Plugins that are wrong, each in one way: they are built beside the good ones (tests/bad_plugins).
TEST_F(BadInput, ABrokenPluginIsToldWhenItIsAskedForAndHarmsNoOther) {
  write_ids_experiment(folder, "epochs = 1");
  const ProgramResult list = run_shell("TEMPER_PLUGIN_PATH='" TEMPER_BAD_PLUGIN_DIRECTORY "' '" + temper_program() + "' plugins", folder.path());
  EXPECT_EQ(list.status, 0) << list.err;
  EXPECT_NE(list.out.find("supervised"), std::string::npos) << list.out;
}

TEST_F(BadInput, MisusedCommandLines) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "usage: temper VERB"}, {"rum ids.toml", "did you mean \"run\"?"}, {"run", "FILE is missing"}, {"run a b", "too many arguments"},
      {"run ids.toml --set nonsense", "nonsense"}, {"predict", "--model FOLDER"}, {"evaluate", "--metric is missing"}, {"report nowhere", "nowhere"}};
  write_ids_experiment(folder, "epochs = 1");
  for (const auto& [arguments, words] : cases) {
    const ProgramResult result = run_temper(arguments, folder.path());
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_NE(result.err.find(words), std::string::npos) << arguments << ": " << result.err;
  }
}

}  // namespace
}  // namespace temper::testing
