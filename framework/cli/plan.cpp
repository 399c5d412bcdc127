// temper plan FILE: what `run` would do. Changes nothing.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <optional>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "launch/check_inputs.h"
#include "launch/estimate.h"
#include "launch/machine.h"
#include "launch/plugin_schemas.h"
#include "launch/study_folder.h"
#include "launch/tell_changes.h"
#include "launch/worker_pool.h"
#include "registry/registry.h"
#include "study/ledger.h"
#include "study/plan.h"
#include "study/study.h"

namespace temper::cli {

int plan_experiment(const std::vector<std::string>& arguments) {
  std::string file, results = "results";
  std::vector<std::string> sets;
  std::optional<std::int64_t> worker_count;
  bool measures = false;
  CommandLine line("plan", "Shows what an experiment file would run, what of it is done already, and what it will cost. Writes nothing.");
  line.positional("FILE", file, "the experiment, a TOML file")
      .list("set", sets, "PATH=VALUE", "change the file before it is read; may be repeated")
      .option("results", results, "DIR", "where studies are written (default: results)")
      .option("workers", worker_count, "N", "worker processes that jobs are planned for (default: 1)")
      .flag("measure", measures, "run a short probe of each kind of trial, in a temporary folder, for the estimates");
  if (!line.parse(arguments)) return kDone;
  if (worker_count && *worker_count < 1) throw Error("--workers is " + std::to_string(*worker_count) + ", it must be at least 1");

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const std::atomic<int> never_stopped = 0;
  launch::WorkerPool workers(launch::worker_program(), 1, never_stopped);
  const launch::PluginSchemas schemas(registry, [&](const Value& question, const std::string& doing) { return workers.ask(question, doing); });
  study::Study study = study::read_study(file, sets, launch::surroundings(schemas));
  const launch::InputSummary inputs = launch::summarize_inputs(study, registry);
  const std::filesystem::path folder = std::filesystem::path(results) / study.experiment.name;
  study::Ledger ledger = study::Ledger::read(folder);
  if (!ledger.note().empty()) std::cerr << ledger.note() << '\n';
  const launch::ChangesInWords changes = launch::tell_changes(folder, ledger, study);
  ledger.plan(study.trials);
  const std::int64_t number_of_workers = worker_count.value_or(1);
  std::optional<std::int64_t> threads = study.experiment.threads ? study.experiment.threads : ledger.threads;
  if (!threads) threads = std::max<std::int64_t>(1, launch::usable_cores() / number_of_workers);
  const std::vector<study::Job> jobs = study::plan_jobs(study.trials, number_of_workers);
  const launch::Estimates estimates = launch::estimate({study, jobs, inputs.sizes, results, *threads, measures}, workers, never_stopped);
  const launch::EndedTrials ended(folder);
  const auto outlook = [&](const study::Trial& trial) {
    study::TrialOutlook outlook;
    if (const auto known = estimates.trials.find(trial.number); known != estimates.trials.end()) outlook = known->second;
    const launch::TrialState* known = ended.find(trial);
    const launch::TrialState state = known ? *known : launch::trial_state(folder, trial);
    if (state.ended()) outlook.state = state.status;
    else if (state.has_snapshot) outlook.state = "resumes";
    return outlook;
  };
  std::cout << study::describe_plan(study, jobs, inputs.facts, outlook, {number_of_workers, estimates.sources});
  for (const std::string& line : changes.changed) std::cout << "note: " << line << '\n';
  if (!changes.changed.empty()) std::cout << "    temper run asks for --keep (they run under new numbers, the old results stay beside, marked) or --fresh (the study starts over)\n";
  if (!changes.removed.empty()) std::cout << "note: " << changes.removed << '\n';
  return kDone;
}

}  // namespace temper::cli
