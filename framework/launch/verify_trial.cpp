// See verify_trial.h.
#include "launch/verify_trial.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <temper/error.h>

#include "launch/check_inputs.h"
#include "launch/plugin_schemas.h"
#include "launch/study_folder.h"
#include "launch/temporary_folder.h"
#include "launch/worker_pool.h"
#include "record/compare_studies.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "study/ledger.h"
#include "study/processor.h"
#include "study/study.h"
#include "study/trial_files.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

constexpr const char* kResolvedFile = "experiment.resolved.toml";

bool has_ended(const record::TrialSummary& trial) { return trial.status == record::kComplete || trial.status == record::kDiverged; }

// Seconds that each trial took, with what it goes on from; and whether it trained.
class Costs {
 public:
  Costs(const record::Hdf5File& file, const record::StudySummary& summary) {
    for (const record::TrialSummary& trial : summary.trials) {
      const record::Hdf5Group group = file.group("trials/" + record::trial_name(trial.number));
      Cost& cost = costs_[trial.number];
      cost.base = trial.from_trial;
      cost.has_trained = group.has("training");
      if (!group.has("cost")) continue;
      const record::Hdf5Group own = group.group("cost");
      for (const char* part : {"train_seconds", "prepare_seconds", "predict_seconds"}) cost.seconds += own.float_attribute(part);
    }
  }
  double seconds(std::int64_t trial) const {
    double sum = 0;
    for (std::size_t steps = 0; trial != 0 && steps <= costs_.size(); ++steps) {
      const auto cost = costs_.find(trial);
      if (cost == costs_.end()) break;
      sum += cost->second.seconds;
      trial = cost->second.base;
    }
    return sum;
  }
  bool has_trained(std::int64_t trial) const { return costs_.at(trial).has_trained; }

 private:
  struct Cost {
    double seconds = 0;
    std::int64_t base = 0;
    bool has_trained = false;
  };
  std::map<std::int64_t, Cost> costs_;
};

const record::TrialSummary& choose(const record::StudySummary& summary, const record::Hdf5File& file, const VerifyRequest& request) {
  if (request.trial) {
    for (const record::TrialSummary& trial : summary.trials) {
      if (trial.number != *request.trial) continue;
      if (!trial.in_file) throw Error("trial " + std::to_string(trial.number) + " is no longer in the experiment file, so it cannot be replayed", "put it back, and run the study: its results are found again");
      if (!has_ended(trial)) throw Error("trial " + std::to_string(trial.number) + " is " + trial.status + ", so there is no result to compare with");
      return trial;
    }
    throw Error(file.where() + " has no trial " + std::to_string(*request.trial), "see: temper report " + request.study.string());
  }
  const Costs costs(file, summary);
  const record::TrialSummary* cheapest = nullptr;
  const auto rank = [&](const record::TrialSummary& trial) { return std::pair(!costs.has_trained(trial.number), costs.seconds(trial.number)); };
  for (const record::TrialSummary& trial : summary.trials) {
    if (!trial.in_file || trial.status != record::kComplete) continue;
    if (!cheapest || rank(trial) < rank(*cheapest)) cheapest = &trial;
  }
  if (!cheapest) throw Error(file.where() + ": no trial is complete, so there is no result to compare with", "run the study first");
  return *cheapest;
}

// The study as it would run now; one error that names what has changed where trials are not what they were.
class Replay {
 public:
  Replay(const fs::path& folder, WorkerPool& pool, const registry::Registry& registry)
      : schemas_(registry, [&pool](const Value& question, const std::string& doing) { return pool.ask(question, doing); }),
        before_(study::Ledger::read(folder)),
        study_(study::read_study(folder / kResolvedFile, {}, surroundings(schemas_))) {
    study::Ledger planned = before_;
    planned.plan(study_.trials);
    for (study::Trial& trial : study_.trials) trials_[trial.number] = &trial;
  }

  const study::Study& study() const { return study_; }

  // What the trial goes on from comes first. `bases`: where the record says on which one it went on.
  std::vector<study::Trial> chain(std::int64_t number, const std::map<std::int64_t, std::int64_t>& bases) const {
    std::vector<study::Trial> all;
    while (number != 0) {
      study::Trial trial = trial_numbered(number);
      const auto base = bases.find(number);
      number = 0;
      if (trial.base) number = trial.base->number = base != bases.end() && base->second != 0 ? base->second : trial.base->number;
      if (trial.base && number == 0) throw Error("trial " + std::to_string(trial.number) + " goes on from one that the study does not name");
      if (all.size() > trials_.size()) throw Error("the trials that trial " + std::to_string(trial.number) + " goes on from lead back to it");
      all.push_back(std::move(trial));
    }
    std::reverse(all.begin(), all.end());
    return all;
  }

 private:
  const study::Trial& trial_numbered(std::int64_t number) const {
    const auto entry = std::find_if(before_.entries().begin(), before_.entries().end(), [&](const auto& e) { return e.number == number; });
    const auto found = trials_.find(number);
    // Its number is found again by its identity: so with another one it got a new number, which the ledger does not have.
    if (entry != before_.entries().end() && found != trials_.end()) return *found->second;
    Problems problems;
    for (const auto& [path, hash] : study_.inputs) {
      const auto known = before_.inputs.find(path);
      if (known != before_.inputs.end() && known->second != hash)
        problems.add({}, path + " holds other contents than when the study was planned", "put the old contents back, or run the study again");
    }
    problems.throw_if_any();
    throw Error("trial " + std::to_string(number) + " cannot be made again from " + std::string(kResolvedFile) + ": an input or a plugin's options have changed since it ran");
  }

  PluginSchemas schemas_;
  study::Ledger before_;
  study::Study study_;
  std::map<std::int64_t, const study::Trial*> trials_;
};

std::string root_text(const record::Hdf5File& file, const char* name) {
  const auto attribute = file.attribute(name);
  const auto* text = attribute ? std::get_if<std::string>(&*attribute) : nullptr;
  return text ? *text : "";
}

// "cuda" of "cuda:1".
std::string kind_of(const std::string& device) { return device.substr(0, device.find(':')); }

// What differs between the machine that the study ran on and this one, as far as bits depend on it.
std::string other_here(const record::Hdf5File& file, const std::string& device) {
  std::string text;
  const auto compare = [&](const std::string& what, const std::string& stored, const std::string& here) {
    if (!stored.empty() && stored != here) text += (text.empty() ? "" : "; ") + ("the study was computed with " + what + ' ' + stored + ", this is " + (here.empty() ? "without" : here));
  };
  compare("libtorch", root_text(file, "torch_version"), TEMPER_BUILD_TORCH_VERSION);
  compare("the instructions", root_text(file, "instruction_set"), study::instruction_sets());
  compare("the device", kind_of(root_text(file, "device")), kind_of(device));
  return text;
}

std::vector<std::string> with_place(const std::string& file, std::vector<std::string> lines) {
  for (std::string& line : lines) line = file + ": " + line;
  return lines;
}

}  // namespace

VerifyResult verify_trial(const VerifyRequest& request, const registry::Registry& registry, const std::function<void(const std::string&)>& note,
                          const std::atomic<int>& stop) {
  const fs::path study_file = record::study_file(request.study), folder = study_file.parent_path();
  const record::Hdf5File file = record::Hdf5File::open(study_file);
  const record::StudySummary summary = record::read_summary(study_file);
  const record::TrialSummary& stored = choose(summary, file, request);

  VerifyResult result;
  result.trial = stored.number;
  WorkerPool pool(worker_program(), 1, stop);
  const TemporaryFolder own("verify");
  std::vector<study::Trial> chain;
  try {
    const Replay replay(folder, pool, registry);
    std::map<std::int64_t, std::int64_t> bases;
    for (const record::TrialSummary& trial : summary.trials) bases[trial.number] = trial.from_trial;
    chain = replay.chain(stored.number, bases);
    const std::string& wanted = replay.study().experiment.device;
    const std::string device = wanted == "auto" ? pool.ask(Value(Value::Table{{"command", "device"}}), "looking for devices").find("device")->as_string() : wanted;
    result.why_tolerance = other_here(file, device);
  } catch (const Stopped&) {
    result.interrupted = true;
    return result;
  }
  if (!result.why_tolerance.empty()) result.tolerance = kToleranceElsewhere;
  result.description = study::describe(chain.back());
  note("replaying trial " + std::to_string(result.trial) + " (" + result.description + ")" + (request.trial ? "" : ", the cheapest of its kind"));

  for (const study::Trial& trial : chain) {
    if (trial.number != result.trial) note("first trial " + std::to_string(trial.number) + " (" + study::describe(trial) + "), which it goes on from");
    const fs::path place = trial_folder(own.path(), trial.number);
    fs::create_directories(place);
    const int threads = static_cast<int>(trial.options.find("threads")->as_integer());
    const Assignment assignment{trial, place, trial.base ? trial_folder(own.path(), trial.base->number) / study::kCheckpointFolder : fs::path()};
    try {
      const Ended ended = pool.run(assignment, threads);
      if (ended.status == record::kFailed) throw Error("trial " + std::to_string(trial.number) + " failed when it was replayed: " + ended.error);
    } catch (const Stopped&) {
      result.interrupted = true;
      return result;
    }
  }

  const record::CompareOptions compare{result.tolerance, "in the study", "in the replay"};
  const record::Hdf5Group replayed = record::Hdf5File::open(trial_folder(own.path(), result.trial) / "trial.h5").group(record::kTrialGroup);
  result.differences = with_place(study_file.string(), record::compare_groups(file.group("trials/" + record::trial_name(result.trial)), replayed, compare));
  const fs::path own_record = trial_folder(folder, result.trial) / "trial.h5";
  try {
    const record::Hdf5Group kept = record::Hdf5File::open(own_record).group(record::kTrialGroup);
    for (std::string& line : with_place(own_record.string(), record::compare_groups(kept, replayed, compare))) result.differences.push_back(std::move(line));
  } catch (const Error& error) {
    result.differences.push_back(error.what());  // absent, or damaged: not what the trial gave
  }
  return result;
}

}  // namespace temper::launch
