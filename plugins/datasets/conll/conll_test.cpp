// CoNLL's columns: sentences, documents, IOB1, and lines that do not fit.
#include <gtest/gtest.h>

#include <map>

#include <temper/testing/dataset.h>

#include "support/message_of.h"
#include "support/read_dataset.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper;
using namespace temper::testing;
using Texts = std::vector<std::string>;

class Conll : public ::testing::Test {
 protected:
  ReadDataset read(const std::string& contents, const Value& options = Value::Table(), bool needs_targets = true) const {
    return read_dataset("conll", options, {folder.write("t.conll", contents), "train", Task::kTokenClassification, needs_targets});
  }
  static Texts tokens(const ReadDataset& rows, std::size_t row) { return std::get<Texts>(*rows.split->item(row).fields.find("tokens")); }
  TemporaryFolder folder;
};

TEST_F(Conll, KeepsTheDatasetContract) {
  check_dataset("conll", Value::Table(), {folder.write("t.conll", "a\tO\nb\tB-x\n\nc\tO\n"), "train", Task::kTokenClassification});
}

TEST_F(Conll, SentencesStandBetweenBlankLines) {
  const ReadDataset rows = read("\n#tag\tO\r\nNew York\tB-loc\n\n \t\na\tO");
  EXPECT_EQ(tokens(rows, 0), (Texts{"#tag", "New York"}));
  EXPECT_EQ(rows.targets(), (Texts{R"(["O", "B-loc"])", R"(["O"])"}));
  EXPECT_EQ(rows.ids(), (Texts{"train:2", "train:6"}));
  EXPECT_EQ(rows.split->item(0).fields.find("document"), nullptr);
}

TEST_F(Conll, DocumentsAreCountedAndColumnsChosen) {
  const std::string text = "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n-DOCSTART- -X- -X- O\n\nPeter NNP I-NP I-PER\n";
  const ReadDataset rows = read(text);
  EXPECT_EQ(rows.targets(), (Texts{R"(["B-ORG", "O"])", R"(["B-PER"])"}));
  EXPECT_EQ(rows.texts("document"), (Texts{"1", "2"}));
  EXPECT_EQ(rows.notes, Texts{"2 tags I- that begin an entity were read as B- (IOB1 to IOB2)"});
  EXPECT_EQ(read(text, Value::Table{{"tag_column", 2}}).targets(), (Texts{R"(["NNP", "VBZ"])", R"(["NNP"])"}));
  EXPECT_EQ(read("# text = a\n1 a DET\n", Value::Table{{"comments", true}, {"token_column", 2}}).targets(), Texts{R"(["DET"])"});
}

TEST_F(Conll, Iob1BecomesIob2AndIob2Stays) {
  EXPECT_EQ(read("a I-x\nb I-x\nc B-x\nd I-y\ne O\nf I-y\n").targets(), Texts{R"(["B-x", "I-x", "B-x", "B-y", "O", "B-y"])"});
  const ReadDataset rows = read("a B-x\nb I-x\nc B-x\nd B-y\ne O\n");
  EXPECT_EQ(rows.targets(), Texts{R"(["B-x", "I-x", "B-x", "B-y", "O"])"});
  EXPECT_EQ(rows.notes, Texts());
}

TEST_F(Conll, ALineOfOtherColumnsMakesItsSentenceABadRow) {
  const ReadDataset rows = read("a O\nb O\n\nc O\nd\ne O\n\nf O X\n\n\xE9 O\n\ng O\n");
  EXPECT_EQ(rows.bad_rows, (Texts{"5: has 1 column, expected 2", "8: has 3 columns, expected 2", "10: is not UTF-8 at its byte 1"}));
  EXPECT_EQ(rows.ids(), (Texts{"train:1", "train:12"}));
  EXPECT_EQ(read("a\tO\nb\t\n").bad_rows, Texts{"2: has nothing in column 2"});
  EXPECT_EQ(read("a\nb\n").bad_rows, Texts{"1: has 1 column, expected at least 2"});
  EXPECT_EQ(read("a O\n", Value::Table{{"tag_column", 4}}).bad_rows, Texts{"1: has 2 columns, expected at least 4"});
}

TEST_F(Conll, ReadsTokensAloneWhereNoTagsAreNeeded) {
  EXPECT_EQ(read("a\nb\n", Value::Table(), false).targets(), Texts{"(none)"});
  EXPECT_EQ(read("a O\n", Value::Table(), false).targets(), Texts{R"(["O"])"});
}

TEST_F(Conll, TellsWhatIsWrongWithTheOptions) {
  EXPECT_EQ(message_of([&] { read("", Value::Table{{"tag_column", 1}}); }), "dataset.token_column and dataset.tag_column are both 1");
  EXPECT_NE(message_of([&] { read_dataset("conll", Value::Table(), {folder.write("t.conll", "a O"), "train", Task::kClassification}); }).find("the task is classification"), std::string::npos);
}

// Sentences as the shared task counts them.
TEST_F(Conll, ReadsWnut17) {
  const auto shared = shared_folder();
  if (!shared) GTEST_SKIP() << kNoSharedFolder;
  for (const auto& [file, sentences] : std::map<std::string, std::size_t>{{"wnut17train.conll", 3394}, {"emerging.dev.conll", 1009}, {"emerging.test.annotated", 1287}}) {
    const ReadDataset rows = read_dataset("conll", Value::Table(), {*shared / "data/wnut17" / file, "train", Task::kTokenClassification});
    EXPECT_EQ(rows.split->size(), sentences) << file;
    EXPECT_EQ(rows.bad_rows, Texts());
  }
}

}  // namespace
