// Writes study.h5, and decides when.
#include "record/study_file.h"

#include <ctime>

#include <temper/error.h>

#include "record/event_log.h"
#include "record/hdf5_library.h"
#include "record/layout.h"
#include "record/summary.h"

namespace temper::record {

namespace {

void write_without_file(Hdf5Group& trials, const StudyTrial& trial, const std::string& status, const std::string& error) {
  TrialRecord record;
  record.status = status;
  record.strategy = trial.strategy;
  record.seed = trial.seed;
  record.error = error;
  record.from_trial = trial.from_trial;
  record.identity = trial.identity;
  record.parameters = trial.parameters;
  record.swept = trial.swept;
  add_curves(record, trial.events);
  Hdf5Group group = trials.create_group(trial_name(trial.number));
  write_trial(group, record);
}

void write_trial_group(Hdf5Group& trials, const StudyTrial& trial) {
  const std::string name = trial_name(trial.number);
  if (trial.file.empty()) {
    write_without_file(trials, trial, trial.status, trial.error);
    return;
  }
  try {
    const Hdf5File file = Hdf5File::open(trial.file);
    const Hdf5Group source = file.group(kTrialGroup);
    for (const char* wanted : {"status", "strategy", "error"}) source.string_attribute(wanted);
    source.integer_attribute("seed");
    source.float_attribute("objective");
    trials.copy_from(file, kTrialGroup, name);
  } catch (const Error& error) {
    if (trials.has(name)) trials.remove(name);
    write_without_file(trials, trial, kFailed, std::string("its record cannot be read: ") + error.what());
  }
}

}  // namespace

void write_study(const std::filesystem::path& file, const StudyHeader& header, const std::vector<StudyTrial>& trials,
                 const std::function<void(Hdf5Group& study)>& compare) {
  write_hdf5(file, [&](Hdf5Group& root) {
    root.set_attribute("format", std::string(kStudyFormat));
    root.set_attribute("format_version", kFormatVersion);
    root.set_attribute("name", header.name);
    root.set_attribute("created", header.created);
    root.set_attribute("finished", header.finished);
    root.set_attribute("temper_version", header.temper_version);
    root.set_attribute("torch_version", header.torch_version);
    root.set_attribute("git_commit", header.git_commit);
    root.set_attribute("host", header.host);
    root.set_attribute("device", header.device);
    root.set_attribute("instruction_set", header.instruction_set);
    root.set_attribute("NX_class", std::string("NXroot"));
    root.set_attribute("default", std::string("summary"));
    root.write_text("experiment", header.experiment, {"the experiment with every default, TOML", ""});
    Hdf5Group group = root.create_group("trials");
    for (const StudyTrial& trial : trials) {
      write_trial_group(group, trial);
      if (!trial.in_file) group.set_attribute(kInFile, false, trial_name(trial.number));
    }
    write_summary(root, header, trials);
    if (compare) compare(root);
  });
  give_memory_back();
}

std::string now_iso8601() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

bool WritePolicy::due(std::int64_t ended_trials, Time now) const {
  if (!ever_) return true;
  const std::int64_t grown = ended_trials - trials_;
  if (grown <= 0 || now - last_ < 9 * took_) return false;
  return grown * 20 >= trials_ || now - last_ >= std::chrono::seconds(30);
}

void WritePolicy::written(std::int64_t ended_trials, Time begun, Time now) {
  ever_ = true;
  trials_ = ended_trials;
  last_ = now;
  took_ = now - begun;
}

}  // namespace temper::record
