// From an experiment file to a finished study: check everything, plan, run what is left, keep study.h5 up to date.
#include "launch/run_study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "evaluation/choose_metrics.h"
#include "launch/attempts.h"
#include "launch/check_inputs.h"
#include "launch/machine.h"
#include "launch/plugin_schemas.h"
#include "launch/schedule.h"
#include "launch/study_folder.h"
#include "launch/study_lock.h"
#include "launch/tell_changes.h"
#include "launch/worker_pool.h"
#include "record/compare_strategies.h"
#include "record/study_file.h"
#include "record/trial_record.h"
#include "study/ledger.h"
#include "study/plan.h"
#include "study/processor.h"
#include "study/study.h"
#include "study/trial_failure.h"
#include "study/trial_files.h"
#include "study/trial_work.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

// One run of a study: what it was asked, and where it stands.
class StudyRun {
 public:
  StudyRun(const RunRequest& request, const registry::Registry& registry, RunListener& listener, const std::atomic<int>& stop)
      : request_(request), registry_(registry), listener_(listener), stop_(stop), pool_(worker_program(), request.workers, stop) {}

  RunResult run() {
    const PluginSchemas schemas(registry_, [this](const Value& question, const std::string& doing) { return pool_.ask(question, doing); });
    try {
      study_ = study::read_study(request_.file, request_.sets, surroundings(schemas));
      folder_ = fs::absolute(request_.results) / study_.experiment.name;
      sizes_ = check_inputs(study_, registry_, pool_, listener_);
      limits_ = study::limits_of(study_.experiment.limits);
      pool_.set_limits(limits_);
      find_devices();
    } catch (const Stopped&) {
      interrupted_ = true;
      return result();
    }
    refuse_foreign_folder(folder_);
    make_study_folder(folder_);
    const StudyLock lock(folder_, [this](const std::string& text) { listener_.note(text); });
    if (!request_.fresh) tell_file_changes();
    try {
      if (request_.fresh) clear_study(folder_);
      fs::create_directories(folder_ / "trials");
      data::remove_leftovers(folder_);
      plan();
      run_trials();
      tell_shared_steps();
      write_study(!interrupted_);
    } catch (const Error& error) {
      throw RunFailed(error.problems());
    } catch (const fs::filesystem_error& error) {
      throw RunFailed({{{error.path1().string()}, error.code().message(), "what has ended is kept; the same command goes on from here"}});
    }
    return result();
  }

 private:
  // Results that a changed file would replace are the user's to give up.
  void tell_file_changes() {
    const ChangesInWords changes = tell_changes(folder_, study::Ledger::read(folder_), study_);
    if (!request_.keep) refuse_changes(folder_, changes);
    for (const std::string& line : changes.changed) listener_.note(line + ". They run under new numbers; the old results are kept, and marked in study.h5 and tables");
    if (!changes.removed.empty()) listener_.note(changes.removed);
  }

  void find_devices() {
    device_ = study_.experiment.device;
    if (device_ != "auto" && device_ != "cuda") return;
    const Value found = pool_.ask(Value(Value::Table{{"command", Value("device")}}), "looking for devices");
    if (device_ == "auto") device_ = found.find("device")->as_string();
    gpus_ = usable_gpus(std::getenv("CUDA_VISIBLE_DEVICES"), found.find("gpus")->as_integer());
  }

  // Numbers the trials, remembers what is chosen once, and finds out what is left to do.
  void plan() {
    ledger_ = study::Ledger::read(folder_);
    if (!ledger_.note().empty()) listener_.note(ledger_.note());
    if (ledger_.created.empty()) ledger_.created = record::now_iso8601();
    if (study_.experiment.threads) ledger_.threads = study_.experiment.threads;
    if (!ledger_.threads) ledger_.threads = std::max<std::int64_t>(1, usable_cores() / std::max<std::int64_t>(1, request_.workers));
    pool_.set_places(divide_machine(request_.workers, *ledger_.threads, study_.experiment.device, gpus_));
    study_.experiment.threads = ledger_.threads;  // part of the resolved file from now on
    for (study::Trial& trial : study_.trials) trial.options.set("threads", *ledger_.threads);
    ledger_.inputs = study_.inputs;
    ledger_.plan(study_.trials);
    if (ledger_.is_changed()) ledger_.write(folder_);
    data::write_file_atomically(folder_ / "experiment.toml", study_.given);
    data::write_file_atomically(folder_ / "experiment.resolved.toml", study::resolved_toml(study_.experiment));

    schedule_.emplace(study_.trials, request_.workers, better(), [this](std::int64_t number) { return has_checkpoint(folder_, number); });
    progress_.better = better();
    std::int64_t resumed = 0, failed_before = 0;
    std::map<std::int64_t, double> objectives;
    for (const study::Trial& trial : study_.trials) {
      const TrialState state = trial_state(folder_, trial);
      schedule_->restore(trial.number, state);
      if (state.ended()) objectives[trial.number] = state.objective;
      else if (state.has_snapshot) ++resumed;
      if (state.status == record::kComplete) report::consider_best(progress_, trial.number, "", state.objective);
      if (state.status == record::kFailed) ++failed_before;
    }
    schedule_->settle();
    done_ = schedule_->done();
    begin_progress();
    settle();
    for (const study::Trial& trial : study_.trials)
      if (objectives.contains(trial.number)) best().trial_ended(trial, objectives[trial.number]);
    best().remove_others();
    if (done_ > 0) listener_.note(std::to_string(done_) + " of " + std::to_string(study_.trials.size()) + " trials are done already");
    if (failed_before > 0) listener_.note(std::to_string(failed_before) + (failed_before == 1 ? " trial that failed runs" : " trials that failed run") + " again");
    if (resumed > 0) listener_.note(std::to_string(resumed) + (resumed == 1 ? " trial goes" : " trials go") + " on from a snapshot");
  }

  void begin_progress() {
    progress_.study = study_.experiment.name;
    if (study_.experiment.objective) progress_.objective = study_.experiment.objective->name;
    progress_.trials_total = static_cast<std::int64_t>(study_.trials.size());
    progress_.trials_done = progress_.trials_earlier = done_;
    progress_.workers.resize(static_cast<std::size_t>(request_.workers));
    if (progress_.best) progress_.best->label = study::describe(schedule_->trial(progress_.best->trial));
    std::vector<study::Trial> left;
    for (const study::Trial& trial : study_.trials)
      if (!schedule_->is_done(trial.number)) left.push_back(trial);
    report::set_work(progress_, study::trial_work(left, sizes_));
    listener_.study_started(folder_, progress_);
  }

  void run_trials() {
    pool_.on_live([this](const study::Trial& trial, const Live& live) { report::update(progress_, trial.number, live.step, live.steps, live.answered); });
    const auto started = Clock::now();
    int stops_sent = 0;
    while (true) {
      if (stop_ > stops_sent) {
        stops_sent = stop_;
        interrupted_ = progress_.stops = true;
        if (stops_sent == 1) pool_.request_stop();
        else pool_.kill_all();
      }
      while (!interrupted_ && pool_.has_idle() && schedule_->has_next()) begin(*schedule_->next());
      if (pool_.running() == 0) break;
      for (const Ended& ended : pool_.wait(0.1, [&](const study::Trial& trial, const record::Event& event) { tell(trial, event); })) end(ended);
      progress_.elapsed_seconds = std::chrono::duration<double>(Clock::now() - started).count();
      listener_.progress(progress_);
      if (policy_.due(done_ + failed_, Clock::now())) write_study(false);
    }
  }

  void tell_shared_steps() {
    if (shared_steps_ == 0) return;
    listener_.note(std::to_string(trials_with_shared_steps_) + (trials_with_shared_steps_ == 1 ? " trial" : " trials") + " went on from shorter ones: " +
                   std::to_string(shared_steps_) + " optimizer steps were not taken again");
  }

  // After trials have ended: who can run now, who never can.
  void settle() {
    schedule_->settle();
    for (; told_again_ < schedule_->run_again().size(); ++told_again_) {
      const std::int64_t number = schedule_->run_again()[told_again_];
      listener_.note("trial " + std::to_string(number) + " runs again: others go on from it and its checkpoint was not kept or is damaged, or its own base is another one now");
    }
    for (const Schedule::Lost& lost : schedule_->take_lost()) fail(lost.trial, lost.why);
  }

  void begin(study::Job job) {
    leave_alone(job);
    std::vector<Assignment> assignments;
    for (const study::Trial& trial : job.trials) {
      const fs::path folder = trial_folder(folder_, trial.number);
      fs::create_directories(folder);
      data::remove_leftovers(folder);
      fs::remove(folder / "trial.h5");  // of an attempt that failed, or that is repeated
      assignments.push_back({trial, folder, trial.base ? trial_folder(folder_, trial.base->number) / study::kCheckpointFolder : fs::path(), attempts_.next(trial.number)});
    }
    pool_.start(std::move(assignments), static_cast<int>(*ledger_.threads));
    std::vector<report::JobTrial> trials;
    for (const study::Trial& trial : job.trials) trials.push_back({trial.number, study::describe(trial)});
    report::begin_job(progress_, std::move(trials));
    begun(job.trials.front());
  }

  void begun(const study::Trial& trial) {
    begun_[trial.number] = Clock::now();
    report::begin_trial(progress_, trial.number);
    listener_.trial_started(trial, progress_);
  }

  double seconds_of(const study::Trial& trial) const {
    const auto begun = begun_.find(trial.number);
    return begun == begun_.end() ? 0 : std::chrono::duration<double>(Clock::now() - begun->second).count();
  }

  // A trial whose worker died gets one of its own; the rest of its job waits.
  void leave_alone(study::Job& job) {
    const auto tried = std::find_if(job.trials.begin(), job.trials.end(), [&](const study::Trial& trial) { return attempts_.next(trial.number) > 1; });
    if (tried == job.trials.end()) return;
    study::Trial alone = std::move(*tried);
    job.trials.erase(tried);
    schedule_->give_back(job.trials);
    job = {{std::move(alone)}, ""};
  }

  void tell(const study::Trial& trial, const record::Event& event) {
    if (!begun_.contains(trial.number)) begun(trial);
    report::update(progress_, trial.number, event);
    if (const auto* warning = std::get_if<record::Warning>(&event)) {
      if (told_.insert(warning->text).second) listener_.note("trial " + std::to_string(trial.number) + ": " + warning->text);
    }
  }

  void end(const Ended& ended) {
    if (ended.status == "interrupted" || (interrupted_ && ended.status == record::kFailed)) return;
    schedule_->give_back(ended.not_begun);
    if (const auto note = ended.status == record::kFailed ? attempts_.again(ended, limits_.retries) : std::nullopt) {
      schedule_->give_back({ended.trial});
      report::give_back_trial(progress_, ended.trial.number, numbers(ended.not_begun));
      listener_.note(*note);
    } else if (ended.status == record::kFailed) {
      schedule_->ended(ended.trial.number, record::kFailed, record::kNaN);
      fail(ended.trial, (ended.attempt > 1 ? "attempt " + std::to_string(ended.attempt) + ": " : "") + ended.error, study::FailureCost{ended.attempt, ended.peak_bytes}, ended.not_begun);
    } else {
      const record::TrialRecord record = record::read_trial(trial_folder(folder_, ended.trial.number) / "trial.h5");
      schedule_->ended(ended.trial.number, record.status, record.objective);
      ++done_;
      report::end_trial(progress_, ended.trial.number, study::describe(ended.trial), false, record.status == record::kComplete ? record.objective : record::kNaN);
      if (ended.shared_steps > 0) {
        ++trials_with_shared_steps_;
        shared_steps_ += ended.shared_steps;
      }
      best().trial_ended(ended.trial, record.objective);
      listener_.trial_ended({ended.trial, &record, "", seconds_of(ended.trial)}, progress_);
    }
    settle();
    best().remove_others();
  }

  static std::vector<std::int64_t> numbers(const std::vector<study::Trial>& trials) {
    std::vector<std::int64_t> all;
    for (const study::Trial& trial : trials) all.push_back(trial.number);
    return all;
  }

  void fail(const study::Trial& trial, const std::string& error, const std::optional<study::FailureCost>& cost = {}, const std::vector<study::Trial>& not_begun = {}) {
    study::record_failure(trial, trial_folder(folder_, trial.number), error, cost);
    ++failed_;
    report::end_trial(progress_, trial.number, study::describe(trial), true, record::kNaN, numbers(not_begun));
    listener_.trial_ended({trial, nullptr, error, seconds_of(trial)}, progress_);
  }

  Better better() const { return study_.experiment.objective ? study_.experiment.objective->better : Better::kLower; }

  BestCheckpoints& best() {
    if (!best_) best_.emplace(folder_, better(), [this](std::int64_t number) { return schedule_->is_needed(number); });
    return *best_;
  }

  void write_study(bool is_finished) {
    const Clock::time_point begun = Clock::now();
    record::StudyHeader header;
    header.name = study_.experiment.name;
    header.created = ledger_.created;
    if (is_finished) header.finished = record::now_iso8601();
    header.temper_version = TEMPER_VERSION;
    header.torch_version = TEMPER_BUILD_TORCH_VERSION;
    header.git_commit = TEMPER_GIT_COMMIT;
    header.host = host_name();
    header.device = device_;
    header.instruction_set = study::instruction_sets();
    header.experiment = study::resolved_toml(study_.experiment);
    if (study_.experiment.objective) {
      header.objective = study_.experiment.objective->name;
      header.objective_better = study_.experiment.objective->better;
    }
    // The trials of the file as it is now, and what those of earlier versions gave, by number.
    std::map<std::int64_t, const study::Trial*> planned;
    for (const study::Trial& trial : study_.trials) planned[trial.number] = &schedule_->trial(trial.number);
    std::vector<record::StudyTrial> trials;
    for (const study::Ledger::Entry& entry : ledger_.entries()) {
      const fs::path file = trial_folder(folder_, entry.number) / "trial.h5";
      if (entry.is_planned || !fs::exists(file)) continue;
      record::StudyTrial& trial = trials.emplace_back();
      trial.number = entry.number;
      trial.in_file = false;
      trial.file = file;
      trial.strategy = entry.strategy;
      trial.identity = entry.identity;
    }
    for (const auto& [number, planned_trial] : planned) {
      record::StudyTrial& trial = trials.emplace_back();
      trial.number = number;
      trial.strategy = planned_trial->strategy;
      trial.seed = planned_trial->seed.value_or(0);
      trial.identity = planned_trial->identity;
      trial.parameters = planned_trial->parameters();
      trial.swept = planned_trial->swept_parameters();
      if (planned_trial->base) trial.from_trial = planned_trial->base->number;
      const fs::path file = trial_folder(folder_, trial.number) / "trial.h5";
      if (fs::exists(file)) trial.file = file;
      else trial.events = file.parent_path() / "events.jsonl";
    }
    std::sort(trials.begin(), trials.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    // All trials together are compared once, at the end.
    record::write_study(folder_ / "study.h5", header, trials, [&](record::Hdf5Group& file) {
      if (!is_finished) return;
      if (const auto comparison = compare(file, header.objective_better)) record::write_comparison(file, *comparison);
    });
    policy_.written(done_ + failed_, begun, Clock::now());
  }

  // Nothing, and a note, when that fails: the trials' results are not lost for it.
  std::optional<record::Comparison> compare(const record::Hdf5Group& file, Better better) {
    try {
      const TaskInfo task{study_.experiment.task, record::compared_labels(file)};
      return record::compare_strategies(file, better, evaluation::choose_metrics(registry_, study_.experiment.metrics, task));
    } catch (const Error& error) {
      listener_.note(std::string("the strategies cannot be compared: ") + error.what());
      return std::nullopt;
    }
  }

  RunResult result() const {
    return {folder_, folder_ / "study.h5", static_cast<std::int64_t>(study_.trials.size()), done_, failed_, interrupted_};
  }

  const RunRequest& request_;
  const registry::Registry& registry_;
  RunListener& listener_;
  const std::atomic<int>& stop_;
  WorkerPool pool_;
  study::Study study_;
  study::SizesByDataset sizes_;
  study::Ledger ledger_;
  fs::path folder_;
  std::string device_;
  std::vector<std::string> gpus_;  // that workers may use
  study::Limits limits_;
  Attempts attempts_;
  std::optional<Schedule> schedule_;
  std::int64_t done_ = 0, failed_ = 0;
  bool interrupted_ = false;
  report::Progress progress_;
  record::WritePolicy policy_;
  std::optional<BestCheckpoints> best_;
  std::set<std::string> told_;
  std::map<std::int64_t, Clock::time_point> begun_;
  std::size_t told_again_ = 0;  // of those that run again
  std::int64_t trials_with_shared_steps_ = 0, shared_steps_ = 0;
};

}  // namespace

RunResult run_study(const RunRequest& request, const registry::Registry& registry, RunListener& listener, const std::atomic<int>& stop) {
  return StudyRun(request, registry, listener, stop).run();
}

}  // namespace temper::launch
