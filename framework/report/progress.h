// The progress of a running study: what its workers do, what is done, and what is left. Plain state and pure functions; report/live_view.h words it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/metric.h>

#include "record/event_log.h"
#include "record/trial_record.h"

namespace temper::report {

struct JobTrial {
  std::int64_t number = 0;
  std::string label;  // "lora, learning_rate 5e-5"
};

// What a worker does now.
struct WorkerProgress {
  std::vector<JobTrial> job;         // the trials that it has and that have not ended; empty: it waits
  std::int64_t trial = 0;            // the running one; of several that run in one pass, the one that is told of. 0: none has begun
  std::string label;
  std::string activity;              // what it does when it takes no steps: "predicting 1000 test items"
  std::int64_t answered = 0;         // items of what it predicts that have their answer
  std::int64_t step = 0, steps = 0;  // steps 0: unknown
  double epoch = record::kNaN;
  double loss = record::kNaN, validation_loss = record::kNaN;
  std::deque<std::pair<double, std::int64_t>> tokens;  // the last logged steps: seconds of training, and tokens so far
};

struct BestTrial {
  std::int64_t trial = 0;
  std::string label;
  double objective = record::kNaN;
};

struct Progress {
  std::string study;
  std::string objective;  // its name; empty: there is none
  Better better = Better::kLower;
  std::int64_t trials_total = 0;
  std::int64_t trials_done = 0;     // ended in whatever way
  std::int64_t trials_failed = 0;   // of those
  std::int64_t trials_earlier = 0;  // of those done, what an earlier run of the study has done
  double elapsed_seconds = 0;       // of this run
  bool stops = false;               // it was asked to: workers write their snapshots
  std::vector<WorkerProgress> workers;
  std::optional<BestTrial> best;
  // How much work each trial of this run is, in whatever unit, by its number; those that are not named count as the mean of the others.
  std::map<std::int64_t, double> work;
  double known_work = 0;  // their sum; set both by set_work
  double work_done = 0;  // of this run
};

void set_work(Progress& progress, std::map<std::int64_t, double> work);
// A worker was given these trials, one at least: the first one begins.
void begin_job(Progress& progress, std::vector<JobTrial> trials);
// A trial of some worker's job begins.
void begin_trial(Progress& progress, std::int64_t trial);
// Takes up an event of a running trial; of the job's others nothing.
void update(Progress& progress, std::int64_t trial, const record::Event& event);
// What a worker tells between events; steps 0 and answered 0: not told.
void update(Progress& progress, std::int64_t trial, std::int64_t step, std::int64_t steps, std::int64_t answered);
// A trial has ended; `objective` is NaN where it has none. `not_begun`: the rest of its job, when it is taken from the worker.
void end_trial(Progress& progress, std::int64_t trial, const std::string& label, bool failed, double objective, const std::vector<std::int64_t>& not_begun = {});
// The worker of a running trial died, and the trial will begin again; `not_begun` as above.
void give_back_trial(Progress& progress, std::int64_t trial, const std::vector<std::int64_t>& not_begun = {});
// Takes up the objective of a complete trial, of this run or an earlier one. Of equal ones the first by number is the best.
void consider_best(Progress& progress, std::int64_t trial, const std::string& label, double objective);

// The worker that has the trial; nullptr: none.
const WorkerProgress* worker_of(const Progress& progress, std::int64_t trial);

// Of the last seconds of training; NaN where there is nothing to tell from.
double tokens_per_second(const WorkerProgress& worker);
// The part of all work that is done, in [0, 1].
double done_share(const Progress& progress);
// Seconds until the end, if what is left goes on as fast as what this run has done; nothing while there is nothing to tell from.
std::optional<double> seconds_left(const Progress& progress);

// One line for a trial that has ended:
// "[3/18] lora, learning_rate 5e-5: complete, good, validation_loss 0.7012, accuracy 0.746 ± 0.014 (12 s)"
std::string ended_line(const Progress& progress, const record::TrialRecord& trial, const std::string& objective, double seconds);

}  // namespace temper::report
