// See progress.h.
#include "report/progress.h"

#include <algorithm>
#include <cmath>

#include "report/words.h"

namespace temper::report {

namespace {

struct Update {
  Progress& progress;
  void operator()(const record::TrialStarted& e) const {
    if (progress.label.empty()) progress.label = e.strategy;
    progress.activity.clear();
    progress.step = progress.steps = 0;
    progress.loss = progress.validation_loss = record::kNaN;
  }
  void operator()(const record::PhaseStarted& e) const {
    progress.activity.clear();
    progress.step = e.first_step;
    progress.steps = e.steps > 0 ? e.first_step + e.steps : 0;
  }
  void operator()(const record::StepRow& e) const {
    progress.activity.clear();
    progress.step = e.step;
    progress.loss = e.loss;
  }
  void operator()(const record::EvaluationRow& e) const {
    for (const auto& [name, value] : e.values)
      if (name == "validation_loss") progress.validation_loss = value;
  }
  void operator()(const record::Note& e) const { progress.activity = e.text; }
  void operator()(const record::Warning&) const {}
  void operator()(const record::TrialFinished&) const { progress.activity.clear(); }
};

// The part of the running trial that is done, in [0, 1]; 0 where it is not known.
double fraction(const Progress& progress) {
  if (progress.label.empty() || progress.steps <= 0) return 0;
  return std::clamp(static_cast<double>(progress.step) / static_cast<double>(progress.steps), 0.0, 1.0);
}

std::string position(const Progress& progress) {
  const std::int64_t number = std::min(progress.trials_done + (progress.label.empty() ? 0 : 1), progress.trials_total);
  return "[" + std::to_string(number) + "/" + std::to_string(progress.trials_total) + "] ";
}

}  // namespace

void update(Progress& progress, const record::Event& event) { std::visit(Update{progress}, event); }

std::optional<double> seconds_left(const Progress& progress) {
  const double done = static_cast<double>(progress.trials_done - progress.trials_earlier) + fraction(progress);
  const double left = static_cast<double>(progress.trials_total - progress.trials_done) - fraction(progress);
  constexpr double kLeastDone = 0.05;  // of a trial: less says more about the start than about the rest
  if (left <= 0) return 0;
  if (done < kLeastDone || progress.elapsed_seconds <= 0) return std::nullopt;
  return progress.elapsed_seconds / done * left;
}

std::string progress_line(const Progress& progress, const Terminal& terminal) {
  std::string rest;
  if (!progress.activity.empty()) {
    rest += " | " + progress.activity;
  } else if (progress.steps > 0) {
    rest += " | step " + std::to_string(progress.step) + " of " + std::to_string(progress.steps);
  } else if (progress.step > 0) {
    rest += " | step " + std::to_string(progress.step);
  }
  if (!std::isnan(progress.loss)) rest += " | loss " + short_number(progress.loss);
  if (!std::isnan(progress.validation_loss)) rest += " | validation loss " + short_number(progress.validation_loss);
  if (const std::optional<double> left = seconds_left(progress); left && *left > 0) rest += " | about " + duration(*left) + " left";
  const std::string label = progress.label.empty() ? "waiting" : progress.label;
  const std::string start = position(progress);
  if (terminal.width <= 0) return printable(start + label + rest);
  // The label is the longest part and the one that changes least: it gives way first. One column stays free for the cursor.
  const int width = terminal.width - 1;
  constexpr int kShortestLabel = 12;
  const int room = std::max(kShortestLabel, width - display_width(start) - display_width(rest));
  return fit(start + fit(label, room) + rest, width);
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

std::string rewrite_line(const std::string& line) { return "\r" + line + "\x1b[K"; }

}  // namespace temper::report
