// Files as people have them: delimiters, headers or none, encodings, and what is no table at all.
#include "study/look_at_data.h"

#include <gtest/gtest.h>

#include "registry/registry.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::study {
namespace {

using testing::message_of;
using Texts = std::vector<std::string>;

class LookAtData : public ::testing::Test {
 protected:
  DataLook look(const std::string& contents, std::int64_t sample = 20000) const { return look_at_data(folder.write("data", contents), registry::installed(), sample); }
  std::string problem(const std::string& contents) const {
    const std::string message = message_of([&] { look(contents); }), file = (folder / "data").string();
    return message.starts_with(file) ? message.substr(file.size()) : message;
  }
  static Texts names(const DataLook& look) {
    Texts names;
    for (const DataColumn& column : look.columns) names.push_back(column.name);
    return names;
  }
  testing::TemporaryFolder folder;
};

TEST_F(LookAtData, FindsTheDelimiter) {
  EXPECT_EQ(guess_delimiter("text,label\n\"a; b; c\",x\nd;e,y\n"), ',');
  EXPECT_EQ(guess_delimiter("text\tlabel\na, b\tx\nc\ty\n"), '\t');
  EXPECT_EQ(guess_delimiter("text;label\n\"a,\nb\";x\nc;y\nd, e;z\n"), ';');
  EXPECT_EQ(guess_delimiter("text|label\na|b\nc|d\n"), '|');
  EXPECT_EQ(guess_delimiter("text\none\ntwo\n"), ',');
  EXPECT_EQ(guess_delimiter(""), ',');
}

TEST_F(LookAtData, ReadsCsvWithAllThatRfc4180Allows) {
  const DataLook found = look("\xEF\xBB\xBFid,text,label\r\n1,\"two\r\nlines, \"\"quoted\"\"\",yes\r\n2,b,no\r\n");
  EXPECT_EQ(found.plugin, "csv");
  EXPECT_EQ(names(found), (Texts{"id", "text", "label"}));
  EXPECT_EQ(found.columns[1].values, (Texts{"two\r\nlines, \"quoted\"", "b"}));
  EXPECT_EQ(found.rows, 2);
  EXPECT_TRUE(found.options.as_table().empty());
}

TEST_F(LookAtData, TellsThePluginWhatIsUnusual) {
  EXPECT_EQ(to_toml(look("text\tlabel\na b\tx\nc d\ty\n").options), "{ delimiter = \"\\t\" }");
  const DataLook quotes = look("text\tlabel\n\"oh\" he said\tx\n\"\tx\nb\ty\n");  // quotes that are ordinary characters
  EXPECT_EQ(quotes.columns[0].values, (Texts{"\"oh\" he said", "\"", "b"}));
  EXPECT_EQ(quotes.options.find("quote")->as_string(), "");
}

TEST_F(LookAtData, SeesThatThereIsNoHeader) {
  const DataLook found = look("0,a fine film\n1,a bad film\n1,bad\n0,good\n");
  EXPECT_EQ(names(found), (Texts{"1", "2"}));
  EXPECT_EQ(found.rows, 4);
  EXPECT_EQ(found.columns[0].values, (Texts{"0", "1", "1", "0"}));
  EXPECT_FALSE(found.options.find("header")->as_bool());
  EXPECT_EQ(names(look("a fine film,good\nanother,bad\nthat,good\nmore,bad\nlast,good\n")), (Texts{"1", "2"}));
  EXPECT_EQ(names(look(",text,label\n0,a,x\n1,b,y\n")), (Texts{"1", "text", "label"}));  // an index without a name
}

TEST_F(LookAtData, ReadsJsonLinesWithWhateverMembers) {
  const DataLook found = look("{\"text\": \"a\", \"label\": 1}\n\n{\"label\": 0, \"text\": null, \"more\": [1]}\nno json\n");
  EXPECT_EQ(found.plugin, "jsonl");
  EXPECT_EQ(names(found), (Texts{"text", "label", "more"}));
  EXPECT_EQ(found.columns[0].values, (Texts{"a", ""}));
  EXPECT_EQ(found.columns[1].values, (Texts{"1", "0"}));
  EXPECT_TRUE(found.columns[2].is_nested);
  EXPECT_EQ(found.rows, 2);
  EXPECT_EQ(found.bad_rows, 1);
  EXPECT_EQ(found.bad_places.front().substr(0, 7), "line 4 ");
}

TEST_F(LookAtData, CountsRowsThatCannotBeRead) {
  const DataLook found = look("text,label\na,x\nb\nc,y\nd,x\n");
  EXPECT_EQ(found.rows, 3);
  EXPECT_EQ(found.bad_rows, 1);
  EXPECT_EQ(found.bad_places, Texts{"line 3 has 1 column, expected 2"});
}

TEST_F(LookAtData, KeepsNoMoreThanASampleOfALongFile) {
  std::string text = "text,label\n";
  for (int i = 0; i < 1000; ++i) text += "row" + std::to_string(i) + ",x\n";
  const DataLook found = look(text, 10);
  EXPECT_EQ(found.rows, 1000);
  EXPECT_EQ(found.looked_at(), 10);
  EXPECT_EQ(found.columns[0].values.back(), "row900");
}

TEST_F(LookAtData, SaysWhatIsNoTable) {
  EXPECT_EQ(problem(""), ": is empty, expected CSV or JSON lines");
  EXPECT_EQ(problem("\n \n"), ": is blank, expected CSV or JSON lines");
  EXPECT_EQ(problem("PK\x03\x04..."), ": is a zip archive (an Excel workbook is one), expected CSV or JSON lines\n    save the sheet as CSV, in UTF-8");
  EXPECT_EQ(problem("[\n {\"a\": 1}]"), ": is a JSON array, expected CSV or JSON lines\n    make lines of it: jq -c '.[]' FILE > NEW.jsonl");
  EXPECT_EQ(problem("\xFF\xFEt"), ": is UTF-16, expected CSV or JSON lines\n    convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW");
  EXPECT_EQ(problem("text,label\ncaf\xE9,x\nb,y\n"), ": 1 row is not UTF-8: line 2 column \"1\" is not UTF-8 at its byte 4\n    convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW");
  EXPECT_NE(problem("text,label\na,b,c\nd,e,f\ng,h,i,j\n").find("rows cannot be read: line 2 has 3 columns, expected 2"), std::string::npos);
  EXPECT_NE(problem("{\"a\": 1\n{\"b\n{\n").find("lines are no JSON objects"), std::string::npos);
}

}  // namespace
}  // namespace temper::study
