// Where checkpoints are found, and what their config.json says about labels.
#include "data/model_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include <temper/error.h>

#include "support/message_of.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

ModelFolder from(const std::string& json) { return model_folder_from_config(parse_json(json, "config.json")); }

TEST(ModelFolder, HasTwoGenericLabelsWhenNoneAreWritten) {
  for (const char* json : {"{}", R"({"id2label": null, "num_labels": null})"}) {
    EXPECT_EQ(from(json).labels, (Names{"LABEL_0", "LABEL_1"}));
    EXPECT_TRUE(from(json).labels_are_generic);
    EXPECT_EQ(from(json).model_type, "");
  }
  EXPECT_EQ(from(R"({"num_labels": 3})").labels.size(), 3u);
}

TEST(ModelFolder, OrdersLabelsByTheirNumbers) {
  const ModelFolder model = from(R"({"model_type": "bert", "id2label": {"2": "c", "0": "a", "1": "b"}})");
  EXPECT_EQ(model.labels, (Names{"a", "b", "c"}));
  EXPECT_FALSE(model.labels_are_generic);
  EXPECT_EQ(model.model_type, "bert");
  EXPECT_TRUE(from(R"({"id2label": {"1": "LABEL_1", "0": "LABEL_0", "2": "LABEL_2"}})").labels_are_generic);
  EXPECT_FALSE(from(R"({"id2label": {"1": "LABEL_0", "0": "LABEL_1"}})").labels_are_generic);
}

TEST(ModelFolder, TellsWhereLabelsAreWrong) {
  EXPECT_EQ(message_of([] { from(R"({"id2label": {"0": "a", "2": "b"}})"); }), "config.json:1:25: id2label has the key \"2\", expected each of the numbers 0 to 1 once");
  EXPECT_EQ(message_of([] { from(R"({"id2label": {"0": "a", "00": "b"}})"); }), "config.json:1:25: id2label has the key \"00\", expected each of the numbers 0 to 1 once");
  EXPECT_EQ(message_of([] { from(R"({"id2label": {"0": 5}})"); }), "config.json:1:15: id2label has an integer for \"0\", expected a text");
  EXPECT_EQ(message_of([] { from(R"({"id2label": ["a"]})"); }), "config.json:1:2: id2label is an array, expected an object");
  EXPECT_EQ(message_of([] { from(R"({"num_labels": 0})"); }), "config.json:1:2: num_labels is 0, expected a number of classes");
  EXPECT_EQ(message_of([] { from(R"({"model_type": 7})"); }), "config.json:1:2: model_type is an integer, expected a text");
}

TEST(ModelFolder, ListsItsTensorFilesByName) {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"model_type": "gpt2"})");
  EXPECT_TRUE(open_model_folder(folder.path()).tensor_files.empty());
  folder.write("b.safetensors", "");
  folder.write("a.safetensors", "");
  folder.write("notes.txt", "");
  EXPECT_EQ(open_model_folder(folder.path()).tensor_files, (std::vector<std::filesystem::path>{folder / "a.safetensors", folder / "b.safetensors"}));
}

TEST(ModelFolder, NamesTheFolderThatIsNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { open_model_folder(folder / "none"); }), (folder / "none").string() + ": is no folder, expected one that holds config.json");
  EXPECT_EQ(message_of([&] { open_model_folder(folder.path()); }),
            folder.path().string() + ": holds no config.json\n    a checkpoint is a folder as Hugging Face's save_pretrained writes it");
  folder.write("config.json", "{\"a\": ");
  EXPECT_NE(message_of([&] { open_model_folder(folder.path()); }).find("config.json:1"), std::string::npos);
}

// Sets a variable of the environment while it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(FindCheckpoint, TakesAFolderFromTheBase) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "model");
  EXPECT_EQ(find_checkpoint("model", folder.path()), std::filesystem::weakly_canonical(folder / "model"));
  EXPECT_EQ(find_checkpoint((folder / "model").string(), "/elsewhere"), std::filesystem::weakly_canonical(folder / "model"));
}

TEST(FindCheckpoint, TakesTheSnapshotThatMainNames) {
  const TemporaryFolder folder;
  const Environment cache("HF_HUB_CACHE", folder.path().string());
  const auto repository = folder / "models--org--tiny";
  std::filesystem::create_directories(repository / "snapshots/aaa");
  EXPECT_EQ(find_checkpoint("org/tiny"), repository / "snapshots/aaa");  // the only one
  std::filesystem::create_directories(repository / "snapshots/bbb");
  EXPECT_THROW(find_checkpoint("org/tiny"), Error);
  folder.write("models--org--tiny/refs/main", "bbb\n");
  EXPECT_EQ(find_checkpoint("org/tiny"), repository / "snapshots/bbb");
}

TEST(FindCheckpoint, LooksUnderHfHome) {
  const TemporaryFolder folder;
  const Environment cache("HF_HUB_CACHE", ""), home("HF_HOME", folder.path().string());
  std::filesystem::create_directories(folder / "hub/models--gpt2/snapshots/aaa");
  EXPECT_EQ(find_checkpoint("gpt2"), folder / "hub/models--gpt2/snapshots/aaa");
}

TEST(FindCheckpoint, TellsWhereItLooked) {
  const TemporaryFolder folder;
  const std::string here = folder.path().string();
  const Environment cache("HF_HUB_CACHE", here + "/c"), home("HF_HOME", here + "/h"), xdg("XDG_CACHE_HOME", ""), user("HOME", here);
  EXPECT_EQ(message_of([&] { find_checkpoint("org/none", folder.path()); }),
            "there is no checkpoint \"org/none\"; looked at " + here + "/org/none, " + here + "/c/models--org--none, " + here + "/h/hub/models--org--none, " + here +
                "/.cache/huggingface/hub/models--org--none\n    give a folder that holds config.json, or a name in the local Hugging Face cache");
  EXPECT_EQ(message_of([&] { find_checkpoint("../x", folder.path()); }).find("models--"), std::string::npos);
}

TEST(ModelFolder, ReadsTheReferenceCheckpoints) {
  const auto shared = testing::shared_folder();
  if (!shared) GTEST_SKIP() << testing::kNoSharedFolder;
  const ModelFolder model = open_model_folder(*shared / "golden/models/gpt2-seqcls");
  EXPECT_EQ(model.model_type, "gpt2");
  EXPECT_EQ(model.labels.size(), 3u);
}

}  // namespace
}  // namespace temper::data
