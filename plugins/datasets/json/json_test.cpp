// Rows in one JSON document: arrays, objects, rows further inside, and documents of another shape.
#include <gtest/gtest.h>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class Json : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, const Value& options = Value::Table(), Task task = Task::kClassification) const {
    return read_dataset("json", options, {folder.write("d.json", contents), "train", task});
  }
  std::string problem(const std::string& contents, const Value& options = Value::Table()) const { return message_of([&] { read(contents, options); }); }
  TemporaryFolder folder;
};

TEST_F(Json, KeepsTheDatasetContract) {
  check_dataset("json", Value::Table{{"id", "key"}}, {folder.write("d.json", "{\"a\": {\"text\": \"x\", \"label\": 1},\n\"b\": {\"text\": \"y\", \"label\": 2}}"), "train"});
  check_dataset("json", Value::Table(), {folder.write("d.json", "[{\"text\": \"x\", \"label\": 1},\n{\"text\": \"y\", \"label\": 2}]"), "train"});
}

TEST_F(Json, ReadsAlpacasArray) {
  const ReadDataset rows = read("\xEF\xBB\xBF[\n{\"instruction\": \"add\", \"input\": \"1 2\", \"output\": \"3\"},\n{\"instruction\": \"laugh\", \"input\": \"\", \"output\": \"ha\"}]", Value::Table(), Task::kGeneration);
  EXPECT_EQ(rows.texts(), (Texts{"add\n\n1 2", "laugh"}));
  EXPECT_EQ(rows.targets(), (Texts{"3", "ha"}));
  EXPECT_EQ(rows.ids(), (Texts{"train:2", "train:3"}));
}

TEST_F(Json, RowsMayStandInsideTheDocument) {
  EXPECT_EQ(read(R"({"v": 1, "data": {"rows": [{"text": "a", "label": "x"}]}})", Value::Table{{"rows", "data.rows"}}).texts(), Texts{"a"});
  EXPECT_NE(problem("{\"data\": 3}", Value::Table{{"rows", "data"}}).find("d.json:1:2: there is no array and no object of rows at \"data\""), std::string::npos) << problem("{\"data\": 3}", Value::Table{{"rows", "data"}});
  EXPECT_NE(problem("{\"data\": []}", Value::Table{{"rows", "rows"}}).find("there is no array and no object of rows at \"rows\""), std::string::npos);
}

TEST_F(Json, ReportsBadRowsWithTheirLines) {
  const ReadDataset rows = read("[{\"text\": \"a\", \"label\": 1},\n3,\n{\"text\": \"b\"},\n{\"text\": \"c\\u0000\", \"label\": 1},\n{\"text\": \"c\", \"label\": 1, \"x\": [\"\\u0000\"]}]");
  EXPECT_EQ(rows.texts(), Texts{"a"});
  EXPECT_EQ(rows.bad_rows, (Texts{"2: is an integer, expected an object", "3: has no member \"label\" for the label", "4: member \"text\" holds a NUL at its byte 2", "5: member \"x\" holds a NUL"}));
}

TEST_F(Json, TellsWhatIsWrongWithAWholeFile) {
  for (const char* text : {"", "[", "{\"a\": 1", "[{\"text\": \"\xE9\"}]", "3"}) EXPECT_NE(problem(text).find("d.json"), std::string::npos) << text;
  EXPECT_NE(problem("[{\"text\": \"a\"},\n{\"text\": \"caf\xE9\"}]").find("d.json:2:14: is not UTF-8\n    to convert a file of another encoding: iconv"), std::string::npos) << problem("[{\"text\": \"a\"},\n{\"text\": \"caf\xE9\"}]");
  EXPECT_NE(problem(std::string(100'000, '[')).find("levels of nesting"), std::string::npos);
}

TEST_F(Json, ReadsPubMedQa) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const Value options = Value::Table{{"id", "key"}, {"text", "QUESTION"}, {"label", "final_decision"}};
  const ReadDataset rows = read_dataset("json", options, {*shared / "data/pubmedqa/ori_pqal.json", "train", Task::kClassification});
  EXPECT_EQ(rows.split->size(), 1000u);
  EXPECT_EQ(rows.bad_rows, Texts());
  EXPECT_EQ(rows.ids()[0], "21645374");
  EXPECT_EQ(rows.targets()[0], "yes");
  EXPECT_EQ(std::get<Texts>(*rows.split->item(0).fields.find("CONTEXTS")).size(), 2u);
}

}  // namespace
