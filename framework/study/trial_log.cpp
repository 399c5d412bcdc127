// The events of a running trial.
#include "study/trial_log.h"

namespace temper::study {

void TrialLog::go_on_from(std::int64_t offset) {
  log_.reset();
  resume_at_ = offset;  // opened, and cut, with the next row: of several snapshots the last one counts
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
  return *log_;
}

}  // namespace temper::study
