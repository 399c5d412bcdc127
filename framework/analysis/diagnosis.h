// The verdict on a trial from its two clean curves: did it underfit, overfit, diverge, or is it good?
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace temper::analysis {

enum class Verdict { kUnderfit, kGood, kOverfit, kDiverged, kUndecided };
std::string_view to_string(Verdict verdict);  // "underfit", "good", ...

// One split at one evaluation, in evaluation mode. Items come in the same order at every evaluation: changes are judged item by
// item, which is far sharper than comparing two means.
struct SplitLosses {
  std::vector<double> nll;    // per item: summed negative log-likelihood of its targets, in nats
  std::vector<double> tokens; // per item: target tokens in that sum; empty means one each (classification)
};

struct EvaluationLosses {
  std::int64_t step = 0;
  double epoch = 0;
  std::optional<SplitLosses> train;       // the train probe
  std::optional<SplitLosses> validation;  // absent without a validation split
};

struct LoggedLoss {
  std::int64_t step = 0;
  double loss = 0;  // of the step's batch, nats per target
};

// What is judged: one phase of training (losses of different phases do not compare), from its first step to its last.
struct TrialCurves {
  std::vector<EvaluationLosses> evaluations;  // in order; the first before training
  std::vector<LoggedLoss> logged;             // may be empty; shows a spike between two evaluations
  std::optional<double> prior_loss;  // validation loss of one who knows only how frequent each label is; absent where there is none
};

struct Diagnosis {
  Verdict verdict = Verdict::kUndecided;
  std::string reason;           // one sentence with the numbers that decided
  std::int64_t best_step = -1;  // of the lowest validation loss (the first of equals), of the train loss without one; -1: none
  double gap = std::numeric_limits<double>::quiet_NaN();  // validation loss - train loss at the last evaluation, nats
};

// Differences count from this many standard errors on.
inline constexpr double kStandardErrors = 2;

Diagnosis diagnose(const TrialCurves& curves);

}  // namespace temper::analysis
