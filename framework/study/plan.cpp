// See plan.h.
#include "study/plan.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "study/cost_model.h"
#include "study/step_sharing.h"

namespace temper::study {

namespace {

using Row = std::vector<std::string>;

// Columns of the width of their longest cell, numbers aligned on the right.
std::string columns(const std::vector<Row>& rows, const std::vector<bool>& is_number) {
  std::vector<std::size_t> widths(is_number.size());
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string pad(widths[c] - row[c].size(), ' ');
      line += "  " + (is_number[c] ? pad + row[c] : row[c] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string counted(std::size_t number, const std::string& thing) { return std::to_string(number) + ' ' + thing + (number == 1 ? "" : "s"); }

std::string duration(double seconds) {
  char text[40];
  if (seconds < 99.5) std::snprintf(text, sizeof text, "%.0f s", seconds);
  else if (seconds < 99.5 * 60) std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
  else std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  return text;
}

std::string memory(double bytes) {
  char text[40];
  std::snprintf(text, sizeof text, bytes < 1e9 ? "%.0f MB" : "%.1f GB", bytes < 1e9 ? bytes / 1e6 : bytes / 1e9);
  return text;
}

// All swept paths, in the order in which trials meet them.
std::vector<std::string> swept_paths(const std::vector<Job>& jobs) {
  std::vector<std::string> paths;
  for (const Job& job : jobs)
    for (const Trial& trial : job.trials)
      for (const std::string& path : trial.swept_parameters())
        if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  return paths;
}

// "3", "best lora".
std::string base_of(const Trial& trial) {
  if (!trial.base) return "-";
  if (trial.base->is_best && trial.base->number == 0) return "best " + trial.base->strategy;
  return trial.base->number ? std::to_string(trial.base->number) : trial.base->strategy;
}

// The table of trials, and what it adds up to.
class TrialTable {
 public:
  TrialTable(const std::vector<Job>& jobs, const Outlook& outlook, std::int64_t workers) : paths_(swept_paths(jobs)) {
    for (const Job& job : jobs)
      for (const Trial& trial : job.trials) {
        outlooks_.push_back(outlook ? outlook(trial) : TrialOutlook());
        has_bases_ = has_bases_ || trial.base;
      }
    for (const TrialOutlook& o : outlooks_) {
      has_steps_ = has_steps_ || o.steps;
      has_tokens_ = has_tokens_ || o.tokens;
      has_seconds_ = has_seconds_ || o.seconds;
      has_memory_ = has_memory_ || o.memory_bytes;
      has_disk_ = has_disk_ || o.disk_bytes;
      ++states_[o.state];
    }
    reckon(jobs, workers);
    header();
    std::size_t index = 0;
    for (std::size_t j = 0; j < jobs.size(); ++j)
      for (const Trial& trial : jobs[j].trials) add(trial, j + 1, outlooks_[index++], jobs.size() != outlooks_.size());
  }

  std::string text() const { return columns(rows_, is_number_); }

  std::string summary() const {
    std::string text;
    for (const auto& [state, count] : states_) text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + state;
    if (has_seconds_) text += "; about " + duration(seconds_) + " with " + with_workers_;
    return text;
  }

  // "saves about 120 optimizer steps and 3 min"; empty where nothing is known of it.
  std::string savings(std::size_t job) const { return savings_[job]; }

  // What the whole study needs; empty where nothing is known.
  std::string totals() const {
    std::vector<Row> rows;
    if (has_seconds_) {
      std::string time = "about " + duration(seconds_) + " with " + with_workers_;
      if (alone_seconds_ - seconds_of_all_ >= 1) time += "; sharing saves " + duration(alone_seconds_ - seconds_of_all_) + " of " + duration(alone_seconds_) + " of work";
      rows.push_back({"time", time});
    }
    if (has_memory_) rows.push_back({"memory", "up to " + memory(most_memory_) + (workers_ > 1 ? " a worker, " + memory(most_memory_ * static_cast<double>(workers_)) + " in all" : "")});
    if (has_disk_) rows.push_back({"disk", "up to " + memory(kept_bytes_ + most_disk_ * static_cast<double>(workers_)) + " while it runs, " + memory(kept_bytes_) + " for the models that are kept"});
    return rows.empty() ? "" : columns(rows, {false, false});
  }

 private:
  static bool is_left(const TrialOutlook& outlook) { return outlook.state == "new" || outlook.state.starts_with("resumes"); }

  void reckon(const std::vector<Job>& jobs, std::int64_t workers) {
    workers_ = std::max<std::int64_t>(1, workers);
    with_workers_ = workers_ == 1 ? "one worker" : std::to_string(workers_) + " workers";
    std::vector<double> lengths;
    std::map<std::string, double> kept;  // by strategy: its largest checkpoint
    std::size_t index = 0;
    for (const Job& job : jobs) {
      double length = 0, saved = 0;
      std::int64_t steps = 0;
      for (const Trial& trial : job.trials) {
        const TrialOutlook& o = outlooks_[index++];
        kept[trial.strategy] = std::max(kept[trial.strategy], static_cast<double>(o.kept_bytes));
        steps += o.shared_steps;
        if (!is_left(o) || !o.seconds) continue;
        const double actual = std::max(0.0, *o.seconds - o.shared_seconds);
        length += actual;
        saved += *o.seconds + o.saved_seconds - actual;
        alone_seconds_ += *o.seconds + o.saved_seconds;
        if (o.memory_bytes) most_memory_ = std::max(most_memory_, static_cast<double>(*o.memory_bytes));
        if (o.disk_bytes) most_disk_ = std::max(most_disk_, static_cast<double>(*o.disk_bytes));
      }
      lengths.push_back(length);
      seconds_of_all_ += length;
      std::string& text = savings_.emplace_back();
      if (steps > 0) text = std::to_string(steps) + " optimizer steps";
      if (saved >= 1) text += (text.empty() ? "" : " and ") + ("about " + duration(saved));
      if (!text.empty()) text = ": saves " + text;
    }
    seconds_ = makespan(lengths, workers_);
    for (const auto& [strategy, bytes] : kept) kept_bytes_ += bytes;
  }

  void column(const std::string& name, bool is_number) {
    rows_.front().push_back(name);
    is_number_.push_back(is_number);
  }

  void header() {
    rows_.emplace_back();
    column("trial", true);
    column("strategy", false);
    column("seed", true);
    if (has_bases_) column("from", false);
    for (const std::string& path : paths_) column(short_path(path), true);
    if (has_steps_) column("steps", true);
    if (has_tokens_) column("tokens", true);
    if (has_seconds_) column("time", true);
    if (has_memory_) column("memory", true);
    if (has_disk_) column("disk", true);
    column("state", false);
  }

  void add(const Trial& trial, std::size_t job, const TrialOutlook& outlook, bool show_job) {
    Row row = {trial.number ? std::to_string(trial.number) : "-", trial.strategy, trial.seed ? std::to_string(*trial.seed) : "-"};
    if (has_bases_) row.push_back(base_of(trial));
    const auto parameters = trial.parameters();
    const std::vector<std::string> swept = trial.swept_parameters();
    for (const std::string& path : paths_) {
      const bool is_swept = std::find(swept.begin(), swept.end(), path) != swept.end();
      const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == path; });
      row.push_back(found == parameters.end() || !(is_swept || path.find('.') != std::string::npos) ? "-" : shown(found->second));
    }
    const std::string sign = outlook.is_sampled ? "~" : "";
    if (has_steps_) row.push_back(outlook.steps ? sign + std::to_string(*outlook.steps) : "-");
    if (has_tokens_) row.push_back(outlook.tokens ? sign + std::to_string(*outlook.tokens) : "-");
    if (has_seconds_) row.push_back(outlook.seconds ? duration(*outlook.seconds) : "-");
    if (has_memory_) row.push_back(outlook.memory_bytes ? memory(static_cast<double>(*outlook.memory_bytes)) : "-");
    if (has_disk_) row.push_back(outlook.disk_bytes ? memory(static_cast<double>(*outlook.disk_bytes)) : "-");
    row.push_back(outlook.state + (show_job ? ", in job " + std::to_string(job) : ""));
    rows_.push_back(std::move(row));
  }

  std::vector<std::string> paths_;
  std::vector<TrialOutlook> outlooks_;
  std::vector<Row> rows_;
  std::vector<bool> is_number_;
  std::map<std::string, std::size_t> states_;
  bool has_bases_ = false, has_steps_ = false, has_tokens_ = false, has_seconds_ = false, has_memory_ = false, has_disk_ = false;
  std::int64_t workers_ = 1;
  std::string with_workers_;
  std::vector<std::string> savings_;  // of each job
  double seconds_ = 0;                // until the last worker is done
  double seconds_of_all_ = 0;         // of all trials that are left, with what they share
  double alone_seconds_ = 0;          // without
  double most_memory_ = 0, most_disk_ = 0, kept_bytes_ = 0;
};

}  // namespace

std::vector<Job> plan_jobs(const std::vector<Trial>& trials, std::int64_t workers) {
  // Trials of the same first steps stay together, the shortest first: each goes on from the one before it.
  using Chain = std::vector<const Trial*>;
  std::vector<Chain> chains;
  std::map<std::string, std::size_t> by_steps;
  for (const Trial& trial : trials) {
    const auto [known, is_new] = trial.steps_key.empty() ? std::pair(by_steps.end(), true) : by_steps.try_emplace(trial.steps_key, chains.size());
    if (is_new) chains.push_back({&trial});
    else chains[known->second].push_back(&trial);
  }
  for (Chain& chain : chains)
    if (chain.size() > 1) std::stable_sort(chain.begin(), chain.end(), [](const Trial* a, const Trial* b) { return steps_length(*a) < steps_length(*b); });

  // Groups of chains that share a model, in the order of their first trials; what shares nothing is alone.
  std::vector<std::vector<const Chain*>> groups;
  std::map<std::string, std::size_t> by_key;
  for (const Chain& chain : chains) {
    const std::string& key = chain.front()->sharing_key;
    const auto [known, is_new] = key.empty() ? std::pair(by_key.end(), true) : by_key.try_emplace(key, groups.size());
    if (is_new) groups.push_back({&chain});
    else groups[known->second].push_back(&chain);
  }
  std::vector<Job> jobs;
  for (const auto& group : groups) {
    const std::size_t parts = std::min(group.size(), static_cast<std::size_t>(std::max<std::int64_t>(1, workers)));
    for (std::size_t part = 0; part < parts; ++part) {  // of sizes that differ by one at most
      Job& job = jobs.emplace_back();
      bool has_chain = false;
      const std::size_t begin = group.size() * part / parts, end = group.size() * (part + 1) / parts;
      for (std::size_t i = begin; i < end; ++i) {
        has_chain = has_chain || group[i]->size() > 1;
        for (const Trial* trial : *group[i]) job.trials.push_back(*trial);
      }
      if (end - begin > 1) job.shares = job.trials.front().reads("training") ? "the states of the model's frozen layers" : "the model, which none of them changes";
      if (has_chain) job.shares += std::string(job.shares.empty() ? "" : ", and ") + "the optimizer steps that trainings of several lengths begin with";
    }
  }
  return jobs;
}

std::string describe_plan(const Study& study, const std::vector<Job>& jobs, const std::vector<InputFacts>& inputs, const Outlook& outlook,
                          const PlanSetting& setting) {
  std::size_t trials = 0;
  for (const Job& job : jobs) trials += job.trials.size();
  const TrialTable table(jobs, outlook, setting.workers);
  std::string text = study.experiment.name + ": " + counted(trials, "trial") + " in " + counted(jobs.size(), "job") + " (" + table.summary() + ")\n\n";
  text += table.text();
  bool has_sharing = false;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    if (jobs[j].shares.empty()) continue;
    if (!has_sharing) text += "\nshared\n";
    has_sharing = true;
    text += "  job " + std::to_string(j + 1) + ": " + jobs[j].shares + table.savings(j) + '\n';
  }
  if (const std::string totals = table.totals(); !setting.sources.empty()) {
    text += "\nestimates\n" + totals;
    for (const std::string& source : setting.sources) text += "  " + source + '\n';
  }
  if (!inputs.empty()) {
    std::vector<Row> rows;
    for (const InputFacts& input : inputs) rows.push_back({input.option, input.path, input.facts});
    text += "\nreads\n" + columns(rows, {false, false, false});
  }
  const Experiment& experiment = study.experiment;
  text += "\nobjective  " + (experiment.objective ? experiment.objective->name + (experiment.objective->better == Better::kLower ? ", lower is better" : ", higher is better")
                                                  : std::string("none: there is no validation split, so no best snapshot, and every verdict is undecided")) + '\n';
  text += "metrics    ";
  for (std::size_t i = 0; i < experiment.metrics.size(); ++i) text += (i ? ", " : "") + experiment.metrics[i];
  text += '\n';
  for (const Problem& note : experiment.notes) text += "note: " + describe(note) + '\n';
  return text;
}

}  // namespace temper::study
