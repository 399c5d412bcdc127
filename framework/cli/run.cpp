// temper run FILE: runs an experiment's trials, or what is left of them, and shows the table.
#include <atomic>
#include <iostream>
#include <memory>
#include <optional>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/run_screen.h"
#include "cli/stop_signals.h"
#include "cli/verb.h"
#include "launch/run_study.h"
#include "registry/registry.h"

namespace temper::cli {

int run_experiment(const std::vector<std::string>& arguments) {
  launch::RunRequest request;
  std::string file, results = "results";
  std::optional<std::int64_t> workers, retries;
  bool quiet = false, json = false;
  CommandLine line("run", "Runs an experiment file's trials, or what is left of them: a study that was interrupted goes on by itself.");
  line.positional("FILE", file, "the experiment, a TOML file")
      .list("set", request.sets, "PATH=VALUE", "change the file before it is read: --set training.epochs=1; may be repeated")
      .option("results", results, "DIR", "where studies are written (default: results); this one goes to DIR/NAME")
      .option("workers", workers, "N", "worker processes that run trials side by side (default: 1)")
      .option("retries", retries, "N", "how often a trial whose worker died goes on or begins again (default: limits.retries of the file, else 0)")
      .flag("keep", request.keep, "go on though trials that have results changed in the file: they run under new numbers, and their old results stay, marked")
      .flag("fresh", request.fresh, "start over: forget what an earlier run of this study left")
      .flag("quiet,q", quiet, "print errors only; temper report prints the table at any time")
      .flag("json", json, "print what happens as JSON, an object per line, on standard output: docs/reference/run_events.md");
  if (!line.parse(arguments)) return kDone;
  if (request.keep && request.fresh) throw Error("--keep and --fresh exclude each other", "--keep keeps the results of trials that changed, --fresh forgets all");
  if (workers && *workers < 1) throw Error("--workers is " + std::to_string(*workers) + ", it must be at least 1");
  if (quiet && json) throw Error("--quiet and --json cannot be given together", "--json prints nothing but its events");
  if (retries) request.sets.push_back("limits.retries=" + std::to_string(*retries));
  request.file = file;
  request.results = results;
  request.workers = workers.value_or(1);

  const std::atomic<int>& stops = count_stop_signals();

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const std::unique_ptr<RunScreen> screen = json ? json_screen() : quiet ? quiet_screen() : text_screen();
  launch::RunResult result;
  try {
    result = launch::run_study(request, registry, *screen, stops);
  } catch (const launch::RunFailed& error) {
    screen->clear();
    screen->broke_off(error.what());
    std::cerr << error.what() << '\n';
    return kSomeFailed;
  }
  screen->finished(result);
  if (result.interrupted) return kInterrupted;
  return result.failed > 0 ? kSomeFailed : kDone;
}

}  // namespace temper::cli
