// The rules of diagnosis.h, in their order: each returns a diagnosis or nothing.
#include "analysis/diagnosis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace temper::analysis {
namespace {

using Rule = std::optional<std::pair<Verdict, std::string>>;

std::string number(double value, int digits = 3) {  // significant digits
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}
std::string errors(const Estimate& change) {  // "5.1 standard errors"
  if (!(change.standard_error > 0)) return "on every item alike";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", std::abs(change.value) / change.standard_error);
  return text.data() + std::string(" standard errors");
}
// With as many digits as show the difference.
std::string from_to(double from, double to) {
  int digits = 3;
  while (digits < 6 && from != to && number(from, digits) == number(to, digits)) ++digits;
  return "from " + number(from, digits) + " to " + number(to, digits);
}

// Beyond chance. `chances`: from how many the compared evaluation was picked as the best. Of m values of a normal distribution the
// largest exceeds sqrt(k^2 + 2 ln m) standard errors with a probability of at most exp(-k^2 / 2), whatever m is (the union bound
// on the tail exp(-x^2 / 2)). With fewer than two items nothing is clear.
bool clear(const Estimate& change, std::size_t chances = 1, double errors = kStandardErrors) {
  return change.value > std::sqrt(errors * errors + 2 * std::log(static_cast<double>(chances))) * change.standard_error;
}
Estimate negated(Estimate estimate) { return {-estimate.value, estimate.standard_error}; }

// One split's curve, and the points of it that the rules look at. Empty unless every evaluation has the same items of the split.
struct Curve {
  std::vector<const SplitLosses*> splits;
  std::vector<double> losses;  // nats per target

  Curve(const TrialCurves& curves, std::optional<SplitLosses> EvaluationLosses::*split) {
    for (const EvaluationLosses& evaluation : curves.evaluations) {
      const std::optional<SplitLosses>& now = evaluation.*split;
      const double loss = now ? mean_loss(*now).value : std::nan("");
      if (!std::isfinite(loss) || (!splits.empty() && now->losses.size() != splits[0]->losses.size())) {
        splits.clear();
        losses.clear();
        return;
      }
      splits.push_back(&*now);
      losses.push_back(loss);
    }
  }
  bool empty() const { return losses.empty(); }
  std::size_t best() const { return std::min_element(losses.begin(), losses.end()) - losses.begin(); }
  std::size_t last() const { return losses.size() - 1; }
  Estimate change(std::size_t from, std::size_t to) const { return paired_change(*splits[from], *splits[to]); }
  // How far the loss fell or rose between two evaluations, positive if it did.
  Estimate fall(std::size_t from, std::size_t to) const { return negated(change(from, to)); }
  bool matters(const Estimate& change) const { return change.value > kShareOfStart * losses[0]; }
  bool clearly_fell(std::size_t from, std::size_t to) const { return clear(fall(from, to)) && matters(fall(from, to)); }
  // Did the best, picked from all evaluations, gain on the first, and did the last lose against it?
  bool best_clearly_fell() const { return clear(fall(0, best()), losses.size()) && matters(fall(0, best())); }
  bool clearly_rose_from_best() const { return clear(change(best(), last()), losses.size()) && matters(change(best(), last())); }
};

struct Case {
  const TrialCurves& curves;
  Curve train, validation;

  std::string at(std::size_t evaluation) const { return "step " + std::to_string(curves.evaluations[evaluation].step); }
  Estimate gap(std::size_t evaluation) const { return difference(mean_loss(*validation.splits[evaluation]), mean_loss(*train.splits[evaluation])); }
  bool clear_gap(std::size_t evaluation) const { return clear(gap(evaluation)) && gap(evaluation).value > kShareOfStartForGap * validation.losses[0]; }
  // Validation at its best against one who knows only the frequencies of labels; positive if it is better.
  std::optional<Estimate> gain_over_prior(std::size_t evaluation) const {
    if (!curves.prior || validation.empty() || curves.prior->losses.size() != validation.splits[evaluation]->losses.size()) return std::nullopt;
    return negated(paired_change(*curves.prior, *validation.splits[evaluation]));
  }
  bool learned_nothing() const {
    const std::size_t best = validation.best();
    const auto gain = gain_over_prior(best);
    return !validation.best_clearly_fell() || (gain && !clear(*gain, validation.losses.size()));
  }
};

Rule not_finite(const TrialCurves& curves) {
  for (const LoggedLoss& logged : curves.logged) {
    if (!std::isfinite(logged.loss)) return {{Verdict::kDiverged, "the loss of the batch at step " + std::to_string(logged.step) + " is not finite"}};
  }
  for (const EvaluationLosses& evaluation : curves.evaluations) {
    for (const auto* split : {&evaluation.train, &evaluation.validation}) {
      if (!*split || std::ranges::all_of((*split)->losses, [](double loss) { return std::isfinite(loss); })) continue;
      return {{Verdict::kDiverged, std::string("the ") + (split == &evaluation.train ? "train" : "validation") + " loss at step " + std::to_string(evaluation.step) + " is not finite"}};
    }
  }
  if (!curves.stopped_not_finite) return {};
  const std::int64_t last = std::max(curves.evaluations.empty() ? 0 : curves.evaluations.back().step, curves.logged.empty() ? 0 : curves.logged.back().step);
  return {{Verdict::kDiverged, "training stopped after step " + std::to_string(last) + " because a loss or a gradient was not finite"}};
}

Rule ended_above_start(const Case& c, const Curve& curve, const char* name) {
  const std::size_t last = curve.last();
  const Estimate rise = curve.change(0, last);
  if (!clear(rise, 1, kStandardErrorsToDiverge) || !curve.matters(rise)) return {};
  const auto gain = c.gain_over_prior(last);
  const bool worse_than_prior = gain && clear(negated(*gain));
  if (rise.value <= kShareOfStartToDiverge * curve.losses[0] && !worse_than_prior) return {};
  return {{Verdict::kDiverged, std::string("the ") + name + " loss ended above its start: it rose " + from_to(curve.losses[0], curve.losses[last]) + " (" + errors(rise) + ")"}};
}

Rule lost_its_gain(const Case& c, const Curve& curve, const char* name) {
  const std::size_t best = curve.best(), last = curve.last();
  const double gained = curve.losses[0] - curve.losses[best];
  const Estimate rise = curve.change(best, last);
  const bool gain_counts = curve.best_clearly_fell() && gained > kShareOfStartToDiverge * curve.losses[0];
  if (!gain_counts || !clear(rise, curve.losses.size(), kStandardErrorsToDiverge) || rise.value <= gained / 2) return {};
  return {{Verdict::kDiverged, std::string("the ") + name + " loss had fallen " + from_to(curve.losses[0], curve.losses[best]) + " by " + c.at(best) + " and rose again to " + number(curve.losses[last])}};
}

// A batch's mean loss cannot exceed the largest loss of an item unless training made it worse.
Rule spiked_and_learned_nothing(const Case& c) {
  if (c.curves.logged.empty() || !c.learned_nothing()) return {};
  double largest = 0;  // of an item before training, nats per target
  for (const SplitLosses* split : {c.train.splits[0], c.validation.splits[0]}) {
    for (std::size_t i = 0; i < split->losses.size(); ++i) {
      const double count = split->counts.empty() ? 1 : static_cast<double>(split->counts[i]);
      if (count > 0) largest = std::max(largest, split->losses[i] / count);
    }
  }
  const auto peak = std::ranges::max_element(c.curves.logged, {}, &LoggedLoss::loss);
  if (peak->loss <= 1.5 * largest) return {};  // half as much again, for items that no evaluation saw
  return {{Verdict::kDiverged, "the loss of the batch at step " + std::to_string(peak->step) + " was " + number(peak->loss) + ", where no item had more than " + number(largest) + " before training, and nothing was learned after all: validation loss " + from_to(c.validation.losses[0], c.validation.losses.back())}};
}

Rule diverged(const Case& c) {
  // An overfitted model's validation loss may end far above its start: only the train loss tells, where there is one.
  const Curve& curve = c.train.empty() ? c.validation : c.train;
  const char* name = c.train.empty() ? "validation" : "train";
  if (curve.losses.size() < 2) return {};
  if (Rule rule = ended_above_start(c, curve, name)) return rule;
  return lost_its_gain(c, curve, name);
}

Rule too_little_to_tell(const Case& c) {
  if (c.validation.empty()) return {{Verdict::kUndecided, "there is no validation split to compare with"}};
  if (c.train.empty()) return {{Verdict::kUndecided, "the train items were not evaluated"}};
  if (c.train.losses.size() < 2) return {{Verdict::kUndecided, "there is one evaluation only"}};
  const std::size_t items = std::min(c.train.splits[0]->losses.size(), c.validation.splits[0]->losses.size());
  if (items < kFewestItems) return {{Verdict::kUndecided, "a split of " + std::to_string(items) + " items is too small to tell, at least " + std::to_string(kFewestItems) + " are needed"}};
  return {};
}

Rule overfit(const Case& c) {
  const std::size_t best = c.validation.best(), last = c.validation.last();
  const Estimate rise = c.validation.change(best, last);
  const double gained = c.validation.losses[0] - c.validation.losses[best];
  const bool train_fell = c.train.losses[last] <= c.train.losses[best];
  if (c.validation.clearly_rose_from_best() && rise.value > kShareOfGainToOverfit * gained && train_fell && c.clear_gap(last)) {
    return {{Verdict::kOverfit, "the validation loss rose " + from_to(c.validation.losses[best], c.validation.losses[last]) + " after " + c.at(best) + " (" + errors(rise) + ") while the train loss fell " + from_to(c.train.losses[best], c.train.losses[last])}};
  }
  if (!c.validation.best_clearly_fell() && c.train.clearly_fell(0, last) && c.clear_gap(last)) {
    return {{Verdict::kOverfit, "the train loss fell " + from_to(c.train.losses[0], c.train.losses[last]) + " but the validation loss never got clearly better than its start, " + number(c.validation.losses[0])}};
  }
  return {};
}

Rule learned_nothing(const Case& c) {
  const std::size_t best = c.validation.best();
  if (!c.validation.best_clearly_fell()) {
    return {{Verdict::kUnderfit, "the validation loss never got clearly better than its start: " + from_to(c.validation.losses[0], c.validation.losses[best]) + " at best"}};
  }
  if (const auto gain = c.gain_over_prior(best); gain && !clear(*gain, c.validation.losses.size())) {
    return {{Verdict::kUnderfit, "the validation loss is " + number(c.validation.losses[best]) + " at best, not clearly better than " + number(mean_loss(*c.curves.prior).value) + ", what knowing only the frequencies of the labels gives"}};
  }
  return {};
}

// Over the last third of the steps, or the last interval if that is longer.
bool still_falls(const Curve& curve, std::size_t from) {
  const Estimate fall = curve.fall(from, curve.last());
  return clear(fall) && fall.value > kShareOfGainStillFalling * (curve.losses[0] - curve.losses[curve.last()]);
}

// For a trial that was evaluated only before and after: the batches' losses of the last third against those of the third before.
std::optional<Estimate> fall_of_logged(const std::vector<LoggedLoss>& logged) {
  const std::size_t third = logged.size() / 3;
  if (third < 4) return std::nullopt;
  const auto mean_of = [&](std::size_t begin) {
    SplitLosses batches;
    for (std::size_t i = begin; i < begin + third; ++i) batches.losses.push_back(logged[i].loss);
    return mean_loss(batches);
  };
  return difference(mean_of(logged.size() - 2 * third), mean_of(logged.size() - third));
}

Rule still_falling(const Case& c) {
  const std::size_t last = c.validation.last();
  const std::string no_gap = ", with no clear gap between them";
  if (last == 1) {
    const auto fall = fall_of_logged(c.curves.logged);
    if (!fall) return {{Verdict::kUndecided, "it was evaluated only before and after training: smaller eval_steps would tell whether the losses still fell"}};
    if (clear(*fall) && !c.clear_gap(last)) return {{Verdict::kUnderfit, "the loss of the batches still fell, by " + number(fall->value) + " (" + errors(*fall) + "), over the last third of the steps, and no gap to the validation loss opened"}};
    return {};
  }
  const double two_thirds = static_cast<double>(c.curves.evaluations[last].step) * 2 / 3;
  std::size_t from = 0;
  for (std::size_t i = 0; i < last; ++i) {
    if (static_cast<double>(c.curves.evaluations[i].step) <= two_thirds) from = i;
  }
  if (!still_falls(c.train, from) || !still_falls(c.validation, from) || c.clear_gap(last)) return {};
  return {{Verdict::kUnderfit, "both losses still fell after " + c.at(from) + ", validation " + from_to(c.validation.losses[from], c.validation.losses[last]) + " and train " + from_to(c.train.losses[from], c.train.losses[last]) + no_gap}};
}

Rule both_rose(const Case& c) {
  const std::size_t best = c.validation.best(), last = c.validation.last();
  if (!c.validation.clearly_rose_from_best()) return {};
  return {{Verdict::kUndecided, "both losses rose after " + c.at(best) + ", validation " + from_to(c.validation.losses[best], c.validation.losses[last]) + " and train " + from_to(c.train.losses[best], c.train.losses[last]) + ": the learning rate may be too high"}};
}

Rule good(const Case& c) {
  const std::size_t best = c.validation.best(), last = c.validation.last();
  return {{Verdict::kGood, "the validation loss fell " + from_to(c.validation.losses[0], c.validation.losses[best]) + " (" + errors(c.validation.change(0, best)) + ") and did not clearly rise again; it ended " + number(std::abs(c.gap(last).value)) + (c.gap(last).value < 0 ? " below" : " above") + " the train loss"}};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUnderfit: return "underfit";
    case Verdict::kGood: return "good";
    case Verdict::kOverfit: return "overfit";
    case Verdict::kDiverged: return "diverged";
    case Verdict::kUndecided: break;
  }
  return "undecided";
}

Diagnosis diagnose(const TrialCurves& curves) {
  Diagnosis diagnosis;
  const Case c{curves, Curve(curves, &EvaluationLosses::train), Curve(curves, &EvaluationLosses::validation)};
  if (const Curve& curve = c.validation.empty() ? c.train : c.validation; !curve.empty()) diagnosis.best_step = curves.evaluations[curve.best()].step;
  if (!c.train.empty() && !c.validation.empty()) diagnosis.gap = c.validation.losses.back() - c.train.losses.back();

  Rule rule = not_finite(curves);
  if (!rule && curves.evaluations.empty()) rule = {{Verdict::kUndecided, "nothing was evaluated"}};
  if (!rule) rule = diverged(c);
  if (!rule) rule = too_little_to_tell(c);
  for (const auto next : {overfit, spiked_and_learned_nothing, learned_nothing, both_rose, still_falling, good}) {
    if (!rule) rule = next(c);
  }
  diagnosis.verdict = rule->first;
  diagnosis.reason = rule->second;
  return diagnosis;
}

}  // namespace temper::analysis
