// temper run FILE: runs an experiment's trials, or what is left of them, and shows the table.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "launch/run_study.h"
#include "record/study_file.h"
#include "registry/registry.h"
#include "report/progress.h"
#include "report/table.h"

namespace temper::cli {

namespace {

std::atomic<int> stops = 0;  // how often a signal asked to stop: the handler can reach nothing else

void on_signal(int) { ++stops; }

class Screen final : public launch::RunListener {
 public:
  void note(const std::string& text) override { line(text); }
  void trial_ended(const std::string& text) override { line(text); }

  void progress(const report::Progress& progress) override {
    if (!terminal_.is_terminal) return;  // ended trials have their lines
    std::cerr << report::rewrite_line(report::progress_line(progress, terminal_)) << std::flush;
    shown_ = true;
  }

  void clear() {
    if (shown_) std::cerr << report::rewrite_line("") << std::flush;
    shown_ = false;
  }

 private:
  void line(const std::string& text) {
    clear();
    std::cerr << text << std::endl;
  }

  report::Terminal terminal_ = report::terminal_of(STDERR_FILENO);
  bool shown_ = false;
};

}  // namespace

int run_experiment(const std::vector<std::string>& arguments) {
  launch::RunRequest request;
  std::string file, results = "results";
  std::optional<std::int64_t> workers;
  CommandLine line("run", "Runs an experiment file's trials, or what is left of them: a study that was interrupted goes on by itself.");
  line.positional("FILE", file, "the experiment, a TOML file")
      .list("set", request.sets, "PATH=VALUE", "change the file before it is read: --set training.epochs=1; may be repeated")
      .option("results", results, "DIR", "where studies are written (default: results); this one goes to DIR/NAME")
      .option("workers", workers, "N", "worker processes that run trials side by side (default: 1)")
      .flag("fresh", request.fresh, "forget what an earlier run of this study left");
  if (!line.parse(arguments)) return kDone;
  if (workers && *workers < 1) throw Error("--workers is " + std::to_string(*workers) + ", it must be at least 1");
  request.file = file;
  request.results = results;
  request.workers = workers.value_or(1);

  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  Screen screen;
  launch::RunResult result;
  try {
    result = launch::run_study(request, registry, screen, stops);
  } catch (const launch::RunFailed& error) {
    screen.clear();
    std::cerr << error.what() << '\n';
    return kSomeFailed;
  }
  screen.clear();
  if (result.interrupted) {
    std::cerr << "interrupted after " << result.complete << " of " << result.trials << " trials; the same command goes on from here\n";
    return kInterrupted;
  }
  std::cout << report::study_table(record::read_summary(result.study_file), report::terminal_of(STDOUT_FILENO)) << '\n'
            << result.study_file.string() << '\n';
  return result.failed > 0 ? kSomeFailed : kDone;
}

}  // namespace temper::cli
