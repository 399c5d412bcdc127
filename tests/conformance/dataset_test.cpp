// The suite itself: a good dataset passes, and for each check a faulty one fails exactly that check.
#include <temper/testing/dataset.h>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

namespace temper::testing {
namespace {

struct Row {
  Item item;
  Targets targets;
};

Row make_row(std::string id, std::string text, std::string label) {
  Row row;
  row.item.id = std::move(id);
  row.item.fields.set("text", std::move(text));
  row.targets = {Label{std::move(label)}};
  return row;
}

// What a faulty dataset does differently; empty functions mean: as it should be.
struct Faults {
  std::function<void(std::vector<Row>&)> rows;                       // changes what the split holds
  std::function<void(const Source&, RowReport&)> open;               // runs as a split is opened
  std::function<Item(Item, std::size_t row)> item;                   // changes what is read
  bool split_needs_dataset = false;
  bool ignores_missing_files = false;
  bool needs_targets_always = false;
};

class FaultySplit final : public Split {
 public:
  FaultySplit(std::vector<Row> rows, const Faults& faults, std::weak_ptr<int> dataset) : rows_(std::move(rows)), faults_(faults), dataset_(std::move(dataset)) {}
  std::size_t size() const override { return rows_.size(); }
  Item item(std::size_t row) const override {
    if (faults_.split_needs_dataset && dataset_.expired()) throw Error("the dataset is gone");
    return faults_.item ? faults_.item(rows_.at(row).item, row) : rows_.at(row).item;
  }
  Targets targets(std::size_t row) const override { return rows_.at(row).targets; }

 private:
  std::vector<Row> rows_;
  Faults faults_;
  std::weak_ptr<int> dataset_;
};

class FaultyDataset final : public Dataset {
 public:
  explicit FaultyDataset(Faults faults) : faults_(std::move(faults)) {}
  std::unique_ptr<Split> open(const Source& source, RowReport& report) const override {
    if (source.file.extension() == ".missing" && !faults_.ignores_missing_files) throw Error(source.file.string() + ": there is no such file");
    if (faults_.open) faults_.open(source, report);
    std::vector<Row> rows = {make_row("a", "one", "yes"), make_row("b", "two", "no"), make_row("c", "three", "yes")};
    if (faults_.rows) faults_.rows(rows);
    if (faults_.needs_targets_always && !source.needs_targets) rows.pop_back();
    return std::make_unique<FaultySplit>(std::move(rows), faults_, alive_);
  }

 private:
  Faults faults_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

std::vector<std::string> failed_checks(Faults faults) {
  std::vector<std::string> names;
  for (const Failure& failure : dataset_failures(std::make_unique<FaultyDataset>(std::move(faults)), {"rows", "train", Task::kClassification}))
    names.push_back(failure.check);
  return names;
}

using Checks = std::vector<std::string>;

Faults with_rows(std::function<void(std::vector<Row>&)> change) {
  Faults faults;
  faults.rows = std::move(change);
  return faults;
}

TEST(DatasetSuite, PassesAGoodDataset) { EXPECT_EQ(failed_checks({}), Checks()); }

TEST(DatasetSuite, FindsABadRowOfAGoodSource) {
  Faults faults;
  faults.open = [](const Source&, RowReport& report) { report.bad_row(3, "is bad"); };
  EXPECT_EQ(failed_checks(faults), Checks{"opens"});
}

TEST(DatasetSuite, FindsAnOpenThatThrows) {
  Faults faults;
  faults.open = [](const Source&, RowReport&) { throw std::runtime_error("no"); };
  EXPECT_EQ(failed_checks(faults), Checks{"opens"});
}

TEST(DatasetSuite, FindsASplitWithoutRows) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows.clear(); })), Checks{"has_rows"});
}

TEST(DatasetSuite, FindsARowThatCannotBeRead) {
  Faults faults;
  faults.item = [](Item item, std::size_t row) { return row == 2 ? throw Error("no such row") : item; };
  EXPECT_EQ(failed_checks(faults), Checks{"reads_every_row"});
}

TEST(DatasetSuite, FindsAnIdThatComesTwice) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[2].item.id = "a"; })), Checks{"ids_are_unique"});
}

TEST(DatasetSuite, FindsAnEmptyId) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].item.id.clear(); })), Checks{"ids_are_unique"});
}

TEST(DatasetSuite, FindsAnItemWithoutFields) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].item.fields = {}; })), Checks{"has_fields"});
}

TEST(DatasetSuite, FindsAFieldWithoutAName) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].item.fields.set("", "x"); })), Checks{"has_fields"});
}

TEST(DatasetSuite, FindsBytesThatAreNotUtf8) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].item.fields.set("text", "caf\xE9"); })), Checks{"holds_utf8"});
}

TEST(DatasetSuite, FindsANul) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].item.fields.set("text", std::string("a\0b", 3)); })), Checks{"holds_utf8"});
}

TEST(DatasetSuite, FindsAMissingTarget) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].targets.clear(); })), Checks{"targets_fit_the_task"});
}

TEST(DatasetSuite, FindsATargetOfAnotherKind) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].targets = {Score{1}}; })), Checks{"targets_fit_the_task"});
}

TEST(DatasetSuite, FindsAnEmptyTarget) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) { rows[1].targets = {Label{}}; })), Checks{"targets_fit_the_task"});
}

TEST(DatasetSuite, FindsAFieldThatGivesTheTargetAway) {
  EXPECT_EQ(failed_checks(with_rows([](auto& rows) {
              for (Row& row : rows) row.item.fields.set("sentiment", to_string(row.targets[0]));
            })),
            Checks{"hides_the_targets"});
}

TEST(DatasetSuite, FindsRowsThatChange) {
  Faults faults;
  const auto count = std::make_shared<std::atomic<int>>(0);
  faults.rows = [count](std::vector<Row>& rows) {
    if (++*count == 2) rows[0].item.fields.set("text", "changed");  // in the second open
  };
  EXPECT_EQ(failed_checks(faults), Checks{"reads_the_same_again"});
}

TEST(DatasetSuite, FindsReadsThatAreNotThreadSafe) {
  Faults faults;
  const auto first = std::this_thread::get_id();
  faults.item = [first](Item item, std::size_t) {
    if (std::this_thread::get_id() != first) item.fields.set("text", "torn");
    return item;
  };
  EXPECT_EQ(failed_checks(faults), Checks{"reads_from_many_threads"});
}

TEST(DatasetSuite, FindsRowsLostWhereNoTargetsAreNeeded) {
  Faults faults;
  faults.needs_targets_always = true;
  EXPECT_EQ(failed_checks(faults), Checks{"reads_without_targets"});
}

TEST(DatasetSuite, FindsAMissingFileThatIsOpened) {
  Faults faults;
  faults.ignores_missing_files = true;
  EXPECT_EQ(failed_checks(faults), Checks{"missing_file_is_an_error"});
}

TEST(DatasetSuite, FindsAnErrorThatDoesNotNameTheFile) {
  Faults faults;
  faults.ignores_missing_files = true;
  faults.open = [](const Source& source, RowReport&) {
    if (source.file.extension() == ".missing") throw Error("cannot open it");
  };
  EXPECT_EQ(failed_checks(faults), Checks{"missing_file_is_an_error"});
}

TEST(DatasetSuite, FindsASplitThatNeedsItsDataset) {
  Faults faults;
  faults.split_needs_dataset = true;
  EXPECT_EQ(failed_checks(faults), Checks{"outlives_its_dataset"});
}

}  // namespace
}  // namespace temper::testing
