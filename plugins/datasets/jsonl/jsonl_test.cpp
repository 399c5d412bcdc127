// JSON lines as they come: labels of several types, token ids, nested values, and lines that are none.
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

class Jsonl : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, const Value& options = Value::Table(), Task task = Task::kClassification, bool needs_targets = true) const {
    return read_dataset("jsonl", options, {folder.write("rows.jsonl", contents), "train", task, needs_targets});
  }
  TemporaryFolder folder;
};

TEST_F(Jsonl, KeepsTheDatasetContract) {
  check_dataset("jsonl", Value::Table{{"id", "id"}},
                {folder.write("rows.jsonl", "{\"id\": 1, \"text\": \"a\", \"label\": \"x\", \"more\": [1, {\"b\": null}]}\n{\"id\": 2, \"input_ids\": [3, 4], \"label\": \"y\"}\n"), "train"});
}

TEST_F(Jsonl, ReadsLabelsOfEveryScalarType) {
  EXPECT_EQ(read(R"({"text": "a", "label": "good"}
{"text": "b", "label": 3}
{"text": "c", "label": true}
{"text": "d", "label": -1}
)").targets(), (Texts{"good", "3", "true", "-1"}));
}

TEST_F(Jsonl, TakesBlankLinesWindowsLineEndsAndAByteOrderMark) {
  const ReadDataset rows = read("\xEF\xBB\xBF{\"text\": \"a\", \"label\": 1}\r\n\r\n  \n{\"text\": \"b\\n\\u00e9\", \"label\": 2}");
  EXPECT_EQ(rows.texts(), (Texts{"a", "b\n\xC3\xA9"}));
  EXPECT_EQ(rows.ids(), (Texts{"train:1", "train:4"}));
  EXPECT_EQ(rows.split->line(1), 4);
}

TEST_F(Jsonl, GivesAllOtherMembersAsFields) {
  const ReadDataset rows = read(R"({"y": 0, "q": "why", "context": "c", "n": 1.5, "list": [1, {"a": "b"}], "none": null, "flag": false, "qid": "k"})",
                                Value::Table{{"text", "q"}, {"label", "y"}, {"id", "qid"}});
  const Item item = rows.split->item(0);
  EXPECT_EQ(item.id, "k");
  Texts names, texts;
  for (const auto& [name, value] : item.fields.all()) {
    names.push_back(name);
    texts.push_back(std::get<std::string>(value));
  }
  EXPECT_EQ(names, (Texts{"text", "q", "context", "n", "list", "none", "flag"}));
  EXPECT_EQ(texts, (Texts{"why", "why", "c", "1.5", R"([1,{"a":"b"}])", "", "false"}));
}

TEST_F(Jsonl, TakesTokenIdsAsTheyAre) {
  const ReadDataset rows = read(R"({"input_ids": [5, 6], "token_type_ids": [0, 1], "label": "x"})");
  const Item item = rows.split->item(0);
  EXPECT_EQ(*item.fields.ids(kInputIdsField), (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(*item.fields.ids(kTokenTypeIdsField), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(item.fields.text("text"), nullptr);
}

TEST_F(Jsonl, ReportsEveryBadLineAndReadsTheOthers) {
  const ReadDataset rows = read(R"({"text": "a", "label": "x"}
{"text": "b", "label":
[1]
{"text": "c", "label": ["x"]}
{"text": "d"}
{"text": "e", "label": null}
{"text": "f", "label": ""}
{"txet": "g", "label": "x"}
{"text": 7, "label": "x"}
{"text": "h", "text": "i", "label": "x"}
{"text": "j\u0000k", "label": "x"}
{"input_ids": [1, 2.5], "label": "x"}
{"text": "l", "label": "x"} {"text": "m"}
{"": 1, "text": "n", "label": "x"}
{"text": "o", "label": "x"}
)");
  EXPECT_EQ(rows.texts(), (Texts{"a", "o"}));
  ASSERT_EQ(rows.bad_rows.size(), 13u);
  EXPECT_EQ(rows.bad_rows[0].substr(0, 14), "2: is no JSON:");
  EXPECT_EQ(rows.bad_rows[1], "3: is an array, expected an object");
  EXPECT_EQ(rows.bad_rows[2], "4: member \"label\" is an array, expected a string, a number or a boolean");
  EXPECT_EQ(rows.bad_rows[3], "5: has no member \"label\" for the label");
  EXPECT_EQ(rows.bad_rows[4], "6: member \"label\" is empty, expected a label");
  EXPECT_EQ(rows.bad_rows[5], "7: member \"label\" is empty, expected a label");
  EXPECT_EQ(rows.bad_rows[6], "8: has no member \"text\" for the text; did you mean \"txet\"?");
  EXPECT_EQ(rows.bad_rows[7], "9: member \"text\" is a number, expected a string");
  EXPECT_EQ(rows.bad_rows[8], "10: has the member \"text\" twice");
  EXPECT_EQ(rows.bad_rows[9], "11: member \"text\" holds a NUL");
  EXPECT_EQ(rows.bad_rows[10], "12: member \"input_ids\" is no array of integers");
  EXPECT_EQ(rows.bad_rows[11].substr(0, 15), "13: is no JSON:");
  EXPECT_EQ(rows.bad_rows[12], "14: has a member without a name");
}

TEST_F(Jsonl, ReportsBytesThatAreNoUtf8) {
  const ReadDataset rows = read("{\"text\": \"caf\xE9\", \"label\": 1}\n{\"text\": \"a\", \"label\": 1}\n");
  ASSERT_EQ(rows.bad_rows.size(), 1u);
  EXPECT_NE(rows.bad_rows[0].find("UTF-8"), std::string::npos);
}

TEST_F(Jsonl, ReportsIdsThatAreMissingOrComeTwice) {
  const ReadDataset rows = read("{\"id\": 1, \"text\": \"a\", \"label\": 1}\n{\"id\": \"1\", \"text\": \"b\", \"label\": 1}\n{\"text\": \"c\", \"label\": 1}\n{\"id\": [], \"text\": \"d\", \"label\": 1}\n",
                                Value::Table{{"id", "id"}});
  EXPECT_EQ(rows.bad_rows, (Texts{"2: id \"1\" was given to line 1 already", "3: has no member \"id\" for the id", "4: member \"id\" is an array, expected a string or an integer"}));
}

TEST_F(Jsonl, ReadsWithoutTargetsWhereNoneAreNeeded) {
  EXPECT_EQ(read("{\"text\": \"a\"}\n{\"text\": \"b\", \"label\": \"x\"}\n", Value::Table(), Task::kClassification, false).targets(), (Texts{"(none)", "x"}));
}

TEST_F(Jsonl, ReadsNumbersAndTextsAsTargets) {
  EXPECT_EQ(read("{\"text\": \"a\", \"label\": 1.5}\n{\"text\": \"b\", \"label\": \"2\"}\n", Value::Table(), Task::kRegression).targets(), (Texts{"1.5", "2"}));
  EXPECT_EQ(read("{\"text\": \"a\", \"label\": \"an answer\"}\n", Value::Table(), Task::kGeneration).targets(), Texts{"an answer"});
}

TEST_F(Jsonl, GuessesPromptAndCompletionForGeneration) {
  const ReadDataset rows = read("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"c\", \"completion\": [\"d\", \"e\"]}\n{\"prompt\": \"f\", \"completion\": []}\n", Value::Table(), Task::kGeneration);
  EXPECT_EQ(rows.texts(), (Texts{"a", "c"}));
  EXPECT_EQ(rows.texts("completion"), (Texts{"(none)", "(none)"}));
  EXPECT_EQ(rows.targets(), (Texts{"b", "d"}));
  EXPECT_EQ(to_string(rows.split->targets(1)[1]), "e");
  EXPECT_EQ(rows.notes, Texts{"read in the form prompt: text \"prompt\", label \"completion\""});
  EXPECT_EQ(rows.bad_rows, Texts{"3: member \"completion\" is an empty array, expected an answer"});
}

TEST_F(Jsonl, TellsWhatIsWrongWithTheOptions) {
  EXPECT_EQ(message_of([&] { read("{\"text\": \"a\"}", Value::Table{{"label", "text"}}); }), (folder / "rows.jsonl").string() + ":1: text and label are the same member, \"text\"");
  EXPECT_NE(message_of([&] { read("\xFF\xFE{"); }).find("is UTF-16, expected UTF-8"), std::string::npos);
}

TEST_F(Jsonl, SurvivesEveryCutAndDeepNesting) {
  const std::string whole = "{\"id\": 1, \"text\": \"a\\u00e9\", \"label\": [1, {\"b\": null}]}\n";
  for (std::size_t size = 0; size < whole.size(); ++size) read(whole.substr(0, size)).texts();
  EXPECT_EQ(read("{\"text\": " + std::string(100'000, '[')).bad_rows.size(), 1u);
}

TEST_F(Jsonl, ReadsMedquad) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  const ReadDataset rows = read_dataset("jsonl", Value::Table{{"text", "question"}, {"label", "answer"}, {"id", "qid"}},
                                        {*shared / "data/medquad/medquad_small.jsonl", "train", Task::kGeneration});
  EXPECT_EQ(rows.split->size() + rows.bad_rows.size(), 1917u);
  EXPECT_EQ(rows.texts("focus")[0], "Absence of the Septum Pellucidum");
}

}  // namespace
