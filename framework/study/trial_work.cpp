// See trial_work.h.
#include "study/trial_work.h"

#include <algorithm>

#include <temper/training_options.h>

#include "study/step_sharing.h"
#include "training/schedule.h"

namespace temper::study {

std::map<std::int64_t, double> trial_work(const std::vector<Trial>& trials, const SizesByDataset& sizes) {
  constexpr double kAnswered = 1.0 / 3;
  struct Training {
    TrainingOptions options;
    std::int64_t number = 0, items = 0;
  };
  std::map<std::int64_t, double> work;
  std::map<std::string, std::vector<Training>> chains;
  for (const Trial& trial : trials) {
    const auto known = sizes.find(to_json(trial.table("dataset")));
    if (known == sizes.end()) continue;
    double& own = work[trial.number] = kAnswered * static_cast<double>(known->second.test);
    if (!trial.reads("training") || known->second.train == 0) {
      own += kAnswered * static_cast<double>(known->second.validation);
      continue;
    }
    OptionsOf<TrainingOptions> training;
    fill(training, trial.table("training"));
    const training::StepPlan plan = training::plan_steps(known->second.train, training.value);
    own += static_cast<double>(plan.total_steps * plan.items_per_step);
    if (!trial.steps_key.empty()) chains[trial.steps_key].push_back({training.value, trial.number, known->second.train});
  }
  for (auto& [key, chain] : chains) {
    const auto steps = [](const Training& t) { return training::plan_steps(t.items, t.options).total_steps; };
    std::stable_sort(chain.begin(), chain.end(), [&](const Training& a, const Training& b) { return steps(a) < steps(b); });
    for (std::size_t i = 1; i < chain.size(); ++i) {
      const training::StepPlan plan = training::plan_steps(chain[i].items, chain[i].options);
      work[chain[i].number] -= static_cast<double>(common_steps(chain[i - 1].options, chain[i].options, chain[i].items) * plan.items_per_step);
    }
  }
  return work;
}

}  // namespace temper::study
