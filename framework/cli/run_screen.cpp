// See run_screen.h.
#include "cli/run_screen.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

#include "record/study_file.h"
#include "report/live_view.h"
#include "report/run_events.h"
#include "report/table.h"
#include "report/terminal.h"

namespace temper::cli {

namespace {

using Clock = std::chrono::steady_clock;

std::string failed_line(const launch::TrialEnd& end) {
  return "trial " + std::to_string(end.trial.number) + " (" + study::describe(end.trial) + ") failed: " + end.error;
}

// What the table at the end tells in whole, with the trial's log and a backtrace.
std::string first_line(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  return line.substr(0, line.find("; the last lines of its log:"));
}

class TextScreen final : public RunScreen {
 public:
  ~TextScreen() override { clear(); }

  void note(const std::string& text) override { line(text); }

  void trial_ended(const launch::TrialEnd& end, const report::Progress& progress) override {
    line(end.record ? report::ended_line(progress, *end.record, progress.objective, end.seconds) : first_line(failed_line(end)));
  }

  void progress(const report::Progress& progress) override {
    const Clock::time_point now = Clock::now();
    if (now - drawn_ < kBetween) return;
    drawn_ = now;
    const report::Terminal terminal = report::terminal_of(STDERR_FILENO);  // its size may be another one by now
    if (!terminal.is_terminal || !is_in_foreground()) return;              // ended trials have their lines
    std::cerr << report::draw_block(report::live_view(progress, terminal)) << std::flush;
    shown_ = true;
  }

  void finished(const launch::RunResult& result) override {
    clear();
    if (result.interrupted) {
      std::cerr << "interrupted after " << result.complete << " of " << result.trials << " trials; the same command goes on from here\n";
      return;
    }
    std::cout << report::study_table(record::read_summary(result.study_file), report::terminal_of(STDOUT_FILENO)) << '\n' << result.study_file.string() << '\n';
  }

  void clear() override {
    if (shown_) std::cerr << report::erase_block() << std::flush;
    shown_ = false;
  }

 private:
  static constexpr std::chrono::milliseconds kBetween{90};  // two drawings

  // The shell's prompt must not be drawn over.
  static bool is_in_foreground() {
    const pid_t group = ::tcgetpgrp(STDERR_FILENO);
    return group < 0 || group == ::getpgrp();
  }

  void line(const std::string& text) {
    clear();
    std::cerr << text << std::endl;
    drawn_ = {};  // the block stands below it at once
  }

  bool shown_ = false;
  Clock::time_point drawn_{};
};

class QuietScreen final : public RunScreen {
 public:
  void note(const std::string&) override {}
  void progress(const report::Progress&) override {}
  void trial_ended(const launch::TrialEnd& end, const report::Progress&) override {
    if (!end.record) std::cerr << failed_line(end) << std::endl;
  }
  void finished(const launch::RunResult&) override {}
};

class JsonScreen final : public RunScreen {
 public:
  void note(const std::string& text) override { write(report::note_event(text)); }

  void study_started(const std::filesystem::path& folder, const report::Progress& progress) override { write(report::study_started_event(progress, folder)); }

  void trial_started(const study::Trial& trial, const report::Progress& progress) override {
    write(report::trial_started_event(name_of(trial), number_of(report::worker_of(progress, trial.number), progress)));
  }

  void progress(const report::Progress& progress) override {
    const Clock::time_point now = Clock::now();
    for (const report::WorkerProgress& worker : progress.workers) {
      if (worker.trial == 0) continue;
      const std::size_t number = number_of(&worker, progress);
      Told& told = told_[number];
      if (told.trial == worker.trial && (now - told.when < kBetween || (told.step == worker.step && told.doing == worker.activity && told.answered == worker.answered))) continue;
      told = {worker.trial, worker.step, worker.answered, worker.activity, now};
      write(report::trial_progress_event(worker, number, progress));
    }
  }

  void trial_ended(const launch::TrialEnd& end, const report::Progress& progress) override {
    write(report::trial_finished_event(name_of(end.trial), end.record, end.error, end.seconds, progress));
  }

  void finished(const launch::RunResult& result) override {
    if (result.interrupted) return write(report::study_finished_event("interrupted", "", {}, nullptr));
    const record::StudySummary table = record::read_summary(result.study_file);
    write(report::study_finished_event(result.failed > 0 ? "some_failed" : "complete", "", result.study_file, &table));
  }

  void broke_off(const std::string& error) override { write(report::study_finished_event("failed", error, {}, nullptr)); }

 private:
  static constexpr std::chrono::seconds kBetween{1};
  struct Told {
    std::int64_t trial = 0, step = 0, answered = 0;
    std::string doing;
    Clock::time_point when{};
  };

  static void write(const Value& event) { std::cout << to_json(event) << std::endl; }

  static report::TrialName name_of(const study::Trial& trial) {
    return {trial.number, trial.strategy, trial.seed, trial.swept_values()};
  }

  static std::size_t number_of(const report::WorkerProgress* worker, const report::Progress& progress) {
    return worker ? static_cast<std::size_t>(worker - progress.workers.data()) + 1 : 0;
  }

  std::map<std::size_t, Told> told_;  // by worker
};

}  // namespace

std::unique_ptr<RunScreen> text_screen() { return std::make_unique<TextScreen>(); }
std::unique_ptr<RunScreen> quiet_screen() { return std::make_unique<QuietScreen>(); }
std::unique_ptr<RunScreen> json_screen() { return std::make_unique<JsonScreen>(); }

}  // namespace temper::cli
