// Every task in CSV: where JSON has an array, a cell holds words, separators or an array's text.
#include <gtest/gtest.h>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class CsvForms : public ::testing::Test {
 protected:
  Source source(const std::string& contents, Task task) const { return {folder.write("rows.csv", contents), "train", task}; }
  ReadDataset read(const std::string& contents, Task task, const Value& options = Value::Table()) const { return read_dataset("csv", options, source(contents, task)); }
  TemporaryFolder folder;
};

TEST_F(CsvForms, KeepTheDatasetContract) {
  check_dataset("csv", Value::Table(), source("text,label\na,\"x, y\"\nb,\n", Task::kMultiLabel));
  check_dataset("csv", Value::Table(), source("sentence1,sentence2,score\na,b,1\nc,d,0.5\n", Task::kRegression));
  check_dataset("csv", Value::Table(), source("tokens,tags\na b,O B-x\nc,O\n", Task::kTokenClassification));
  check_dataset("csv", Value::Table(), source("question,context,answer,answer_start\nq,a b,b,2\nr,c d,,\n", Task::kQuestionAnswering));
  check_dataset("csv", Value::Table(), source("prompt,completion\na,b\nc,d\n", Task::kGeneration));
  check_dataset("csv", Value::Table(), source("text\na\nb\n", Task::kLanguageModeling));
}

TEST_F(CsvForms, SeveralLabelsStandBetweenSeparators) {
  EXPECT_EQ(read("text,label\na,x|y\nb,\nc, x | z \n", Task::kMultiLabel, Value::Table{{"label_separator", "|"}}).targets(), (Texts{R"(["x", "y"])", "[]", R"(["x", "z"])"}));
  EXPECT_EQ(read("text,label\na,\"[\"\"x\"\", \"\"y, z\"\"]\"\n", Task::kMultiLabel).targets(), Texts{R"(["x", "y, z"])"});
  EXPECT_EQ(read("text,label\na,\"x,,y\"\n", Task::kMultiLabel).bad_rows, Texts{"2: column \"label\" holds an empty label"});
}

TEST_F(CsvForms, TokensAndTagsAreWordsOrArrays) {
  const ReadDataset rows = read("tokens,tags\nNew York,B-loc I-loc\n\"[\"\"New York\"\"]\",\"[\"\"B-loc\"\"]\"\na b,O\n", Task::kTokenClassification);
  EXPECT_EQ(std::get<Texts>(*rows.split->item(1).fields.find("tokens")), Texts{"New York"});
  EXPECT_EQ(rows.targets(), (Texts{R"(["B-loc", "I-loc"])", R"(["B-loc"])"}));
  EXPECT_EQ(rows.bad_rows, Texts{"4: has 2 tokens and 1 tags"});
}

TEST_F(CsvForms, AnAnswerHasItsStartInAColumnOfItsOwn) {
  const ReadDataset rows = read("question,context,answer,answer_start\nq,\"one, one\",one,5\nq,one,,\nq,one,two,\nq,one,one,x\n", Task::kQuestionAnswering);
  EXPECT_EQ(rows.targets(), (Texts{R"([{"begin": 5, "end": 8, "text": "one"}])", "[]"}));
  EXPECT_EQ(rows.bad_rows, (Texts{"4: answer \"two\" is not in the context", "5: column \"answer_start\" is \"x\", expected an integer"}));
}

TEST_F(CsvForms, MessagesAreAnArraysText) {
  const ReadDataset rows = read("messages\n\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"a\"\"}, {\"\"role\"\": \"\"assistant\"\", \"\"content\"\": \"\"b\"\"}]\"\nhello\n", Task::kGeneration);
  EXPECT_EQ(rows.targets(), Texts{"b"});
  EXPECT_EQ(rows.bad_rows, Texts{"3: column \"messages\" is no array of messages"});
}

TEST_F(CsvForms, AllColumnsOfTheFormThatAreMissingAreNamed) {
  const std::string message = message_of([&] { read("question,answer\nq,a\n", Task::kQuestionAnswering); });
  EXPECT_NE(message.find(":1: there is no column \"context\" for the context\n    the columns are question, answer; set dataset.context"), std::string::npos) << message;
}

// 100 MB in one line, as a file has that is no table: told, not read.
TEST_F(CsvForms, ALineOfHundredMegabytesIsABadRow) {
  const auto file = folder / "long.csv";
  {
    std::ofstream out(file, std::ios::binary);
    const std::string piece(1 << 20, 'x');
    out << "text,label\na,yes\n";
    for (int i = 0; i < 100; ++i) out << piece;
    out << ",no\nb,no\n";
  }
  const ReadDataset rows = read_dataset("csv", Value::Table(), {file, "train", Task::kClassification});
  EXPECT_EQ(rows.bad_rows, Texts{"3: is 104857604 bytes long, a row may take 67108864"});
  EXPECT_EQ(rows.texts(), (Texts{"a", "b"}));
}

}  // namespace
