// The verdict on a trial from its two clean curves: did it underfit, overfit, diverge, or is it good?
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/split_losses.h"

namespace temper::analysis {

enum class Verdict { kUnderfit, kGood, kOverfit, kDiverged, kUndecided };
std::string_view to_string(Verdict verdict);  // "underfit", "good", ...

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

// What is judged: one phase of training (losses of different phases do not compare), from its first step to its last. The same
// items, in the same order, at every evaluation.
struct TrialCurves {
  std::vector<EvaluationLosses> evaluations;  // in order; the first before training
  std::vector<LoggedLoss> logged;             // may be empty; shows what happens between two evaluations
  bool stopped_not_finite = false;            // training ended because a loss or a gradient was not finite
  // The validation losses of one who knows only how frequent each label is (label_prior); absent where there are no labels.
  std::optional<SplitLosses> prior;
};

struct Diagnosis {
  Verdict verdict = Verdict::kUndecided;
  std::string reason;           // one sentence with the numbers that decided
  std::int64_t best_step = -1;  // of the lowest validation loss (the first of equals), of the train loss without one; -1: none
  double gap = std::numeric_limits<double>::quiet_NaN();  // validation loss - train loss at the last evaluation, nats
};

// The rules, first match first. "Clearly" is by more than kStandardErrors standard errors of the difference, items paired where
// the same items are compared, and by a share that matters (kShare... below), so that a verdict does not turn on trifles however
// many items there are.
//   diverged   a loss is not finite; or the train loss ended clearly above its start; or it gave back more than half of what it had
//              gained
//   undecided  no validation split, fewer than kFewestItems items in a split, or fewer than two evaluations
//   overfit    the validation loss clearly rose from its best while the train loss fell, and a clear gap opened; or it never got
//              better although the train loss clearly fell, and a clear gap opened
//   diverged   a batch's loss rose far above any item's loss before training, and nothing was learned after all
//   underfit   the validation loss never got clearly better than its start, or than the label prior
//   undecided  both losses clearly rose at the end, by less than half of their gain
//   underfit   both losses still fell clearly over the last third of the steps, with no clear gap between them (where nothing was
//              evaluated in between: the loss of the batches; undecided without them)
//   good       otherwise
inline constexpr double kStandardErrors = 2;           // more where the best of many evaluations is compared, see the source
inline constexpr double kStandardErrorsToDiverge = 3;  // divergence is gross, and no fault to suspect lightly
inline constexpr std::size_t kFewestItems = 10;
inline constexpr double kShareOfStart = 0.01;       // of the loss before training: smaller changes are none
inline constexpr double kShareOfStartToDiverge = 0.05;
inline constexpr double kShareOfStartForGap = 0.05;
inline constexpr double kShareOfGainToOverfit = 0.05;  // of what validation had gained
inline constexpr double kShareOfGainStillFalling = 0.1;

Diagnosis diagnose(const TrialCurves& curves);

}  // namespace temper::analysis
