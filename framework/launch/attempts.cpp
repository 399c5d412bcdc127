// See attempts.h.
#include "launch/attempts.h"

namespace temper::launch {

std::optional<std::string> Attempts::again(const Ended& ended, std::int64_t retries) {
  if (!ended.died) return std::nullopt;
  Counts& counts = counts_[ended.trial.number];
  const std::string trial = "trial " + std::to_string(ended.trial.number) + " (" + study::describe(ended.trial) + ")";
  const std::string how = ended.error.substr(0, ended.error.find('\n'));
  const std::string what = how.substr(0, how.find("; the last lines"));
  if (ended.may_fit_alone) {
    ++counts.attempts;
    return trial + " begins again in a worker of its own: " + what + ", and other trials had run in it before";
  }
  if (ended.used_too_much || counts.retries >= retries) return std::nullopt;
  ++counts.attempts;
  ++counts.retries;
  return trial + " is tried again (" + std::to_string(counts.retries) + " of " + std::to_string(retries) + "): " + what;
}

std::int64_t Attempts::next(std::int64_t trial) const {
  const auto counts = counts_.find(trial);
  return counts == counts_.end() ? 1 : counts->second.attempts;
}

}  // namespace temper::launch
