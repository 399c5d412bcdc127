// See progress.h.
#include "report/progress.h"

#include <algorithm>
#include <cmath>

#include "report/terminal.h"
#include "report/words.h"

namespace temper::report {

namespace {

WorkerProgress* find_worker(Progress& progress, std::int64_t trial) {
  for (WorkerProgress& worker : progress.workers)
    if (std::any_of(worker.job.begin(), worker.job.end(), [&](const JobTrial& t) { return t.number == trial; })) return &worker;
  return nullptr;
}

// Of steps far back in the training nothing follows for those to come.
void add_tokens(WorkerProgress& worker, double seconds, std::int64_t tokens) {
  constexpr double kWindowSeconds = 10;
  if (!worker.tokens.empty() && seconds < worker.tokens.back().first) worker.tokens.clear();  // the trial went back to a snapshot
  worker.tokens.emplace_back(seconds, tokens);
  while (worker.tokens.size() > 2 && worker.tokens[1].first <= seconds - kWindowSeconds) worker.tokens.pop_front();
}

struct Update {
  WorkerProgress& worker;
  void operator()(const record::TrialStarted&) const {}
  void operator()(const record::PhaseStarted& e) const {
    worker.activity.clear();
    worker.step = e.first_step;
    worker.steps = e.steps > 0 ? e.first_step + e.steps : 0;
  }
  void operator()(const record::StepRow& e) const {
    worker.activity.clear();
    worker.step = e.step;
    worker.epoch = e.epoch;
    worker.loss = e.loss;
    add_tokens(worker, e.seconds, e.tokens);
  }
  void operator()(const record::EvaluationRow& e) const {
    for (const auto& [name, value] : e.values)
      if (name == "validation_loss") worker.validation_loss = value;
  }
  void operator()(const record::Note& e) const {
    worker.activity = e.text;
    worker.answered = 0;
  }
  void operator()(const record::Warning&) const {}
  void operator()(const record::TrialFinished&) const { worker.activity.clear(); }
};

double mean_work(const Progress& progress) {
  return progress.known_work > 0 ? progress.known_work / static_cast<double>(progress.work.size()) : 1;
}

double work_of(const Progress& progress, std::int64_t trial) {
  const auto known = progress.work.find(trial);
  return known == progress.work.end() ? mean_work(progress) : known->second;
}

// The part of the worker's running trial that is done, in [0, 1]; 0 where it is not known.
double fraction(const WorkerProgress& worker) {
  if (worker.trial == 0 || worker.steps <= 0) return 0;
  return std::clamp(static_cast<double>(worker.step) / static_cast<double>(worker.steps), 0.0, 1.0);
}

double running_work(const Progress& progress) {
  double sum = 0;
  for (const WorkerProgress& worker : progress.workers) sum += fraction(worker) * work_of(progress, worker.trial);
  return sum;
}

// Of all trials that this run has to do. Trials that an earlier one has done have no work.
double total_work(const Progress& progress) {
  const auto known = static_cast<std::int64_t>(progress.work.size());
  return progress.known_work + static_cast<double>(std::max<std::int64_t>(0, progress.trials_total - progress.trials_earlier - known)) * mean_work(progress);
}

}  // namespace

void set_work(Progress& progress, std::map<std::int64_t, double> work) {
  progress.work = std::move(work);
  progress.known_work = 0;
  for (const auto& [trial, amount] : progress.work) progress.known_work += amount;
}

void begin_job(Progress& progress, std::vector<JobTrial> trials) {
  auto worker = std::find_if(progress.workers.begin(), progress.workers.end(), [](const WorkerProgress& w) { return w.job.empty(); });
  if (worker == progress.workers.end()) worker = progress.workers.emplace(progress.workers.end());
  worker->job = std::move(trials);
  begin_trial(progress, worker->job.front().number);
}

void begin_trial(Progress& progress, std::int64_t trial) {
  WorkerProgress* worker = find_worker(progress, trial);
  if (!worker) return;
  WorkerProgress fresh;
  fresh.job = std::move(worker->job);
  fresh.trial = trial;
  fresh.label = std::find_if(fresh.job.begin(), fresh.job.end(), [&](const JobTrial& t) { return t.number == trial; })->label;
  *worker = std::move(fresh);
}

void update(Progress& progress, std::int64_t trial, const record::Event& event) {
  WorkerProgress* worker = find_worker(progress, trial);
  if (worker && worker->trial == 0) begin_trial(progress, trial);
  if (worker && worker->trial == trial) std::visit(Update{*worker}, event);
}

void update(Progress& progress, std::int64_t trial, std::int64_t step, std::int64_t steps, std::int64_t answered) {
  WorkerProgress* worker = find_worker(progress, trial);
  if (!worker || worker->trial != trial) return;
  if (steps > 0) {
    worker->step = std::max(worker->step, step);
    worker->steps = steps;
    worker->activity.clear();
  }
  if (answered > 0) worker->answered = answered;
}

void end_trial(Progress& progress, std::int64_t trial, const std::string& label, bool failed, double objective, const std::vector<std::int64_t>& not_begun) {
  ++progress.trials_done;
  if (failed) ++progress.trials_failed;
  progress.work_done += work_of(progress, trial);
  give_back_trial(progress, trial, not_begun);
  if (!failed) consider_best(progress, trial, label, objective);
}

void give_back_trial(Progress& progress, std::int64_t trial, const std::vector<std::int64_t>& not_begun) {
  WorkerProgress* worker = find_worker(progress, trial);
  if (!worker) return;
  std::erase_if(worker->job, [&](const JobTrial& t) { return t.number == trial || std::find(not_begun.begin(), not_begun.end(), t.number) != not_begun.end(); });
  if (worker->job.empty()) *worker = {};
  else if (worker->trial == trial) worker->trial = 0;
}

void consider_best(Progress& progress, std::int64_t trial, const std::string& label, double objective) {
  if (std::isnan(objective)) return;
  const std::optional<BestTrial>& best = progress.best;
  const bool improves = !best || (objective == best->objective ? trial < best->trial
                                  : progress.better == Better::kLower ? objective < best->objective : objective > best->objective);
  if (improves) progress.best = BestTrial{trial, label, objective};
}

const WorkerProgress* worker_of(const Progress& progress, std::int64_t trial) { return find_worker(const_cast<Progress&>(progress), trial); }

double tokens_per_second(const WorkerProgress& worker) {
  if (worker.tokens.size() < 2) return record::kNaN;
  const auto& [first_seconds, first_tokens] = worker.tokens.front();
  const auto& [last_seconds, last_tokens] = worker.tokens.back();
  return last_seconds > first_seconds ? static_cast<double>(last_tokens - first_tokens) / (last_seconds - first_seconds) : record::kNaN;
}

double done_share(const Progress& progress) {
  if (progress.trials_total <= 0 || progress.trials_done >= progress.trials_total) return 1;
  // What an earlier run did counts by its number of trials: its work is not known any more.
  const double earlier = static_cast<double>(progress.trials_earlier) / static_cast<double>(progress.trials_total);
  const double total = total_work(progress);
  const double now = total > 0 ? (progress.work_done + running_work(progress)) / total : 0;
  return std::clamp(earlier + (1 - earlier) * now, 0.0, 1.0);
}

std::optional<double> seconds_left(const Progress& progress) {
  const double done = progress.work_done + running_work(progress), left = total_work(progress) - done;
  constexpr double kLeastDone = 0.05;  // of a trial: less says more about the start than about the rest
  if (progress.trials_done >= progress.trials_total || left <= 0) return 0;
  if (done < kLeastDone * mean_work(progress) || progress.elapsed_seconds <= 0) return std::nullopt;
  return progress.elapsed_seconds / done * left;
}

std::string ended_line(const Progress& progress, const record::TrialRecord& trial, const std::string& objective, double seconds) {
  std::vector<std::pair<std::string, Value>> swept;
  for (const std::string& path : trial.swept)
    for (const auto& [name, value] : trial.parameters)
      if (name == path) swept.emplace_back(path, value);
  std::string text = "[" + std::to_string(progress.trials_done) + "/" + std::to_string(progress.trials_total) + "] " +
                     trial_label(trial.strategy, swept) + ": " + trial.status;
  if (trial.diagnosis) text += ", " + trial.diagnosis->verdict;
  if (!objective.empty() && !std::isnan(trial.objective)) text += ", " + objective + " " + short_number(trial.objective);
  if (trial.test)
    for (const record::MetricResult& metric : trial.test->metrics)
      if (!std::isnan(metric.value)) text += ", " + metric.name + " " + with_error(metric.value, metric.standard_error);
  text += " (" + duration(seconds) + ")";
  if (!trial.error.empty()) text += ": " + trial.error.substr(0, trial.error.find('\n'));
  return printable(text);
}

}  // namespace temper::report
