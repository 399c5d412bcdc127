// What a trial will cost in time, memory and disk: from its size and the speed of the machine, and better from what trials like it
// have cost. Pure arithmetic. The formulas and what they leave out are told in docs/estimates.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/training_options.h>

#include "record/trial_costs.h"
#include "study/split_sizes.h"
#include "study/trial.h"
#include "study/trial_size.h"

namespace temper::study {

struct TrialCost {
  std::int64_t steps = 0;           // optimizer steps of all phases
  std::int64_t evaluations = 0;
  double tokens = 0;                // trained on
  double train_seconds = 0;         // evaluations included
  double other_seconds = 0;         // what comes before and after: opening, tokens, answers
  double memory_bytes = 0;          // of the worker, at its largest
  double disk_bytes = 0;            // while it runs: snapshot and checkpoint
  double kept_bytes = 0;            // of that what stays when it is the best: the checkpoint
  double seconds() const { return train_seconds + other_seconds; }
};

// From the size alone. `rate`: operations per second of matrix products of the precision that the trial has (product_rate).
TrialCost reckon(const TrialSize& size, const TrainingOptions& options, double rate);

// Operations of the matrix products and of attention in one pass over a phase's train split; of one evaluation; and those that frozen
// layers need once, where their states are kept.
struct PhaseOperations {
  double epoch = 0, evaluation = 0, frozen = 0;
};
PhaseOperations operations(const PhaseSize& phase, const TrialSize& size, bool keeps_frozen);

// What trials of one kind cost, per unit of what they do.
struct CostRate {
  std::optional<double> seconds_per_token;       // of training; none: they do not train
  std::optional<double> seconds_per_evaluated;   // of an item that an evaluation scores; none: evaluations are counted with the tokens
  double other_seconds = 0;                      // before and after, but for answers
  double seconds_per_answer = 0;                 // of an item of the test split
  double memory_bytes = 0;
  std::int64_t trials = 0;                       // that it was told from
};

// Equal for trials whose costs grow alike: they differ only in how long they train, in their learning rates and in how much data
// there is. By full path and value, as trials and records name options.
std::string cost_key(const std::vector<std::pair<std::string, Value>>& parameters);

// Of each kind of trials the middle of what they have cost; trials that took over the work of others do not count where there are some that did not.
std::map<std::string, CostRate> cost_rates(const std::vector<record::TrialCosts>& trials);

// What a short trial of a kind tells of the others. `evaluated`: items that its evaluations scored, all together. Of its first step
// nothing is taken, which prepares much.
CostRate rate_of_probe(const record::TrialRecord& probe, std::int64_t evaluated);

// Takes the place of what was reckoned wherever the rate knows better; the cost's tokens and evaluations stay.
void apply_rate(const CostRate& rate, const SplitSizes& items, std::int64_t train_probe, TrialCost& cost);

// Seconds until jobs of these lengths are done, when each goes to the worker that is free first.
double makespan(const std::vector<double>& jobs, std::int64_t workers);

}  // namespace temper::study
