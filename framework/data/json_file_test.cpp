// State that is written and read back, and what is said of a file that is damaged.
#include <temper/json_file.h>

#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using testing::message_of;

TEST(JsonFile, GivesBackWhatWasWritten) {
  const testing::TemporaryFolder folder;
  write_json_file(folder / "state.json", Value(Value::Table{{"names", Value(Value::Array{Value("a"), Value("b")})}, {"inner", Value(Value::Table{{"count", Value(3)}})}}));
  const JsonFile file(folder / "state.json");
  EXPECT_EQ(file.read<std::vector<std::string>>("names"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(file.read<std::int64_t>(file.member(file.document(), "inner"), "count"), 3);
}

TEST(JsonFile, NamesTheFileInEveryComplaint) {
  const testing::TemporaryFolder folder;
  const std::string path = (folder / "state.json").string();
  EXPECT_EQ(message_of([&] { JsonFile file(folder / "state.json"); }), path + " cannot be read");
  EXPECT_NE(message_of([&] { write_json_file(folder / "none/state.json", Value(1)); }).find("none/state.json"), std::string::npos);
  folder.write("state.json", "{\"names\": [1");
  EXPECT_EQ(message_of([&] { JsonFile file(folder / "state.json"); }).substr(0, path.size() + 3), path + ":1:");
  folder.write("state.json", "{\"names\": [1]}");
  const JsonFile file(folder / "state.json");
  EXPECT_EQ(message_of([&] { file.read<bool>("name"); }), path + " has no \"name\"");
  EXPECT_EQ(message_of([&] { file.read<std::vector<std::string>>("names"); }).substr(0, path.size() + 8), path + " names: ");
  folder.write("list.json", "[]");
  EXPECT_EQ(message_of([&] { JsonFile(folder / "list.json").read<bool>("x"); }), (folder / "list.json").string() + " has no \"x\"");
}

}  // namespace
}  // namespace temper
