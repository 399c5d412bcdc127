// Worker processes that run jobs side by side, each one trial after another; a worker that dies is replaced.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <temper/value.h>

#include "launch/machine.h"
#include "launch/worker_death.h"
#include "launch/worker_process.h"
#include "record/event_log.h"
#include "study/limits.h"
#include "study/trial.h"

namespace temper::launch {

// A trial of a job handed to a worker.
struct Assignment {
  study::Trial trial;
  std::filesystem::path folder;
  std::filesystem::path base;  // checkpoint of the trial that it goes on from; empty when it goes on from none
  std::int64_t attempt = 1;    // above 1 after its worker died; then it must be alone in its job, and gets a worker that has run no other trial
};

// How a trial ended. `error` is set when the worker said "failed", or died: then with how, and the last lines of the trial's log.
struct Ended {
  study::Trial trial;
  std::string status;  // complete, diverged, failed, interrupted
  std::string error;
  std::int64_t shared_steps = 0;  // optimizer steps that another trial took for it
  std::vector<study::Trial> not_begun;  // the rest of its job, when the worker died: for another one
  bool died = false;                    // the worker did, by itself or because a limit was passed
  bool used_too_much = false;           // memory or time
  // It used too much memory in a worker that had run other trials, of which something may be left: that tells nothing of the trial.
  bool may_fit_alone = false;
  std::int64_t attempt = 1;
  std::int64_t peak_bytes = 0;  // of a worker that died, as far as it was looked at
};

// How far a running trial is between its events, a few times a second. 0: not told.
struct Live {
  std::int64_t step = 0, steps = 0;  // of the training
  std::int64_t answered = 0;         // items that have their answer
};

// Thrown by `ask` when the user does not want the answer any more.
struct Stopped {};

class WorkerPool {
 public:
  // `stop` is looked at while an answer is awaited.
  WorkerPool(std::filesystem::path program, std::int64_t size, const std::atomic<int>& stop);
  ~WorkerPool();

  // For all trials that are started from now on.
  void set_limits(const study::Limits& limits) { limits_ = limits; }
  // One place for each worker. Workers that are somewhere else are replaced.
  void set_places(std::vector<WorkerPlace> places);

  // Asks a worker something else than a trial and waits for its answer; `fallback` words what a worker's death meant.
  // Throws Error when the worker dies, and Stopped when `stop` is set.
  Value ask(const Value& question, const std::string& doing);

  bool has_idle() const;
  std::size_t running() const;
  void start(std::vector<Assignment> job, int threads);  // has_idle() must hold; not empty
  // Waits up to `timeout_seconds` for something to happen; gives the trials that ended, and tells the events of running ones.
  std::vector<Ended> wait(double timeout_seconds, const std::function<void(const study::Trial&, const record::Event&)>& on_event);
  // Runs a trial alone and waits until it has ended. Throws Stopped when `stop` is set; the worker dies with the pool then.
  Ended run(Assignment assignment, int threads);
  // Told during `wait`; by default nobody is.
  void on_live(std::function<void(const study::Trial&, const Live&)> listener) { on_live_ = std::move(listener); }
  void request_stop();  // running trials write a snapshot and end as interrupted
  void kill_all();

 private:
  struct Slot;
  Slot& ready_slot();
  std::optional<Value> receive_answer(Slot& slot);
  void begin_first(Slot& slot);
  void end_job(Slot& slot, Ended& ended);
  Ended died(Slot& slot);
  void watch(Slot& slot);
  void look(Slot& slot, const std::function<void(const study::Trial&, const record::Event&)>& on_event, std::vector<Ended>& all);

  std::filesystem::path program_;
  const std::atomic<int>& stop_;
  study::Limits limits_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::function<void(const study::Trial&, const Live&)> on_live_;
};

// temper-worker beside the running program.
std::filesystem::path worker_program();

// What a worker's environment has beside this process's: its OpenMP threads spin for 10,000 pauses (about 0.1 ms) between two loops, then sleep. Small products follow one
// another faster than a sleeping thread wakes (training a head takes half the time), and threads that spin without end would take the cores of other workers.
// Empty where the user has set OMP_WAIT_POLICY or GOMP_SPINCOUNT.
std::map<std::string, std::string> worker_environment();

}  // namespace temper::launch
