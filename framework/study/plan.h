// What would run: trials grouped into jobs, and the text of `temper plan`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "study/study.h"
#include "study/trial.h"

namespace temper::study {

// One or several trials that a worker runs in one go.
struct Job {
  std::vector<Trial> trials;  // numbered; never empty
  std::string shares;         // what its trials share, for a person; empty for a single trial
};

// Trials of one sharing key become one job, or several where there are more workers, so that none stands idle; every other trial is a
// job of its own. In the order of their first trials.
std::vector<Job> plan_jobs(const std::vector<Trial>& trials, std::int64_t workers = 1);

// What is known or estimated about a trial before it runs; the caller knows data and earlier runs.
struct TrialOutlook {
  std::string state = "new";  // "new", "resumes at step 40", "complete"
  std::optional<std::int64_t> steps, tokens;
  std::optional<double> seconds = {};  // alone
  std::optional<std::int64_t> memory_bytes = {};
  std::optional<std::int64_t> disk_bytes = {};  // while it runs
  std::int64_t kept_bytes = 0;                  // what stays of that, where it is the best of its strategy
  bool is_sampled = false;          // steps and tokens were told from a part of the rows
  double saved_seconds = 0;         // that its own passes do not spend on frozen layers again
  std::int64_t shared_steps = 0;    // that the trial before it in its job takes for it
  double shared_seconds = 0;        // that it takes less, so and by what its job has computed before it
};
using Outlook = std::function<TrialOutlook(const Trial&)>;

// An input that was read: "dataset.train", its path, and what is in it ("1000 rows, 3 labels").
struct InputFacts {
  std::string option, path, facts;
};

// How many workers run it, and where the estimates come from, a line each.
struct PlanSetting {
  std::int64_t workers = 1;
  std::vector<std::string> sources = {};
};
std::string describe_plan(const Study& study, const std::vector<Job>& jobs, const std::vector<InputFacts>& inputs, const Outlook& outlook = {},
                          const PlanSetting& setting = {});

}  // namespace temper::study
