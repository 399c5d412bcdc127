// Splits: shuffle, share, limit, labels, and everything that can be wrong with them at once.
#include "data/load_splits.h"

#include <gmock/gmock.h>
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
      if (label == "bad" || label == "latin") {
        report.bad_row(line, label == "bad" ? "is bad" : "is not UTF-8 at its byte 4");
        continue;
      }
      Item item;
      item.id = source.split + ":" + std::to_string(line);
      item.fields.set("text", std::to_string(line));
      item.fields.set("document", std::to_string((line - 1) / 4));
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

TEST_F(LoadSplits, TellsHowToConvertAFileOfAnotherEncoding) {
  options.train = file("train", "yes\nlatin\n");
  EXPECT_EQ(problems(), at("train", 2) + "is not UTF-8 at its byte 4\n" + at("train") +
                            "1 row of train cannot be read\n    to convert a file of another encoding: iconv -f WINDOWS-1252 -t UTF-8; to leave out rows that cannot be read and count them: dataset.on_bad_row = \"drop\"");
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
  EXPECT_EQ(problems(), at("none") + "there is no such file, named by dataset.train\n" + at("validation") + "holds no rows\n" + at("test", 1) + "is bad\n" + at("test") +
                            "holds no row that can be read; 1 row cannot");
}

TEST_F(LoadSplits, ALabelOnlyInTestOrValidationIsAnErrorWithItsFirstLine) {
  const std::string drop = "; to leave such rows out and count them: dataset.on_bad_row = \"drop\"";
  options.train = file("train", lines(10));
  options.validation = file("validation", "maybe\nyes\n");
  options.test = file("test", "yes\nyess\nno\nyess\n");
  EXPECT_EQ(problems(), at("validation", 1) + "label \"maybe\" (1 row of validation) is not in train\n    train has \"no\", \"yes\"" + drop + "\n" + at("test", 2) +
                            "label \"yess\" (2 rows of test) is not in train\n    did you mean \"yes\"? train has \"no\", \"yes\"" + drop);
}

TEST_F(LoadSplits, RowsWithALabelThatTrainLacksAreDroppedAndCountedAsOtherBadRows) {
  options.train = file("train", lines(10));
  options.validation = file("validation", "maybe\nyes\nbad\n");
  options.test = file("test", "yes\nyess\nno\nyess\n");
  options.on_bad_row = "drop";
  const Splits splits = load();
  EXPECT_EQ(splits.validation->size(), 1u);
  EXPECT_EQ(splits.reports[1].rows_read, 1);
  EXPECT_EQ(splits.reports[1].rows_dropped, 2);
  EXPECT_EQ(std::set<std::string>({splits.test->item(0).id, splits.test->item(1).id}), (std::set<std::string>{"test:1", "test:3"}));
  EXPECT_EQ(splits.reports[2].rows_dropped, 2);
  EXPECT_EQ(describe(splits.reports[2].dropped.at(0)), at("test", 2) + "label \"yess\" is not in train");
  EXPECT_EQ(describe(splits.reports[2].dropped.at(1)), at("test", 4) + "label \"yess\" is not in train");
  options.test = file("test", "yess\nnoo\n");
  EXPECT_EQ(problems(), at("test", 1) + "no row of test has labels that train has, the first has \"yess\"");
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

TEST_F(LoadSplits, AGroupIsNeverInTwoSplits) {
  options.train = file("train", lines(100));
  options.validation = 0.2;
  options.test = 0.2;
  options.group = "document";
  const Splits splits = load();
  EXPECT_EQ(splits.train->size() + splits.validation->size() + splits.test->size(), 100u);
  EXPECT_EQ(splits.validation->size(), 20u);
  std::map<std::string, std::set<std::string>> splits_of_group;
  for (const auto& [name, split] : std::map<std::string, const Split*>{{"train", splits.train.get()}, {"validation", splits.validation.get()}, {"test", splits.test.get()}})
    for (std::size_t row = 0; row < split->size(); ++row) splits_of_group[*split->item(row).fields.text("document")].insert(name);
  EXPECT_EQ(splits_of_group.size(), 25u);
  for (const auto& [group, names] : splits_of_group) EXPECT_EQ(names.size(), 1u) << group;
  EXPECT_EQ(splits.reports[1].notes, Names{"a share of 0.2 of the train rows, whole groups of \"document\""});

  options.group = "documnt";
  EXPECT_EQ(problems(), at("train", 1) + "there is no text in the column \"documnt\", which dataset.group names\n    did you mean \"document\"?");
  options.group = "document";
  options.train = file("train", "yes\nno\n");
  options.validation = 0.5;
  options.test.reset();
  EXPECT_EQ(problems(), at("train") + "no share of it can be taken for validation: one group of \"document\" holds all rows");
}

TEST_F(LoadSplits, AStratifiedShareHasEachLabelInItsShare) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += i % 10 == 0 ? "rare\n" : "common\n";
  options.train = file("train", text);
  options.validation = 0.2;
  options.stratify = true;
  for (options.seed = 0; options.seed < 5; ++options.seed) {
    const Splits splits = load();
    EXPECT_EQ(splits.reports[0].label_counts, (std::vector<std::int64_t>{72, 8}));
    EXPECT_EQ(splits.reports[1].label_counts, (std::vector<std::int64_t>{18, 2}));
  }
  EXPECT_EQ(message_of([&] { load_splits(Lines(), options, Task::kRegression); }), "dataset.stratify needs labels, and the task regression has none");
}

TEST_F(LoadSplits, EachFoldIsValidationOnceAndTestIsTheSameForAll) {
  options.train = file("train", lines(50));
  options.test = 0.2;
  options.folds = 4;
  std::multiset<std::string> validated;
  Names test;
  for (options.fold = 1; *options.fold <= 4; ++*options.fold) {
    const Splits splits = load();
    EXPECT_EQ(splits.train->size(), 30u);
    EXPECT_EQ(splits.validation->size(), 10u);
    for (const std::string& id : ids(*splits.validation)) validated.insert(id);
    for (const std::string& id : ids(*splits.train)) EXPECT_EQ(std::count(test.begin(), test.end(), id), 0);
    if (*options.fold == 1) test = ids(*splits.test);
    EXPECT_EQ(ids(*splits.test), test);
    EXPECT_EQ(splits.reports[1].notes, Names{"fold " + std::to_string(*options.fold) + " of 4 of the train rows"});
  }
  EXPECT_EQ(validated.size(), 40u);
  EXPECT_EQ(std::set<std::string>(validated.begin(), validated.end()).size(), 40u);
}

TEST_F(LoadSplits, EachFoldIsTestedOnceWhereFoldsAreForTesting) {
  options.train = file("train", lines(50));
  options.validation = 0.2;  // of all rows, out of those that the fold leaves
  options.folds = 5;
  options.fold_is = "test";
  std::multiset<std::string> tested;
  for (options.fold = 1; *options.fold <= 5; ++*options.fold) {
    const Splits splits = load();
    EXPECT_EQ(splits.train->size(), 30u);
    EXPECT_EQ(splits.validation->size(), 10u);
    std::multiset<std::string> all;
    for (const Split* split : {splits.train.get(), splits.validation.get(), splits.test.get()})
      for (const std::string& id : ids(*split)) all.insert(id);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 50u) << "a row is in two splits";
    for (const std::string& id : ids(*splits.test)) tested.insert(id);
    EXPECT_EQ(splits.reports[2].split, "test");
    EXPECT_EQ(splits.reports[2].notes, Names{"fold " + std::to_string(*options.fold) + " of 5 of the train rows"});
  }
  EXPECT_EQ(tested.size(), 50u);
  EXPECT_EQ(std::set<std::string>(tested.begin(), tested.end()).size(), 50u);
  options.fold = 1;
  options.validation.reset();
  EXPECT_EQ(load().validation, nullptr);
  options.test = 0.2;
  EXPECT_EQ(problems(), "dataset.folds takes test out of the train rows, and dataset.test is given too\n    leave out one of them");
  options.folds.reset();
  options.fold.reset();
  EXPECT_EQ(problems(), "dataset.fold_is is given without dataset.folds");
}

TEST_F(LoadSplits, FoldsThatCannotBeMadeAreTold) {
  options.train = file("train", lines(6));
  options.folds = 2;
  EXPECT_EQ(problems(), "dataset.folds is given, and dataset.fold does not say which one is validation");
  options.fold = 3;
  EXPECT_EQ(problems(), "dataset.fold is 3, dataset.folds 2");
  options.fold = 1;
  options.validation = 0.5;
  EXPECT_EQ(problems(), "dataset.folds takes validation out of the train rows, and dataset.validation is given too\n    leave out one of them");
  options.validation.reset();
  options.group = "document";
  EXPECT_EQ(load().validation->size(), 4u);
  options.folds = 3;
  EXPECT_EQ(problems(), at("train") + "holds 6 rows in too few groups of \"document\" for 3 folds");
  options.folds.reset();
  EXPECT_EQ(problems(), "dataset.fold is given without dataset.folds");
}

TEST_F(LoadSplits, CountsLabelsOfWhatIsUsed) {
  options.train = file("train", lines(10) + "rare\n");
  options.limit.train = 11;
  options.test = file("test", "yes\nyes\n");
  const Splits splits = load();
  EXPECT_EQ(splits.labels, (Names{"no", "rare", "yes"}));
  EXPECT_EQ(splits.reports[0].label_counts, (std::vector<std::int64_t>{5, 1, 5}));
  EXPECT_EQ(splits.reports[1].label_counts, (std::vector<std::int64_t>{0, 0, 2}));
}

// In these files a row's input is the number of its line.
TEST_F(LoadSplits, TellsOfRowsThatStandInAnotherSplit) {
  options.train = file("train", "yes\nno\nyes\n");
  options.test = file("test", "yes\nyes\n");
  const Splits splits = load();
  EXPECT_EQ(splits.train->size(), 3u);
  const SplitReport& train = splits.reports[0];
  ASSERT_EQ(train.leaks.size(), 1u);
  EXPECT_EQ(train.leaks[0].other, "test");
  EXPECT_EQ(train.leaks[0].exact, 2);
  EXPECT_EQ(train.leaks[0].similar, 0);
  EXPECT_EQ(train.leaks[0].answered_otherwise, 1);
  EXPECT_FALSE(train.leaks[0].is_dropped);
  EXPECT_THAT(train.notes.back(), ::testing::HasSubstr("2 rows of train stand in test too (2 to the letter, 0 but for case, punctuation and blanks; 1 with another answer): lines "));
  EXPECT_THAT(train.notes.back(), ::testing::HasSubstr("2 = test:2"));
  EXPECT_TRUE(splits.reports[1].leaks.empty());
}
TEST_F(LoadSplits, LeavesThemOutOfTheEarlierSplitBeforeItsLimit) {
  options.train = file("train", lines(6));
  options.validation = file("validation", lines(2));
  options.test = file("test", "yes\n");
  options.leakage = "drop";
  options.limit.train = 3;
  const Splits splits = load();
  EXPECT_EQ(splits.train->size(), 3u);
  for (const std::string& id : ids(*splits.train)) EXPECT_TRUE(id != "train:1" && id != "train:2") << id;
  EXPECT_EQ(ids(*splits.validation), (Names{"validation:2"}));
  EXPECT_EQ(ids(*splits.test), (Names{"test:1"}));
  EXPECT_TRUE(splits.reports[0].leaks.at(0).is_dropped);
}
TEST_F(LoadSplits, ALeakEndsTheStudyWhereAskedTo) {
  options.train = file("train", lines(6));
  options.test = file("test", "yes\n");
  options.leakage = "fail";
  EXPECT_EQ(problems(), at("train") + "1 row of train stands in test too (1 to the letter, 0 but for case, punctuation and blanks): line 1 = test:1\n    to leave them out of train: dataset.leakage = \"drop\"");
  options.leakage = "drop";
  options.train = file("train", "yes\n");
  EXPECT_THAT(problems(), ::testing::HasSubstr("dataset.leakage leaves no row of train"));
}

TEST_F(LoadSplits, SplitsOutliveEverythingElse) {
  options.train = file("train", lines(4));
  std::shared_ptr<const Split> train = load().train;
  EXPECT_EQ(ids(*train).size(), 4u);
  EXPECT_GT(train->line(0), 0);
}

}  // namespace
}  // namespace temper::data
