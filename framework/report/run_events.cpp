// See run_events.h.
#include "report/run_events.h"

#include <cmath>

namespace temper::report {

namespace {

Value event(const char* name) { return Value(Value::Table{{"event", name}, {"time", record::now_iso8601()}}); }

void set_number(Value& to, const char* name, double value) {
  if (!std::isnan(value)) to.set(name, value);
}

void set_trial(Value& to, const TrialName& trial) {
  to.set("trial", trial.number);
  to.set("strategy", trial.strategy);
  if (trial.seed) to.set("seed", *trial.seed);
  to.set("options", Value(Value::Table(trial.swept.begin(), trial.swept.end())));
}

Value metrics_of(const std::vector<record::MetricResult>& metrics) {
  Value all{Value::Table{}};
  for (const record::MetricResult& metric : metrics) {
    if (std::isnan(metric.value)) continue;
    Value one(Value::Table{{"value", metric.value}});
    set_number(one, "stderr", metric.standard_error);
    all.set(metric.name, std::move(one));
  }
  return all;
}

Value table_row(const record::TrialSummary& trial) {
  Value row{Value::Table{}};
  set_trial(row, {trial.number, trial.strategy, trial.seed, trial.swept});
  row.set("status", trial.status);
  if (!trial.verdict.empty()) row.set("verdict", trial.verdict);
  set_number(row, "objective", trial.objective);
  row.set("metrics", metrics_of(trial.metrics));
  if (!trial.error.empty()) row.set("error", trial.error);
  return row;
}

}  // namespace

Value study_started_event(const Progress& progress, const std::filesystem::path& folder) {
  Value told = event("study_started");
  told.set("format", kRunFormat);
  told.set("format_version", kRunFormatVersion);
  told.set("temper_version", TEMPER_VERSION);
  told.set("study", progress.study);
  told.set("folder", folder.string());
  told.set("trials", progress.trials_total);
  told.set("done", progress.trials_done);
  told.set("workers", static_cast<std::int64_t>(progress.workers.size()));
  if (!progress.objective.empty()) {
    told.set("objective", progress.objective);
    told.set("objective_better", progress.better == Better::kLower ? "lower" : "higher");
  }
  return told;
}

Value note_event(const std::string& text) {
  Value told = event("note");
  told.set("text", text);
  return told;
}

Value trial_started_event(const TrialName& trial, std::size_t worker) {
  Value told = event("trial_started");
  set_trial(told, trial);
  told.set("worker", static_cast<std::int64_t>(worker));
  return told;
}

Value trial_progress_event(const WorkerProgress& worker, std::size_t number, const Progress& progress) {
  Value told = event("trial_progress");
  told.set("trial", worker.trial);
  told.set("worker", static_cast<std::int64_t>(number));
  if (!worker.activity.empty()) told.set("doing", worker.activity);
  if (worker.answered > 0) told.set("answered", worker.answered);
  if (worker.step > 0) told.set("step", worker.step);
  if (worker.steps > 0) told.set("steps", worker.steps);
  set_number(told, "epoch", worker.epoch);
  set_number(told, "loss", worker.loss);
  set_number(told, "validation_loss", worker.validation_loss);
  set_number(told, "tokens_per_second", tokens_per_second(worker));
  told.set("study_share", done_share(progress));
  if (const std::optional<double> left = seconds_left(progress)) told.set("seconds_left", *left);
  return told;
}

Value trial_finished_event(const TrialName& trial, const record::TrialRecord* record, const std::string& error, double seconds, const Progress& progress) {
  Value told = event("trial_finished");
  set_trial(told, trial);
  told.set("status", record ? record->status : record::kFailed);
  if (record && record->diagnosis) told.set("verdict", record->diagnosis->verdict);
  if (record) set_number(told, "objective", record->objective);
  if (record && record->test) told.set("metrics", metrics_of(record->test->metrics));
  told.set("seconds", seconds);
  if (!error.empty()) told.set("error", error);
  told.set("done", progress.trials_done);
  told.set("trials", progress.trials_total);
  if (progress.best) told.set("best", progress.best->trial);
  if (const std::optional<double> left = seconds_left(progress)) told.set("seconds_left", *left);
  return told;
}

Value study_finished_event(const std::string& status, const std::string& error, const std::filesystem::path& study_file, const record::StudySummary* table) {
  Value told = event("study_finished");
  told.set("status", status);
  if (!error.empty()) told.set("error", error);
  if (!study_file.empty()) told.set("study_file", study_file.string());
  if (!table) return told;
  if (const record::TrialSummary* best = table->best()) told.set("best", best->number);
  Value::Array rows;
  for (const record::TrialSummary& trial : table->trials) rows.push_back(table_row(trial));
  told.set("table", Value(std::move(rows)));
  return told;
}

const std::vector<EventKind>& run_event_kinds() {
  static const EventMember kTrial{"trial", "integer", true, "The trial's number."};
  static const EventMember kStrategy{"strategy", "string", true, "Its strategy's name."};
  static const EventMember kSeed{"seed", "integer", false, "Its seed; absent where the strategy uses none."};
  static const EventMember kOptions{"options", "object", true, "The swept options that it reads, by full path."};
  static const EventMember kLeft{"seconds_left", "number", false, "Until the study's end, if what is left goes on as fast as what this run has done."};
  static const std::vector<EventKind> kinds = {
      {"study_started",
       "The file is in order, its trials are planned.",
       {{"format", "string", true, "`temper-run`."},
        {"format_version", "integer", true, "1. Members and events may be added to a version: a reader ignores what it does not know."},
        {"temper_version", "string", true, "Of the program that runs."},
        {"study", "string", true, "The study's name."},
        {"folder", "string", true, "Where it is written."},
        {"trials", "integer", true, "All of the study."},
        {"done", "integer", true, "Of these, done by an earlier run."},
        {"workers", "integer", true, "Worker processes."},
        {"objective", "string", false, "What chooses the best trial; absent without a validation split."},
        {"objective_better", "string", false, "`lower` or `higher`."}}},
      {"note", "Something worth telling: rows that were dropped, a warning of a trial. Those on the data come before `study_started`.", {{"text", "string", true, "What."}}},
      {"trial_started", "A worker begins a trial, or goes on with it.", {kTrial, kStrategy, kSeed, kOptions, {"worker", "integer", true, "Which worker, from 1."}}},
      {"trial_progress",
       "At most once a second for each worker, where something has changed.",
       {kTrial,
        {"worker", "integer", true, "Which worker, from 1."},
        {"doing", "string", false, "What it does when it does not train: `predicting 1000 test items`."},
        {"answered", "integer", false, "Items that have their answer."},
        {"step", "integer", false, "Optimizer steps taken."},
        {"steps", "integer", false, "That it will take unless it stops early."},
        {"epoch", "number", false, "Passes over the train split."},
        {"loss", "number", false, "Of the last logged step, in nats."},
        {"validation_loss", "number", false, "Of the last evaluation, in nats."},
        {"tokens_per_second", "number", false, "Of training, over its last seconds."},
        {"study_share", "number", true, "The part of the whole study that is done, in [0, 1]."},
        kLeft}},
      {"trial_finished",
       "A trial has ended. One that can never run, because what it goes on from failed, has no `trial_started`.",
       {kTrial,
        kStrategy,
        kSeed,
        kOptions,
        {"status", "string", true, "`complete`, `pruned`, `diverged` or `failed`."},
        {"verdict", "string", false, "On its curves: `good`, `underfit`, `overfit`, `diverged` or `undecided`."},
        {"objective", "number", false, "The objective's value."},
        {"metrics", "object", false, "On the test split: by name an object with `value` and, where it is known, `stderr`."},
        {"seconds", "number", true, "Since it was begun."},
        {"error", "string", false, "Why it failed."},
        {"done", "integer", true, "Trials of the study that have ended."},
        {"trials", "integer", true, "All of the study."},
        {"best", "integer", false, "The best trial so far, by the objective."},
        kLeft}},
      {"study_finished",
       "Last, once; absent where the file or the command line is wrong and nothing ran.",
       {{"status", "string", true, "`complete` (exit status 0), `some_failed` (1), `failed` (1: the study as a whole, by a full disk for instance) or `interrupted` (130)."},
        {"error", "string", false, "Why it failed as a whole."},
        {"study_file", "string", false, "study.h5."},
        {"best", "integer", false, "The best trial by the objective."},
        {"table", "array", false,
         "The table of the study: for each trial an object with `trial`, `strategy`, `seed`, `options`, `status`, `metrics`, and where it has them `verdict`, `objective` and "
         "`error`. Absent where the study was interrupted or failed as a whole."}}},
  };
  return kinds;
}

std::string run_events_markdown() {
  std::string text =
      "# Events of `temper run --json`\n\n"
      "Written by `temper plugins --markdown run_events` from the declarations that a test compares the events with.\n\n"
      "`temper run FILE --json` writes one JSON object per line on standard output, as things happen, and no other text there; errors of the command line\n"
      "and of the file stay on standard error. Every object has `event` and `time` (UTC, ISO 8601). A number that is not known is no member; those that\n"
      "JSON has no form for are the strings `NaN`, `Infinity` and `-Infinity`.\n";
  for (const EventKind& kind : run_event_kinds()) {
    text += "\n## " + std::string(kind.name) + "\n\n" + kind.when + "\n\n| member | type | what |\n|---|---|---|\n";
    for (const EventMember& member : kind.members) {
      text += "| `" + std::string(member.name) + "` | " + member.type + (member.always ? "" : ", optional") + " | " + member.what + " |\n";
    }
  }
  return text;
}

}  // namespace temper::report
