// The events of a running trial.
#include "study/trial_log.h"

#include <fstream>
#include <utility>
#include <variant>

namespace temper::study {

void TrialLog::append(const record::Event& event) {
  const bool is_remark = std::holds_alternative<record::Note>(event) || std::holds_alternative<record::Warning>(event);
  if (may_resume_ && !log_ && is_remark) held_back_.push_back(event);
  else log().append(event);
}

void TrialLog::go_on_from(std::int64_t offset) {
  log_.reset();
  held_back_.clear();
  resume_at_ = offset;  // opened, and cut, with the next row: of several snapshots the last one counts
}

bool TrialLog::reaches(std::int64_t offset) const {
  std::ifstream file(file_, std::ios::binary);
  return offset > 0 && file.seekg(offset - 1) && file.get() == '\n';
}

record::EventLog& TrialLog::log() {
  if (log_) return *log_;
  if (resume_at_) {
    log_ = record::EventLog::resume(file_, *resume_at_);
    resume_at_.reset();
  } else {
    log_ = record::EventLog::create(file_);
    log_->append(record::TrialStarted{trial_.number, trial_.strategy, trial_.seed.value_or(0), trial_.identity});
  }
  for (const record::Event& event : std::exchange(held_back_, {})) log_->append(event);
  return *log_;
}

}  // namespace temper::study
