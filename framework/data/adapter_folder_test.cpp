// Where the base of an adapter folder lies, and that what it holds counts.
#include "data/adapter_folder.h"

#include <gtest/gtest.h>

#include <temper/error.h>

#include "data/content_hash.h"
#include "data/model_folder.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

class AdapterFolder : public ::testing::Test {
 protected:
  void write(const std::string& base) const { folder.write("adapter/adapter_config.json", "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": " + base + "}"); }
  void SetUp() override {
    fs::create_directories(folder / "adapter");
    fs::create_directories(folder / "base");
    folder.write("base/config.json", R"({"model_type": "gpt2", "id2label": {"0": "bad", "1": "good", "2": "so so"}})");
  }
  TemporaryFolder folder;
};

TEST_F(AdapterFolder, LiesOverTheFolderThatItNamesOrOneBesideIt) {
  EXPECT_FALSE(data::is_adapter_folder(folder / "adapter"));
  write('"' + (folder / "base").string() + '"');
  EXPECT_TRUE(data::is_adapter_folder(folder / "adapter"));
  EXPECT_TRUE(fs::equivalent(data::find_adapter_base(folder / "adapter"), folder / "base"));
  write("\"base\"");
  EXPECT_TRUE(fs::equivalent(data::find_adapter_base(folder / "adapter"), folder / "base"));
  EXPECT_TRUE(fs::equivalent(data::find_adapter_base(folder / "adapter", folder / "base"), folder / "base"));
}

TEST_F(AdapterFolder, SaysWhatIsWrongWithItsBase) {
  const auto problem = [&](const fs::path& base = {}) -> std::string {
    try {
      data::find_adapter_base(folder / "adapter", base);
    } catch (const Error& error) {
      return error.problems().front().what + "; " + error.problems().front().remedy;
    }
    return "none";
  };
  write("null");
  EXPECT_NE(problem().find("names no base_model_name_or_path"), std::string::npos) << problem();
  write("\"nowhere/at-all\"");
  EXPECT_NE(problem().find("--base"), std::string::npos) << problem();
  write("\"adapter\"");
  EXPECT_NE(problem().find("which is one too"), std::string::npos) << problem();
  EXPECT_NE(problem(folder / "adapter").find("which is one too"), std::string::npos);
}

TEST_F(AdapterFolder, IsOfItsBasesFamilyAndHasItsLabelsUnlessItBringsAConfig) {
  write("\"base\"");
  EXPECT_EQ(data::open_model_folder(folder / "adapter").model_type, "gpt2");
  EXPECT_EQ(data::open_model_folder(folder / "adapter").labels.size(), 3u);
  folder.write("adapter/config.json", R"({"model_type": "gpt2", "id2label": {"0": "no", "1": "yes"}})");
  EXPECT_EQ(data::open_model_folder(folder / "adapter").labels, (std::vector<std::string>{"no", "yes"}));
}

TEST_F(AdapterFolder, CountsWithTheContentsOfItsBase) {
  write("\"base\"");
  const std::string before = data::content_hash(folder / "adapter");
  EXPECT_EQ(data::content_hash(folder / "adapter"), before);
  folder.write("base/more.txt", "more");
  EXPECT_NE(data::content_hash(folder / "adapter"), before);
}

}  // namespace
}  // namespace temper::testing
