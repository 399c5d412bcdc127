// See study.h.
#include "study/study.h"

#include "data/atomic_file.h"
#include "data/content_hash.h"

#include <algorithm>

namespace temper::study {

namespace {

constexpr std::uintmax_t kLargestFile = 16 << 20;  // bytes of an experiment file

// An axis that no strategy reads multiplies nothing, which may not be what was meant.
void note_unread_axes(Experiment& experiment, const std::vector<Trial>& trials) {
  for (const Axis& axis : experiment.sweep) {
    const bool is_read = std::any_of(trials.begin(), trials.end(), [&](const Trial& trial) {
      return std::any_of(trial.swept.begin(), trial.swept.end(), [&](const std::string& path) { return path == axis.path || path.starts_with(axis.path + '.'); });
    });
    if (!is_read) experiment.notes.push_back({axis.values.front().place, "no strategy reads the axis " + axis.path, {}});
  }
}

}  // namespace

Study read_study(const std::filesystem::path& file, const std::vector<std::string>& sets, const Surroundings& surroundings) {
  Study study;
  study.given = data::read_file(file, kLargestFile);
  study.experiment = read_experiment(study.given, file, sets, surroundings);
  const auto content_hash = surroundings.content_hash ? surroundings.content_hash : data::content_hash;
  const Surroundings noting{surroundings.schemas, [&](const std::filesystem::path& path) { return study.inputs[path.string()] = content_hash(path); }, surroundings.variable};
  study.trials = expand(study.experiment, noting);
  note_unread_axes(study.experiment, study.trials);
  return study;
}

}  // namespace temper::study
