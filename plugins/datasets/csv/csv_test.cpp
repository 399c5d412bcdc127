// CSV files as they come: quotes, line breaks, marks, missing and spare columns, bytes that are no text.
#include <gtest/gtest.h>

#include <algorithm>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class Csv : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, const Value& options = Value::Table(), Task task = Task::kClassification, bool needs_targets = true) const {
    return read_dataset("csv", options, {folder.write("rows.csv", contents), "train", task, needs_targets});
  }
  // The error without the file in front.
  std::string problem(const std::string& contents, const Value& options = Value::Table(), Task task = Task::kClassification) const {
    const std::string message = message_of([&] { read(contents, options, task); });
    const std::string file = (folder / "rows.csv").string() + ":";
    return message.starts_with(file) ? message.substr(file.size()) : message;
  }
  TemporaryFolder folder;
};

TEST_F(Csv, KeepsTheDatasetContract) {
  check_dataset("csv", Value::Table{{"id", "id"}}, {folder.write("rows.csv", "id,text,label,note\n1,\"a, b\",yes,x\n2,\"c\nd\",no,\n3,,yes,\"\"\"q\"\"\"\n"), "train"});
}

TEST_F(Csv, ReadsQuotedDelimitersLineBreaksAndQuotes) {
  const ReadDataset rows = read("text,label\n\"a, b\",yes\n\"two\nlines\",no\n\"say \"\"hi\"\"\",yes\nit's 5\" long,no\n");
  EXPECT_EQ(rows.texts(), (Texts{"a, b", "two\nlines", "say \"hi\"", "it's 5\" long"}));
  EXPECT_EQ(rows.targets(), (Texts{"yes", "no", "yes", "no"}));
  EXPECT_EQ(rows.bad_rows, Texts());
}

TEST_F(Csv, NamesRowsByTheLineWhereTheyBegin) {
  const ReadDataset rows = read("text,label\n\"two\nlines\",no\n\nb,yes\n");
  EXPECT_EQ(rows.ids(), (Texts{"train:2", "train:5"}));
  EXPECT_EQ(rows.split->line(1), 5);
}

TEST_F(Csv, TakesEveryLineEndingAndAByteOrderMark) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const std::string e = end;
    const ReadDataset rows = read("\xEF\xBB\xBFtext,label" + e + "a,yes" + e + "\"b" + e + "c\",no" + e + e + "d,yes");
    EXPECT_EQ(rows.texts(), (Texts{"a", "b" + e + "c", "d"}));
    EXPECT_EQ(rows.split->line(2), 6);
  }
}

TEST_F(Csv, GivesAllOtherColumnsAsFields) {
  const ReadDataset rows = read("textID,tweet,why,sentiment\n7,hello,because,positive\n", Value::Table{{"text", "tweet"}, {"label", "sentiment"}, {"id", "textID"}});
  const Item item = rows.split->item(0);
  EXPECT_EQ(item.id, "7");
  Texts names;
  for (const auto& [name, value] : item.fields.all()) names.push_back(name);
  EXPECT_EQ(names, (Texts{"text", "tweet", "why"}));  // neither label nor id
  EXPECT_EQ(*item.fields.text("tweet"), "hello");
  EXPECT_EQ(*item.fields.text("why"), "because");
}

TEST_F(Csv, TakesOtherDelimitersAndQuotes) {
  EXPECT_EQ(read("text\tlabel\na,b\tyes\n", Value::Table{{"delimiter", "\t"}}).texts(), Texts{"a,b"});
  EXPECT_EQ(read("text;label\n'a;b';yes\n", Value::Table{{"delimiter", ";"}, {"quote", "'"}}).texts(), Texts{"a;b"});
  EXPECT_EQ(read("text,label\n\"a,yes\n", Value::Table{{"quote", ""}}).texts(), Texts{"\"a"});
  EXPECT_EQ(problem("", Value::Table{{"delimiter", "||"}}), "dataset.delimiter is \"||\", expected one ASCII character");
  EXPECT_EQ(problem("", Value::Table{{"quote", ","}}), "dataset.quote and dataset.delimiter are both \",\"");
}

TEST_F(Csv, NumbersTheColumnsOfAFileWithoutHeader) {
  const ReadDataset rows = read("a,yes\nb,no\n", Value::Table{{"header", false}, {"text", "1"}, {"label", "2"}});
  EXPECT_EQ(rows.texts(), (Texts{"a", "b"}));
  EXPECT_EQ(rows.split->line(0), 1);
}

TEST_F(Csv, CallsAColumnWithoutNameByItsNumber) { EXPECT_EQ(read(",text,label\n0,a,yes\n").texts("1"), Texts{"0"}); }

TEST_F(Csv, KeepsAndCountsEmptyTexts) {
  const ReadDataset rows = read("text,label\n,yes\na,no\n");
  EXPECT_EQ(rows.texts(), (Texts{"", "a"}));
  EXPECT_EQ(rows.notes, Texts{"1 empty text"});
}

TEST_F(Csv, ReportsEveryBadRowWithItsLineAndReadsTheOthers) {
  const ReadDataset rows = read("text,label\na,yes\nb\nc,no,more\n\"d\"x,yes\n\"two\nlines\",\ne,no\n");
  EXPECT_EQ(rows.bad_rows, (Texts{"3: has 1 column, expected 2", "4: has 3 columns, expected 2", "5: column 1 has text behind its closing quote",
                                  "6: column \"label\" is empty, expected a label"}));
  EXPECT_EQ(rows.texts(), (Texts{"a", "e"}));
}

TEST_F(Csv, ReportsAQuoteThatIsNeverClosed) {
  const ReadDataset rows = read("text,label\na,yes\n\"b,no\nc,yes\nd,no\n");
  EXPECT_EQ(rows.bad_rows, Texts{"3: a quote in column 1 is never closed, so that 3 lines to the end of the file are one row"});
  EXPECT_EQ(rows.texts(), Texts{"a"});
}

TEST_F(Csv, ReportsBytesThatAreNoText) {
  const ReadDataset rows = read("text,label\na,yes\ncaf\xE9,no\n" + std::string("b\0c,no\n", 7) + "\"d\xFF\",yes\n");
  EXPECT_EQ(rows.bad_rows, (Texts{"3: column \"text\" is not UTF-8 at its byte 4", "4: column \"text\" holds a NUL at its byte 2", "5: column \"text\" is not UTF-8 at its byte 2"}));
  EXPECT_EQ(rows.texts(), Texts{"a"});
}

TEST_F(Csv, ReportsIdsThatAreEmptyOrComeTwice) {
  const ReadDataset rows = read("id,text,label\n1,a,yes\n,b,no\n1,c,no\n", Value::Table{{"id", "id"}});
  EXPECT_EQ(rows.bad_rows, (Texts{"3: column \"id\" is empty, expected an id", "4: id \"1\" was given to line 2 already"}));
}

TEST_F(Csv, TellsWhichColumnIsMissing) {
  EXPECT_EQ(problem("Text,sentiment\n", Value::Table{{"label", "sentiment"}}),
            "1: there is no column \"text\" for the text\n    did you mean \"Text\"? the columns are Text, sentiment; set dataset.text");
  EXPECT_EQ(problem("text,y\n"), "1: there is no column \"label\" for the label\n    the columns are text, y; set dataset.label");
  EXPECT_EQ(problem("a\n"), "1: there is no column \"label\" for the label\n    the columns are a; set dataset.label\n" + (folder / "rows.csv").string() +
                                ":1: there is no column \"text\" for the text\n    the columns are a; set dataset.text");
  EXPECT_EQ(problem("text,label\n", Value::Table{{"id", "key"}}), "1: there is no column \"key\" for the id\n    the columns are text, label; set dataset.id");
  EXPECT_EQ(problem("text,label\n", Value::Table{{"label", "text"}}), "1: text and label are the same column, \"text\"");
}

TEST_F(Csv, TellsWhatIsWrongWithAWholeFile) {
  for (const char* contents : {"", "\xEF\xBB\xBF", "\n\n"}) EXPECT_NE(problem(contents).find(": is empty, expected rows of columns"), std::string::npos);
  EXPECT_EQ(problem("\xFF\xFEt\0"), "1: is UTF-16, expected UTF-8\n    convert it: iconv -f UTF-16 -t UTF-8");
  EXPECT_EQ(problem("text,label,text\n"), "1: two columns are called \"text\"\n    rename one");
  EXPECT_EQ(problem("text,\"label\n"), "1: the header cannot be read: a quote in column 2 is never closed, so that 1 line to the end of the file are one row");
  EXPECT_EQ(problem("a,b\n", Value::Table(), Task::kTokenClassification), "1: there is no column \"tags\" for the tags\n    the columns are a, b; set dataset.tags\n" +
                (folder / "rows.csv").string() + ":1: there is no column \"tokens\" for the tokens\n    the columns are a, b; set dataset.tokens");
}

TEST_F(Csv, ReadsWithoutTargetsWhereNoneAreNeeded) {
  EXPECT_EQ(read("text\na\nb\n", Value::Table(), Task::kClassification, false).targets(), (Texts{"(none)", "(none)"}));
  EXPECT_EQ(read("text,label\na,yes\nb,\n", Value::Table(), Task::kClassification, false).targets(), (Texts{"yes", "(none)"}));
  EXPECT_EQ(read("text\na\n", Value::Table(), Task::kLanguageModeling).targets(), Texts{"(none)"});
}

TEST_F(Csv, ReadsNumbersAndTextsAsTargets) {
  const ReadDataset rows = read("text,label\na,1.5\nb,high\n", Value::Table(), Task::kRegression);
  EXPECT_EQ(rows.targets(), Texts{"1.5"});
  EXPECT_EQ(rows.bad_rows, Texts{"3: column \"label\" is \"high\", expected a number"});
  EXPECT_EQ(read("text,label\na,an answer\n", Value::Table(), Task::kGeneration).targets(), Texts{"an answer"});
}

TEST_F(Csv, GuessesPromptAndCompletionForGeneration) {
  const ReadDataset guessed = read("topic,question,answer\nt,why,because\n", Value::Table(), Task::kGeneration);
  EXPECT_EQ(guessed.texts(), Texts{"why"});
  EXPECT_EQ(guessed.texts("question"), Texts{"why"});
  EXPECT_EQ(guessed.texts("answer"), Texts{"(none)"});
  EXPECT_EQ(guessed.targets(), Texts{"because"});
  const ReadDataset named = read("q,a,answer\nwhy,because,no\n", Value::Table{{"prompt", "q"}, {"completion", "a"}}, Task::kGeneration);
  EXPECT_EQ(named.targets(), Texts{"because"});
  EXPECT_EQ(problem("question,answer\nwhy,because\n"), "1: there is no column \"label\" for the label\n    the columns are question, answer; set dataset.label\n" +
                (folder / "rows.csv").string() + ":1: there is no column \"text\" for the text\n    the columns are question, answer; set dataset.text");
}

TEST_F(Csv, TellsThatTheTextHidesAColumnOfThatName) {
  const ReadDataset rows = read("tweet,text,label\na,b,yes\n", Value::Table{{"text", "tweet"}});
  EXPECT_EQ(rows.texts(), Texts{"a"});
  EXPECT_EQ(rows.notes, Texts{"the column \"text\" is no field: {text} is the column \"tweet\""});
}

// No input may crash or hang: every cut of a file that holds each construct, and every byte changed to a special one.
TEST_F(Csv, SurvivesEveryCutAndChange) {
  const std::string whole = "id,text,label\r\n1,\"a, \"\"b\"\"\",yes\n2,\"c\nd\",no\n3,e,yes\n";
  const auto dataset = registry::installed().create<Dataset>("csv", Value::Table{{"id", "id"}});
  const auto survives = [&](const std::string& contents) {
    ReadDataset rows;
    try {
      rows.split = dataset->open({folder.write("rows.csv", contents), "train"}, rows);
    } catch (const Error&) {
      return;
    }
    EXPECT_EQ(rows.texts().size(), rows.targets().size());
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    survives(whole.substr(0, at));
    for (const char byte : {'"', ',', '\n', '\r', '\0', '\xFF'}) {
      std::string changed = whole;
      changed[at] = byte;
      survives(changed);
    }
  }
}

// Counts taken with Python's csv module.
TEST_F(Csv, ReadsTheTweets) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  struct Expected { const char* file; std::size_t rows, neutral, positive; Texts notes; };
  const Value options = Value::Table{{"text", "text"}, {"label", "sentiment"}, {"id", "textID"}};
  for (const Expected& expected : {Expected{"train.csv", 27481, 11118, 8582, {"1 empty text"}}, Expected{"test.csv", 3534, 1430, 1103, {}},
                                   Expected{"train_1000.csv", 1000, 423, 304, {}}, Expected{"test_1000.csv", 1000, 396, 330, {}}}) {
    const ReadDataset rows = read_dataset("csv", options, {*shared / "data/tweets" / expected.file, "train"});
    const Texts targets = rows.targets();
    EXPECT_EQ(rows.split->size(), expected.rows);
    EXPECT_EQ(static_cast<std::size_t>(std::count(targets.begin(), targets.end(), "neutral")), expected.neutral);
    EXPECT_EQ(static_cast<std::size_t>(std::count(targets.begin(), targets.end(), "positive")), expected.positive);
    EXPECT_EQ(rows.bad_rows, Texts());
    EXPECT_EQ(rows.notes, expected.notes);
  }
  const ReadDataset rows = read_dataset("csv", options, {*shared / "data/tweets/train_1000.csv", "train"});
  EXPECT_EQ(rows.split->item(0).id, "df398a774e");
  EXPECT_EQ(rows.texts()[0], "  alright...I`m going to get off comp now, go back to ur party  be safe  & have fun!");
  EXPECT_EQ(rows.texts("selected_text")[0], "ave");
}

}  // namespace
