// What runs next: trials wait for those that they go on from, are grouped into jobs, and are lost when what they need is.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <temper/metric.h>

#include "launch/study_folder.h"
#include "study/plan.h"
#include "study/trial.h"

namespace temper::launch {

class Schedule {
 public:
  // Numbered trials, all of the study. `has_checkpoint`: whether a trial's checkpoint is there for others to go on from.
  Schedule(const std::vector<study::Trial>& trials, std::int64_t workers, Better better, std::function<bool(std::int64_t number)> has_checkpoint);

  // What an earlier run left of a trial. After all of them, `settle`.
  void restore(std::int64_t number, const TrialState& state);
  // Finds out who can run: call after `restore`, and after trials have ended.
  void settle();

  // The next job; nothing when all that is left waits for running trials, or is done.
  std::optional<study::Job> next();
  bool has_next() const;
  void ended(std::int64_t number, const std::string& status, double objective);
  void give_back(const std::vector<study::Trial>& trials);  // of a job: they did not run

  // Trials that can never run, because what they go on from failed; each is given once and counts as failed from then on.
  struct Lost {
    study::Trial trial;
    std::string why;
  };
  std::vector<Lost> take_lost();

  // Whether some trial that is not done yet may begin with this one's checkpoint.
  bool is_needed(std::int64_t number) const;
  bool is_done(std::int64_t number) const { return is_done(entries_.at(number)); }
  // Trials that count as done: complete, diverged or pruned.
  std::int64_t done() const;
  // Trials that were complete and run again: another one goes on from them and their checkpoint was not kept, or their own base changed.
  const std::vector<std::int64_t>& run_again() const { return run_again_; }
  // How often the ready trials were grouped into jobs: work that grows with their number, so it must not be done for each.
  std::size_t times_planned() const { return times_planned_; }
  // With the number of its base, once that is known.
  const study::Trial& trial(std::int64_t number) const { return entries_.at(number).trial; }

 private:
  enum class Step { kWaiting, kReady, kRunning, kEnded };
  struct Entry {
    study::Trial trial;
    Step step = Step::kWaiting;
    std::string status;  // once ended
    double objective = record::kNaN;
    std::int64_t recorded_from = 0;  // the base that its record names
    std::string lost;                // why; until it was told
  };
  struct Choice {
    std::int64_t number = 0;  // 0: not known yet
    std::string lost;         // why there is none
  };

  bool is_done(const Entry& entry) const { return entry.step == Step::kEnded && entry.status != record::kFailed; }
  void set_step(Entry& entry, Step step);
  void lose(Entry& entry, const std::string& why);
  bool settle(Entry& entry);
  bool settle_base(Entry& entry);
  Choice choose_base(const Entry& entry) const;
  void again(Entry& entry);
  void again_with_successors(Entry& entry);  // what went on from it was another trial's work

  // A study may have ten thousand trials, so what happens when one ends must not look at all of them.
  std::map<std::int64_t, Entry> entries_;
  std::set<std::int64_t> open_;        // entries that `settle` may move: those with a base, and those that wait
  std::set<std::int64_t> with_base_;
  std::vector<std::int64_t> lost_;     // not told yet
  std::size_t ready_ = 0;              // entries of this step
  std::deque<study::Job> jobs_;        // the ready trials, grouped; planned anew when `are_jobs_old_`
  bool are_jobs_old_ = true;
  std::size_t times_planned_ = 0;
  std::map<std::string, std::int64_t> numbers_;  // by identity
  std::int64_t workers_;
  Better better_;
  std::function<bool(std::int64_t)> has_checkpoint_;
  std::vector<std::int64_t> run_again_;
};

}  // namespace temper::launch
