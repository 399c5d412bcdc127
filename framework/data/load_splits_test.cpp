// Splits: shuffle, share, limit, labels, and everything that can be wrong with them at once.
#include "data/load_splits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

// Reads one label per line; a line "bad" is a bad row.
class Lines final : public Dataset {
 public:
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    auto rows = std::make_unique<RowsInMemory>();
    std::ifstream file(source.file);
    std::int64_t line = 1;
    for (std::string label; std::getline(file, label); ++line) {
      if (label == "bad") {
        report.bad_row(line, "is bad");
        continue;
      }
      Item item;
      item.id = source.split + ":" + std::to_string(line);
      item.fields.set("text", std::to_string(line));
      rows->add(std::move(item), {Label{label}}, line);
    }
    report.note("a note");
    return rows;
  }
};

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += i % 2 == 0 ? "yes\n" : "no\n";
  return text;
}

Names ids(const Split& split) {
  Names ids;
  for (std::size_t row = 0; row < split.size(); ++row) ids.push_back(split.item(row).id);
  return ids;
}

class LoadSplits : public ::testing::Test {
 protected:
  Splits load() const { return load_splits(Lines(), options, Task::kClassification); }
  std::string problems() const { return message_of([&] { load(); }); }
  std::filesystem::path file(const std::string& name, const std::string& contents) const { return folder.write(name, contents); }
  std::string at(const std::string& name, int line = 0) const { return (folder / name).string() + (line ? ":" + std::to_string(line) : "") + ": "; }

  TemporaryFolder folder;
  DatasetOptions options;
};

TEST_F(LoadSplits, KeepsEveryRowOnceInAnOrderOfTheSeed) {
  options.train = file("train", lines(100));
  const Names order = ids(*load().train);
  EXPECT_EQ(std::set<std::string>(order.begin(), order.end()).size(), 100u);
  EXPECT_EQ(ids(*load().train), order);
  options.seed = 43;
  EXPECT_NE(ids(*load().train), order);
}

TEST_F(LoadSplits, HasOnlyTheSplitsThatAreAskedFor) {
  options.train = file("train", lines(10));
  const Splits splits = load();
  EXPECT_EQ(splits.validation, nullptr);
  EXPECT_EQ(splits.test, nullptr);
  EXPECT_EQ(splits.reports.size(), 1u);
  EXPECT_EQ(splits.labels, (Names{"no", "yes"}));
}

TEST_F(LoadSplits, TakesAShareOfAllTrainRowsBeforeTheLimit) {
  options.train = file("train", lines(100));
  options.validation = 0.1;
  const Splits whole = load();
  EXPECT_EQ(whole.train->size(), 90u);
  EXPECT_EQ(whole.validation->size(), 10u);
  Names all = ids(*whole.train);
  for (const std::string& id : ids(*whole.validation)) all.push_back(id);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 100u);

  options.limit.train = 20;
  const Splits limited = load();
  EXPECT_EQ(ids(*limited.validation), ids(*whole.validation));
  const Names first = ids(*whole.train);
  EXPECT_EQ(ids(*limited.train), Names(first.begin(), first.begin() + 20));
  EXPECT_EQ(limited.reports[0].rows_read, 100);
  EXPECT_EQ(limited.reports[0].rows_used, 20);
  EXPECT_EQ(limited.reports[1].split, "validation");
  EXPECT_EQ(limited.reports[1].rows_used, 10);
}

TEST_F(LoadSplits, TakesAShareForTestToo) {
  options.train = file("train", lines(100));
  options.validation = 0.1;
  const Names validation = ids(*load().validation);
  options.test = 0.25;
  const Splits splits = load();
  EXPECT_EQ(splits.train->size(), 65u);
  EXPECT_EQ(splits.test->size(), 25u);
  EXPECT_EQ(ids(*splits.validation), validation);
  Names all = ids(*splits.train);
  for (const Split* other : {splits.validation.get(), splits.test.get()}) {
    for (const std::string& id : ids(*other)) all.push_back(id);
  }
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 100u);
  EXPECT_EQ(splits.reports[2].split, "test");
  EXPECT_EQ(splits.reports[2].notes, Names{"a share of 0.25 of the train rows"});

  options.test = 0.9;
  EXPECT_EQ(problems(), at("train") + "holds 100 rows, of which a share of 0.9 for test would leave none to train on");
}

TEST_F(LoadSplits, LimitsEachSplitFromTheSameOrder) {
  options.train = file("train", lines(50));
  options.validation = file("validation", lines(50));
  options.test = file("test", lines(50));
  options.limit = {10, 5, 1000};
  const Splits splits = load();
  EXPECT_EQ(splits.train->size(), 10u);
  EXPECT_EQ(splits.validation->size(), 5u);
  EXPECT_EQ(splits.test->size(), 50u);
  EXPECT_EQ(splits.reports[2].split, "test");
  EXPECT_EQ(splits.reports[2].notes, Names{"a note"});
}

TEST_F(LoadSplits, AShareMustLeaveRowsOnBothSides) {
  options.train = file("train", lines(2));
  options.validation = 0.01;
  EXPECT_EQ(load().validation->size(), 1u);
  options.validation = 0.9;
  EXPECT_EQ(problems(), at("train") + "holds 2 rows, of which a share of 0.9 for validation would leave none to train on");
}

TEST_F(LoadSplits, NamesTheFirstTwentyBadRowsAndCountsAll) {
  std::string text = lines(3);
  for (int i = 0; i < 25; ++i) text += "bad\n";
  options.train = file("train", text);
  options.test = file("test", "yes\nbad\n");
  std::string expected;
  for (int line = 4; line < 24; ++line) expected += at("train", line) + "is bad\n";
  const std::string remedy = "\n    to leave out rows that cannot be read and count them: dataset.on_bad_row = \"drop\"";
  expected += at("train") + "25 rows of train cannot be read, the first 20 are named above" + remedy + "\n";
  expected += at("test", 2) + "is bad\n" + at("test") + "1 row of test cannot be read" + remedy;
  EXPECT_EQ(problems(), expected);
}

TEST_F(LoadSplits, DropsAndCountsBadRowsWhenAskedTo) {
  options.train = file("train", "yes\nbad\nno\nbad\n");
  options.on_bad_row = "drop";
  const Splits splits = load();
  EXPECT_EQ(splits.train->size(), 2u);
  EXPECT_EQ(splits.reports[0].rows_dropped, 2);
  EXPECT_EQ(splits.reports[0].dropped[1].place.line, 4);
}

TEST_F(LoadSplits, TellsOfAllMissingAndEmptyFilesAtOnce) {
  options.train = folder / "none";
  options.validation = file("validation", "");
  options.test = file("test", "bad\n");
  options.on_bad_row = "drop";
  EXPECT_EQ(problems(), at("none") + "there is no such file, named by dataset.train\n" + at("validation") + "holds no rows\n" + at("test") +
                            "holds no row that can be read; 1 row cannot");
}

TEST_F(LoadSplits, ALabelOnlyInTestOrValidationIsAnErrorWithItsFirstLine) {
  options.train = file("train", lines(10));
  options.validation = file("validation", "maybe\nyes\n");
  options.test = file("test", "yes\nyess\nno\nyess\n");
  EXPECT_EQ(problems(), at("validation", 1) + "label \"maybe\" (1 row of validation) is not in train\n    train has \"no\", \"yes\"\n" + at("test", 2) +
                            "label \"yess\" (2 rows of test) is not in train\n    did you mean \"yes\"? train has \"no\", \"yes\"");
}

TEST_F(LoadSplits, LabelsDoNotChangeWithTheLimit) {
  options.train = file("train", lines(100) + "rare\n");
  options.limit.train = 3;
  const Splits splits = load();
  EXPECT_EQ(splits.labels, (Names{"no", "rare", "yes"}));
  const Names& notes = splits.reports[0].notes;
  EXPECT_EQ(std::count(notes.begin(), notes.end(), "no row that is used has the label \"rare\""), 1);
}

TEST_F(LoadSplits, NumberedLabelsAreInTheOrderOfTheirNumbers) {
  options.train = file("train", "10\n9\n2\n");
  EXPECT_EQ(load().labels, (Names{"2", "9", "10"}));
}

TEST_F(LoadSplits, SplitsOutliveEverythingElse) {
  options.train = file("train", lines(4));
  std::shared_ptr<const Split> train = load().train;
  EXPECT_EQ(ids(*train).size(), 4u);
  EXPECT_GT(train->line(0), 0);
}

}  // namespace
}  // namespace temper::data
