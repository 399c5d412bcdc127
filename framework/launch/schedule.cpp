// See schedule.h.
#include "launch/schedule.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "record/best_configuration.h"

namespace temper::launch {

namespace {

std::string named(const study::Trial& trial) { return "trial " + std::to_string(trial.number) + " (" + study::describe(trial) + ")"; }

// What trials of one configuration have in common: all but the seed.
std::string configuration_of(const study::Trial& trial) {
  const auto parameters = trial.parameters();
  return to_json(Value::Table(parameters.begin(), parameters.end()));
}

}  // namespace

Schedule::Schedule(const std::vector<study::Trial>& trials, std::int64_t workers, Better better, std::function<bool(std::int64_t)> has_checkpoint)
    : workers_(workers), better_(better), has_checkpoint_(std::move(has_checkpoint)) {
  for (const study::Trial& trial : trials) {
    entries_[trial.number].trial = trial;
    numbers_[trial.identity] = trial.number;
    open_.insert(trial.number);
    if (trial.base) with_base_.insert(trial.number);
  }
}

void Schedule::restore(std::int64_t number, const TrialState& state) {
  Entry& entry = entries_.at(number);
  if (!state.ended()) return;
  set_step(entry, Step::kEnded);
  entry.status = state.status;
  entry.objective = state.objective;
  entry.recorded_from = state.from_trial;
}

void Schedule::settle() {
  for (bool changed = true; changed;) {
    changed = false;
    const std::vector<std::int64_t> numbers(open_.begin(), open_.end());
    for (const std::int64_t number : numbers) changed = settle(entries_.at(number)) || changed;
  }
}

void Schedule::set_step(Entry& entry, Step step) {
  if (entry.step == Step::kReady) --ready_;
  if (step == Step::kReady) {
    ++ready_;
    are_jobs_old_ = true;
  }
  entry.step = step;
  if (step == Step::kWaiting || entry.trial.base) open_.insert(entry.trial.number);
  else open_.erase(entry.trial.number);
}

// Whether anything changed.
bool Schedule::settle(Entry& entry) {
  if (entry.step == Step::kEnded) {
    // The best is another one now: a trial that had failed ran after all.
    if (!entry.trial.base || !entry.trial.base->is_best || !is_done(entry)) return false;
    const Choice choice = choose_base(entry);
    if (choice.number == 0) return false;
    entry.trial.base->number = choice.number;
    if (choice.number == entry.recorded_from) return false;
    again_with_successors(entry);
    return true;
  }
  if (entry.step != Step::kWaiting) return false;
  if (entry.trial.base) return settle_base(entry);
  set_step(entry, Step::kReady);
  return true;
}

bool Schedule::settle_base(Entry& entry) {
  const Choice choice = choose_base(entry);
  if (!choice.lost.empty()) {
    lose(entry, choice.lost);
    return true;
  }
  if (choice.number == 0) return false;
  Entry& base = entries_.at(choice.number);
  entry.trial.base->number = choice.number;
  if (!has_checkpoint_(choice.number)) {
    if (std::find(run_again_.begin(), run_again_.end(), choice.number) == run_again_.end()) {
      again(base);
    } else {  // it ran, and left none
      lose(entry, named(base.trial) + ", which it goes on from, has no checkpoint");
    }
    return true;
  }
  set_step(entry, Step::kReady);
  return true;
}

void Schedule::lose(Entry& entry, const std::string& why) {
  set_step(entry, Step::kEnded);
  entry.status = record::kFailed;
  entry.lost = why;
  lost_.push_back(entry.trial.number);
}

Schedule::Choice Schedule::choose_base(const Entry& entry) const {
  const study::Base& base = *entry.trial.base;
  std::vector<const Entry*> candidates;
  for (const std::string& identity : base.candidates) {
    const auto number = numbers_.find(identity);
    if (number == numbers_.end()) return {0, "a trial of \"" + base.strategy + "\", which it goes on from, is not in the plan"};
    candidates.push_back(&entries_.at(number->second));
    if (candidates.back()->step != Step::kEnded) return {};
  }
  if (!base.is_best) {
    const Entry& only = *candidates.front();
    if (only.status == record::kComplete) return {only.trial.number, ""};
    return {0, named(only.trial) + ", which it goes on from, " + (only.status == record::kFailed ? "failed" : "ended as " + only.status)};
  }
  std::vector<std::string> configurations;
  std::vector<std::vector<double>> objectives;
  std::vector<std::vector<const Entry*>> members;
  for (const Entry* candidate : candidates) {
    if (candidate->status != record::kComplete) continue;
    const std::string key = configuration_of(candidate->trial);
    const std::size_t at = std::find(configurations.begin(), configurations.end(), key) - configurations.begin();
    if (at == configurations.size()) {
      configurations.push_back(key);
      objectives.emplace_back();
      members.emplace_back();
    }
    objectives[at].push_back(candidate->objective);
    members[at].push_back(candidate);
  }
  if (members.empty()) return {0, "no trial of \"" + base.strategy + "\", whose best it goes on from, is complete"};
  const auto best = record::best_configuration(objectives, better_);
  if (!best) return {0, "no trial of \"" + base.strategy + "\" has a value of the objective, so none is the best to go on from"};
  for (const Entry* member : members[*best])
    if (!member->trial.seed || member->trial.seed == entry.trial.seed) return {member->trial.number, ""};
  return {0, "the best of \"" + base.strategy + "\", which it goes on from, has no complete trial of seed " + std::to_string(entry.trial.seed.value_or(0))};
}

// A trial that was done runs once more.
void Schedule::again(Entry& entry) {
  set_step(entry, Step::kWaiting);
  entry.status.clear();
  entry.recorded_from = 0;
  if (std::find(run_again_.begin(), run_again_.end(), entry.trial.number) == run_again_.end()) run_again_.push_back(entry.trial.number);
}

void Schedule::again_with_successors(Entry& entry) {
  again(entry);
  for (auto& [number, other] : entries_)
    if (is_done(other) && other.recorded_from == entry.trial.number) again_with_successors(other);
}

bool Schedule::has_next() const { return ready_ > 0; }

std::optional<study::Job> Schedule::next() {
  if (are_jobs_old_) {
    std::vector<study::Trial> ready;
    for (const auto& [number, entry] : entries_)
      if (entry.step == Step::kReady) ready.push_back(entry.trial);
    std::vector<study::Job> jobs = study::plan_jobs(ready, workers_);
    jobs_.assign(std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
    are_jobs_old_ = false;
    ++times_planned_;
  }
  if (jobs_.empty()) return std::nullopt;
  study::Job job = std::move(jobs_.front());
  jobs_.pop_front();
  for (const study::Trial& trial : job.trials) set_step(entries_.at(trial.number), Step::kRunning);
  if (job.trials.size() > 1) are_jobs_old_ = true;  // what is left of its group is parted among the workers anew
  return job;
}

void Schedule::ended(std::int64_t number, const std::string& status, double objective) {
  Entry& entry = entries_.at(number);
  set_step(entry, Step::kEnded);
  entry.status = status;
  entry.objective = objective;
  entry.recorded_from = entry.trial.base ? entry.trial.base->number : 0;
}

void Schedule::give_back(const std::vector<study::Trial>& trials) {
  for (const study::Trial& trial : trials) set_step(entries_.at(trial.number), Step::kReady);
}

std::vector<Schedule::Lost> Schedule::take_lost() {
  std::vector<Lost> all;
  std::sort(lost_.begin(), lost_.end());
  for (const std::int64_t number : lost_) {
    Entry& entry = entries_.at(number);
    if (!entry.lost.empty()) all.push_back({entry.trial, std::exchange(entry.lost, {})});
  }
  lost_.clear();
  return all;
}

bool Schedule::is_needed(std::int64_t number) const {
  return std::any_of(with_base_.begin(), with_base_.end(), [&](std::int64_t successor) {
    const Entry& entry = entries_.at(successor);
    if (is_done(entry)) return false;
    if (entry.trial.base->number > 0) return entry.trial.base->number == number;
    const std::string& identity = entries_.at(number).trial.identity;
    const std::vector<std::string>& candidates = entry.trial.base->candidates;
    return std::find(candidates.begin(), candidates.end(), identity) != candidates.end();
  });
}

std::int64_t Schedule::done() const {
  return std::count_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return is_done(entry.second); });
}

}  // namespace temper::launch
