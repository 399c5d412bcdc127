// A trial's file gives back the record, laid out as results/README.md says.
#include "record/trial_record.h"

#include <gtest/gtest.h>

#include <temper/error.h>

#include "evaluation/item_statistics.h"
#include "record/compare_studies.h"
#include "support/example_records.h"
#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::example_trial;
using temper::testing::example_untrained;
using temper::testing::TemporaryFolder;

TEST(TrialRecord, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  write_trial(folder / "trial.h5", example_trial());
  const TrialRecord trial = read_trial(folder / "trial.h5");
  EXPECT_EQ(trial.status, "complete");
  EXPECT_EQ(trial.strategy, "lora");
  EXPECT_EQ(trial.seed, 7);
  EXPECT_EQ(trial.objective, 0.625);
  EXPECT_EQ(trial.swept, (std::vector<std::string>{"training.learning_rate"}));
  EXPECT_EQ(trial.training->tokens, (std::vector<std::int64_t>{100, 190, 300}));
  EXPECT_EQ(trial.training->phases, (std::vector<std::string>{"domain-adaptive", "supervised"}));
  ASSERT_NE(trial.evaluation->find("validation_loss"), nullptr);
  EXPECT_EQ(trial.evaluation->find("validation_loss")->values, (std::vector<double>{1.25, 0.9, 0.625}));
  EXPECT_EQ(trial.evaluation->find("forgetting_loss"), nullptr);
  EXPECT_EQ(trial.test->metrics.at(0).standard_error, 0.0137);
  EXPECT_EQ(trial.test->predictions.used_ids, example_trial().test->predictions.used_ids);
  EXPECT_EQ(trial.test->predictions.dropped_ids, example_trial().test->predictions.dropped_ids);
  EXPECT_EQ(trial.test->predictions.written.text, example_trial().test->predictions.written.text);
  EXPECT_EQ(trial.test->predictions.written.finish, (std::vector<std::string>{"stop_token", "length"}));
  EXPECT_EQ(trial.test->predictions.written.prompt_tokens, (std::vector<std::int64_t>{12, 40}));
  EXPECT_EQ(trial.test->predictions.written.tokens, (std::vector<std::int64_t>{1, 64}));
  EXPECT_EQ(trial.test->labels, (std::vector<std::string>{"negative", "positive"}));
  EXPECT_EQ(trial.test->statistics.at(0).rows, (std::vector<double>{1, 1, 0, 1}));
  EXPECT_EQ(trial.test->statistics.at(0).row_of_item, (std::vector<std::int64_t>{0, 1}));
  EXPECT_TRUE(trial.test->statistics.at(0).additive);
  EXPECT_FALSE(trial.test->statistics.at(1).additive);
  EXPECT_EQ(trial.test->statistics.at(1).signatures, example_trial().test->statistics.at(1).signatures);
  EXPECT_EQ(trial.diagnosis->best_step, 3);
  EXPECT_EQ(trial.cost->shared_with, (std::vector<std::string>{"0002"}));
  EXPECT_EQ(trial.data->split, (std::vector<std::string>{"train", "test"}));
  EXPECT_EQ(trial.data->rows_read, (std::vector<std::int64_t>{1200, 300}));
  EXPECT_EQ(trial.data->rows_dropped, (std::vector<std::int64_t>{3, 0}));
  EXPECT_EQ(trial.data->rows_used, (std::vector<std::int64_t>{1000, 300}));
  EXPECT_EQ(trial.data->rows_truncated, (std::vector<std::int64_t>{17, 0}));
  EXPECT_EQ(trial.data->notes, (std::vector<std::string>{"1 empty text\na note", ""}));
}

TEST(TrialRecord, KeepsTheStatisticsOfEachItem) {
  evaluation::ItemStatistics statistics(2);
  for (const std::vector<double>& row : {std::vector<double>{1, 1}, {0, 1}, {1, 1}}) statistics.add(row);
  const StatisticsRecord record = statistics_record("accuracy", statistics);
  EXPECT_EQ(record.rows, (std::vector<double>{1, 1, 0, 1}));
  EXPECT_EQ(record.row_of_item, (std::vector<std::int64_t>{0, 1, 0}));
  EXPECT_EQ(item_statistics(record).sum(), (std::vector<double>{2, 3}));
  StatisticsRecord damaged = record;
  damaged.row_of_item[1] = 2;
  EXPECT_THROW(item_statistics(damaged), Error);
}

TEST(TrialRecord, IsTheSameFileWhenWrittenFromWhatWasRead) {
  const TemporaryFolder folder;
  for (const TrialRecord& record : {example_trial(), example_untrained()}) {
    write_trial(folder / "a.h5", record);
    write_trial(folder / "b.h5", read_trial(folder / "a.h5"));
    EXPECT_EQ(compare_groups(Hdf5File::open(folder / "a.h5"), Hdf5File::open(folder / "b.h5")), std::vector<std::string>{});
  }
}

TEST(TrialRecord, KeepsTheTypesOfOptions) {
  const TemporaryFolder folder;
  TrialRecord record = example_untrained();
  record.parameters = {{"whole", 3},      {"real", 3.0},
                       {"yes", true},     {"word", "3"},
                       {"words", Value::Array{"a", "b"}},
                       {"sizes", Value::Array{1, 2}},
                       {"shares", Value::Array{1, 0.5}},
                       {"mixed", Value::Array{1, "b"}},
                       {"table", Value::Table{{"k", 1}}},
                       {"empty", Value::Array{}},
                       {"unset", Value()}};
  write_trial(folder / "trial.h5", record);
  const Hdf5Group parameters = Hdf5File::open(folder / "trial.h5").group("trial/parameters");
  EXPECT_EQ(parameters.attribute("whole"), Hdf5Attribute(std::int64_t{3}));
  EXPECT_EQ(parameters.attribute("real"), Hdf5Attribute(3.0));
  EXPECT_EQ(parameters.attribute("yes"), Hdf5Attribute(true));
  EXPECT_EQ(parameters.attribute("word"), Hdf5Attribute(std::string("3")));
  EXPECT_EQ(parameters.attribute("words"), Hdf5Attribute(std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parameters.attribute("sizes"), Hdf5Attribute(std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(parameters.attribute("shares"), Hdf5Attribute(std::vector<double>{1, 0.5}));
  EXPECT_EQ(parameters.attribute("mixed"), Hdf5Attribute(std::string("[1, \"b\"]")));
  EXPECT_EQ(parameters.attribute("table"), Hdf5Attribute(std::string("{\"k\": 1}")));
  EXPECT_EQ(parameters.attribute("empty"), Hdf5Attribute(std::vector<std::string>{}));
  EXPECT_EQ(parameters.attribute("unset"), std::nullopt);
}

TEST(TrialRecord, HasNoGroupForWhatDoesNotApply) {
  const TemporaryFolder folder;
  write_trial(folder / "trial.h5", example_untrained());
  const Hdf5Group trial = Hdf5File::open(folder / "trial.h5").group("trial");
  EXPECT_EQ(trial.names(), (std::vector<std::string>{"cost", "diagnosis", "parameters", "test"}));
  EXPECT_EQ(trial.group("test/predictions").names(), (std::vector<std::string>{"id", "prediction", "reference"}));
}

TEST(TrialRecord, LabelsEveryDataset) {
  const TemporaryFolder folder;
  write_trial(folder / "trial.h5", example_trial());
  const Hdf5Group trial = Hdf5File::open(folder / "trial.h5").group("trial");
  for (const char* name : {"training", "evaluation", "test/predictions"}) {
    const Hdf5Group group = trial.group(name);
    for (const std::string& dataset : group.names()) {
      const auto label = group.attribute("long_name", dataset);
      ASSERT_TRUE(label) << name << "/" << dataset;
      EXPECT_FALSE(std::get<std::string>(*label).empty()) << name << "/" << dataset;
    }
  }
  EXPECT_EQ(trial.attribute("units", "training/seconds"), Hdf5Attribute(std::string("s")));
  EXPECT_EQ(trial.attribute("units", "evaluation/validation_loss"), Hdf5Attribute(std::string("nat")));
  EXPECT_EQ(trial.attribute("signal", "training"), Hdf5Attribute(std::string("loss")));
  EXPECT_EQ(trial.attribute("axes", "training"), Hdf5Attribute(std::string("step")));
  EXPECT_EQ(trial.attribute("signal", "evaluation"), Hdf5Attribute(std::string("validation_loss")));
}

TEST(TrialRecord, StoresALabelWithASlash) {
  const TemporaryFolder folder;
  TrialRecord record = example_trial();
  record.evaluation->columns.push_back({"validation_f1_n/a", {0, 0, 1}});
  record.test->metrics.push_back({"f1_n/a", 0.5, 0.1});
  write_trial(folder / "trial.h5", record);
  const Hdf5Group trial = Hdf5File::open(folder / "trial.h5").group("trial");
  EXPECT_TRUE(trial.has("evaluation/validation_f1_n\u2215a"));
  EXPECT_EQ(trial.group("test/metrics").float_attribute("f1_n/a"), 0.5);
}

TEST(TrialRecord, RefusesColumnsOfUnequalLengthAndWritesNothing) {
  const TemporaryFolder folder;
  TrialRecord record = example_trial();
  record.training->loss.pop_back();
  try {
    write_trial(folder / "trial.h5", record);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              (folder / "trial.h5").string() + ": /trial/training: column \"loss\" has 2 rows, the first has 3");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TrialRecord, RefusesAPhaseWithoutAName) {
  const TemporaryFolder folder;
  TrialRecord record = example_trial();
  record.training->phases.pop_back();
  EXPECT_THROW(write_trial(folder / "trial.h5", record), Error);
}

TEST(TrialRecord, RefusesAFileOfANewerFormatAndAnotherKind) {
  const TemporaryFolder folder;
  write_hdf5(folder / "newer.h5", [](Hdf5Group& root) {
    root.set_attribute("format", std::string("temper-trial"));
    root.set_attribute("format_version", std::int64_t{2});
  });
  EXPECT_THROW(read_trial(folder / "newer.h5"), Error);
  write_hdf5(folder / "other.h5", [](Hdf5Group& root) { root.set_attribute("format", std::string("temper-study")); });
  EXPECT_THROW(read_trial(folder / "other.h5"), Error);
}

TEST(TrialRecord, NamesTrialsByFourDigitsAndMoreWhereNeeded) {
  EXPECT_EQ(trial_name(1), "0001");
  EXPECT_EQ(trial_name(12345), "12345");
}

}  // namespace
}  // namespace temper::record
