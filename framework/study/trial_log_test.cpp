// A trial's events over a kill: kept until it is known whether a snapshot is gone on from.
#include "study/trial_log.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace temper::study {
namespace {

class TrialLogs : public ::testing::Test {
 protected:
  TrialLogs() {
    trial_.number = 3;
    trial_.strategy = "supervised";
    TrialLog log(file_, trial_, false);
    log.append(record::Note{"the head is new"});
    log.append(record::PhaseStarted{0, "supervised", 0, 9});
    log.append(record::StepRow{.step = 1});
    offset_ = log.offset();
    log.append(record::StepRow{.step = 2});
  }

  // "started note phase step1 step2".
  std::string events() const {
    std::string text;
    for (const record::Event& event : record::read_events(file_)) {
      if (std::holds_alternative<record::TrialStarted>(event)) text += " started";
      if (std::holds_alternative<record::Note>(event)) text += " note";
      if (std::holds_alternative<record::PhaseStarted>(event)) text += " phase";
      if (const auto* row = std::get_if<record::StepRow>(&event)) text += " step" + std::to_string(row->step);
    }
    return text.empty() ? text : text.substr(1);
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "events.jsonl";
  Trial trial_;
  std::int64_t offset_ = 0;
};

TEST_F(TrialLogs, NotesBeforeASnapshotIsFoundLeaveTheRowsBeforeItAlone) {
  ASSERT_EQ(events(), "started note phase step1 step2");
  TrialLog log(file_, trial_, true);
  log.append(record::Note{"the head is new"});
  EXPECT_EQ(events(), "started note phase step1 step2");
  ASSERT_TRUE(log.reaches(offset_));
  log.go_on_from(offset_);
  log.append(record::StepRow{.step = 2});
  log.append(record::StepRow{.step = 3});
  EXPECT_EQ(events(), "started note phase step1 step2 step3");
}

TEST_F(TrialLogs, NotesAreToldWhereNoSnapshotIsGoneOnFrom) {
  TrialLog log(file_, trial_, true);
  log.append(record::Note{"the head is new"});
  log.append(record::Warning{"two items were cut"});
  log.append(record::PhaseStarted{0, "supervised", 0, 9});
  EXPECT_EQ(events(), "started note phase");
}

TEST_F(TrialLogs, NoticesThatTheFileLostItsEnd) {
  std::filesystem::resize_file(file_, static_cast<std::uintmax_t>(offset_ - 1));
  EXPECT_FALSE(TrialLog(file_, trial_, true).reaches(offset_));
  std::filesystem::remove(file_);
  EXPECT_FALSE(TrialLog(file_, trial_, true).reaches(offset_));
}

}  // namespace
}  // namespace temper::study
