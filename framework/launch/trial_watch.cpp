// See trial_watch.h.
#include "launch/trial_watch.h"

#include <algorithm>

#include "report/words.h"

namespace temper::launch {

namespace {

std::string time_text(double seconds) { return seconds < 10 ? report::short_number(seconds) + " s" : report::duration(seconds); }

}  // namespace

std::optional<OverLimit> TrialWatch::look(double seconds, std::int64_t resident_bytes, bool gave_sign_of_life) {
  seconds = std::min(seconds, 1.0);
  seconds_ += seconds;
  silent_seconds_ = gave_sign_of_life ? 0 : silent_seconds_ + seconds;
  peak_bytes_ = std::max(peak_bytes_, resident_bytes);
  if (limits_.memory_bytes && resident_bytes > *limits_.memory_bytes)
    return OverLimit{OverLimit::Of::kMemory, "used " + study::bytes_text(resident_bytes) + " of memory, limits.memory allows " + study::bytes_text(*limits_.memory_bytes)};
  if (limits_.seconds && seconds_ > *limits_.seconds) return OverLimit{OverLimit::Of::kTime, "ran for longer than the " + time_text(*limits_.seconds) + " that limits.time allows"};
  if (limits_.silent_seconds && silent_seconds_ > *limits_.silent_seconds)
    return OverLimit{OverLimit::Of::kSilence, "gave no sign of life for longer than the " + time_text(*limits_.silent_seconds) + " that limits.silence allows"};
  return std::nullopt;
}

}  // namespace temper::launch
