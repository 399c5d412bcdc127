// temper plan FILE: what `run` would do. Changes nothing.
#include <atomic>
#include <iostream>
#include <optional>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "launch/check_inputs.h"
#include "launch/plugin_schemas.h"
#include "launch/study_folder.h"
#include "launch/worker_pool.h"
#include "registry/registry.h"
#include "study/ledger.h"
#include "study/plan.h"
#include "study/study.h"
#include "training/schedule.h"

namespace temper::cli {

int plan_experiment(const std::vector<std::string>& arguments) {
  std::string file, results = "results";
  std::vector<std::string> sets;
  std::optional<std::int64_t> worker_count;
  CommandLine line("plan", "Shows what an experiment file would run, and what of it is done already. Writes nothing.");
  line.positional("FILE", file, "the experiment, a TOML file")
      .list("set", sets, "PATH=VALUE", "change the file before it is read; may be repeated")
      .option("results", results, "DIR", "where studies are written (default: results)")
      .option("workers", worker_count, "N", "worker processes that jobs are planned for (default: 1)");
  if (!line.parse(arguments)) return kDone;

  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const std::atomic<int> never_stopped = 0;
  launch::WorkerPool workers(launch::worker_program(), 1, never_stopped);
  const launch::PluginSchemas schemas(registry, [&](const Value& question, const std::string& doing) { return workers.ask(question, doing); });
  study::Study study = study::read_study(file, sets, launch::surroundings(schemas));
  const launch::InputSummary inputs = launch::summarize_inputs(study, registry);
  const std::filesystem::path folder = std::filesystem::path(results) / study.experiment.name;
  study::Ledger ledger = study::Ledger::read(folder);
  if (!ledger.note().empty()) std::cerr << ledger.note() << '\n';
  ledger.plan(study.trials);
  std::cout << study::describe_plan(study, study::plan_jobs(study.trials, worker_count.value_or(1)), inputs.facts, [&](const study::Trial& trial) {
    study::TrialOutlook outlook;
    const launch::TrialState state = launch::trial_state(folder, trial);
    if (state.ended()) outlook.state = state.status;
    else if (state.has_snapshot) outlook.state = "resumes";
    // Long contexts are read in windows and texts in blocks: how many there are is known once they are tokenized.
    const Task task = study.experiment.task;
    if (trial.reads("training") && task != Task::kQuestionAnswering && task != Task::kLanguageModeling) {
      OptionsOf<TrainingOptions> training;
      fill(training, trial.table("training"));
      outlook.steps = training::plan_steps(inputs.train_items.at(to_json(trial.table("dataset"))), training.value).total_steps;
    }
    return outlook;
  });
  return kDone;
}

}  // namespace temper::cli
