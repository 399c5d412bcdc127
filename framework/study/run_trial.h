// One trial from its options to its record: the straight line of temper.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "study/trial.h"

namespace temper::registry {
class Registry;
}

namespace temper::study {

class TrialInputs;

// A trial that goes on from where this one is when their steps part (study/step_sharing.h).
struct Heir {
  Trial trial;
  std::filesystem::path folder;
};

// How far a trial is between its events. steps 0: it does not train now, and has answered so many items.
struct LiveProgress {
  std::int64_t step = 0, steps = 0;
  std::int64_t answered = 0;
};

struct TrialRun {
  Trial trial;
  std::filesystem::path folder;             // trials/0001, made if absent: events.jsonl, trial.h5, snapshot/, checkpoint/
  std::filesystem::path base;               // checkpoint of the trial that it goes on from; empty when it goes on from none
  std::vector<std::string> job;             // trials ("0002") of its job that this process ran before it: their work is used again
  std::optional<Heir> heir;                 // the next trial of the job, where it takes the same first steps
  int threads = 1;
  std::function<void(const LiveProgress&)> live = {};  // told a few times a second; may be empty
  std::function<bool()> stop;               // asked between steps: true ends the trial with a snapshot
  std::function<void()> alive = {};         // called while it evaluates and answers, between batches; may be empty
  std::int64_t attempt = 1;                 // how often a worker has begun it, or gone on with it after another one died
};

struct TrialOutcome {
  std::string status;  // complete, diverged, or "interrupted": then there is no record yet
  std::int64_t shared_steps = 0;  // optimizer steps of its training that another trial took
};

inline constexpr const char* kInterrupted = "interrupted";

// Runs the trial, or what is left of it after a snapshot, and writes trial.h5 and checkpoint/. A trial depends on its options and
// its seed alone. Throws what went wrong; the caller records it as failed.
TrialOutcome run_trial(const TrialRun& run, TrialInputs& inputs, const registry::Registry& registry);

}  // namespace temper::study
