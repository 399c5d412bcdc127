// See hand_over.h.
#include "study/hand_over.h"

#include <variant>

#include "record/event_log.h"

namespace temper::study {

namespace fs = std::filesystem;

std::int64_t hand_over_events(const fs::path& events, const Heir& heir, const HandedSteps& steps) {
  record::EventLog log = record::EventLog::create(heir.folder / "events.jsonl");
  for (record::Event event : record::read_events(events)) {
    if (auto* started = std::get_if<record::TrialStarted>(&event)) {
      *started = {heir.trial.number, heir.trial.strategy, heir.trial.seed.value_or(0), heir.trial.identity};
    } else if (auto* phase = std::get_if<record::PhaseStarted>(&event)) {
      phase->steps = steps.total;
    } else if (const auto* row = std::get_if<record::StepRow>(&event)) {
      // The last step of a training is always logged; here it may be one between two rows.
      if (row->step == steps.last && row->step % steps.logging_steps != 0) continue;
    }
    log.append(event);
  }
  log.sync();
  return log.offset();
}

bool awaits_steps(const Heir& heir) {
  const fs::path snapshots = heir.folder / "snapshot";
  return !fs::exists(heir.folder / "trial.h5") && (!fs::exists(snapshots) || fs::is_empty(snapshots));
}

}  // namespace temper::study
