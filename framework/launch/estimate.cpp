// See estimate.h.
#include "launch/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include <temper/error.h>

#include "launch/machine.h"
#include "launch/probe.h"
#include "launch/worker_pool.h"
#include "study/step_sharing.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

std::int64_t threads_of(const std::string& experiment) {
  try {
    const Value document = parse_toml(experiment);
    const Value* threads = document.find("threads");
    return threads && threads->is_integer() ? threads->as_integer() : 0;
  } catch (const Error&) {
    return 0;
  }
}

TrainingOptions training_of(const study::Trial& trial) {
  OptionsOf<TrainingOptions> options;
  if (trial.reads("training")) fill(options, trial.table("training"));
  return options.value;
}

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// What is known of one trial.
struct Known {
  const study::Trial* trial = nullptr;
  std::string kind;  // cost_key
  TrainingOptions training;
  study::SplitSizes items;
  const study::TrialSize* size = nullptr;
  std::optional<study::TrialCost> cost;        // alone
  std::optional<double> plain_train_seconds;   // the same without kept states of frozen layers
  double frozen_seconds = 0;                   // of computing these states once
};

class Estimator {
 public:
  Estimator(const EstimateRequest& request, WorkerPool& workers, const std::atomic<int>& stop) : request_(request), workers_(workers), stop_(stop) {}

  Estimates run() {
    gather();
    rates_ = study::cost_rates(earlier_costs(request_.results, request_.study.experiment.name, request_.threads, host_name()));
    if (request_.measures) probe();
    reckon();
    for (const study::Job& job : request_.jobs) share(job);
    tell_sources();
    return std::move(estimates_);
  }

 private:
  void gather() {
    for (const study::Job& job : request_.jobs)
      for (const study::Trial& trial : job.trials) {
        Known& known = known_.emplace_back();
        index_[trial.number] = known_.size() - 1;
        known.trial = &trial;
        known.kind = study::cost_key(trial.parameters());
        known.training = training_of(trial);
        if (const auto items = request_.sizes.find(to_json(trial.table("dataset"))); items != request_.sizes.end()) known.items = items->second;
        if (trial.reads("training") && trial.reads("model")) known.size = size_of(trial, known.kind);
      }
  }

  // Asked once for all trials of a kind over the same rows.
  const study::TrialSize* size_of(const study::Trial& trial, const std::string& kind) {
    const auto [entry, is_new] = sizes_.try_emplace(kind + to_json(trial.table("dataset")));
    if (!is_new) return entry->second.get();
    Value question(Value::Table{{"command", "size"}, {"trial", study::to_value(trial)}, {"threads", request_.threads}});
    const Value answer = workers_.ask(question, "looking at the model of trial \"" + study::describe(trial) + "\"");
    if (const Value* size = answer.find("size")) {
      entry->second = std::make_unique<study::TrialSize>(study::trial_size_from_value(*size));
    } else if (const Value* why = answer.find("unknown"); why && told_.insert(trial.strategy).second) {
      estimates_.sources.push_back(trial.strategy + ": no estimate from its model, " + why->as_string());
    }
    return entry->second.get();
  }

  void probe() {
    std::set<std::string> probed;
    for (const Known& known : known_) {
      if (!probed.insert(known.kind).second) continue;
      const ProbeResult result = run_probe(*known.trial, known.training, known.items, request_.threads, stop_);
      if (result.rate) rates_[known.kind] = *result.rate;
      if (result.rate) ++probed_;
      else estimates_.sources.push_back(known.trial->strategy + " was not probed: " + result.why);
    }
  }

  double product_rate(bool bf16) {
    std::optional<double>& rate = product_rates_[bf16];
    if (!rate) {
      Value question(Value::Table{{"command", "speed"}, {"bf16", bf16}, {"threads", request_.threads}});
      rate = workers_.ask(question, "timing matrix products").find("rate")->as_number();
    }
    return *rate;
  }

  void reckon() {
    // Earlier trials of other kinds still tell how fast trials of this study are beside what is reckoned.
    std::vector<double> factors;
    // Where rates replace all that is reckoned, the machine's speed is not asked for.
    const bool needs_speed = std::any_of(known_.begin(), known_.end(), [&](const Known& known) { return known.size && (saves_frozen(known) || !rates_.contains(known.kind)); });
    for (Known& known : known_) {
      if (!known.size) continue;
      const auto rate = rates_.find(known.kind);
      TrainingOptions plain = known.training;
      plain.frozen_cache = false;
      const double speed = needs_speed ? product_rate(known.training.bf16) : kNominalRate;
      known.cost = study::reckon(*known.size, known.training, speed);
      if (saves_frozen(known)) {
        known.plain_train_seconds = study::reckon(*known.size, plain, speed).train_seconds;
        for (const study::PhaseSize& phase : known.size->phases) known.frozen_seconds += study::operations(phase, *known.size, true).frozen / speed;
      }
      if (rate == rates_.end() || !rate->second.seconds_per_token) continue;
      if (const double reckoned = known.cost->train_seconds; needs_speed && reckoned > 0) factors.push_back(*rate->second.seconds_per_token * known.cost->tokens / reckoned);
    }
    for (Known& known : known_) {
      const auto rate = rates_.find(known.kind);
      if (rate != rates_.end()) {
        ++measured_;
        const double before = known.cost ? known.cost->train_seconds : 0;
        if (!known.cost) known.cost.emplace();
        study::apply_rate(rate->second, known.items, known.training.train_probe, *known.cost);
        if (before > 0) scale_frozen(known, known.cost->train_seconds / before);
      } else if (known.cost && known.cost->tokens > 0) {
        ++reckoned_;
        if (factors.empty()) continue;
        const double factor = middle(factors);
        known.cost->train_seconds *= factor;
        scale_frozen(known, factor);
      } else {
        ++unknown_;
      }
    }
  }

  static bool saves_frozen(const Known& known) {
    return known.training.frozen_cache && std::any_of(known.size->phases.begin(), known.size->phases.end(), [](const study::PhaseSize& phase) { return phase.frozen > 0; });
  }
  static void scale_frozen(Known& known, double factor) {
    known.frozen_seconds *= factor;
    if (known.plain_train_seconds) *known.plain_train_seconds *= factor;
  }

  // Outlooks of a job's trials: alone, and what they need not do beside each other.
  void share(const study::Job& job) {
    const Known* before = nullptr;
    for (const study::Trial& trial : job.trials) {
      const Known& known = known_[index_.at(trial.number)];
      study::TrialOutlook& outlook = estimates_.trials[trial.number];
      if (!known.cost) {
        before = &known;
        continue;
      }
      const study::TrialCost& cost = *known.cost;
      if (known.size) {
        outlook.steps = cost.steps;
        outlook.tokens = std::llround(cost.tokens);
        outlook.is_sampled = known.size->is_sampled;
        outlook.disk_bytes = std::llround(cost.disk_bytes);
        outlook.kept_bytes = std::llround(cost.kept_bytes);
      }
      outlook.seconds = cost.seconds();
      if (cost.memory_bytes > 0) outlook.memory_bytes = std::llround(cost.memory_bytes);
      if (known.plain_train_seconds) outlook.saved_seconds += std::max(0.0, *known.plain_train_seconds - cost.train_seconds);
      if (before && known.size && known.size->phases.size() == 1) {
        if (!trial.steps_key.empty() && trial.steps_key == before->trial->steps_key) {
          outlook.shared_steps = study::common_steps(before->training, known.training, known.size->phases.front().examples);
          if (cost.steps > 0) outlook.shared_seconds += cost.train_seconds * static_cast<double>(outlook.shared_steps) / static_cast<double>(cost.steps);
        } else if (!trial.sharing_key.empty() && trial.sharing_key == before->trial->sharing_key) {
          outlook.shared_seconds += std::min(known.frozen_seconds, cost.train_seconds);
        }
      }
      before = &known;
    }
  }

  void tell_sources() {
    std::vector<std::string>& lines = estimates_.sources;
    const auto trials = [](std::size_t count) { return std::to_string(count) + (count == 1 ? " trial" : " trials"); };
    if (measured_ > 0 && probed_ > 0) lines.push_back(trials(measured_) + " by probes that ran just now");
    else if (measured_ > 0) lines.push_back(trials(measured_) + " by what trials of the same kind have cost on this machine");
    if (reckoned_ > 0) {
      std::string text = trials(reckoned_) + " by parameters x tokens over the speed of matrix products here";
      for (const auto& [bf16, rate] : product_rates_) {
        char figure[64];
        std::snprintf(figure, sizeof figure, ", %.0f GFLOP/s in %s", rate.value_or(0) / 1e9, bf16 ? "bfloat16" : "float32");
        text += figure;
      }
      lines.push_back(text + (request_.measures ? "" : "; --measure runs a short probe of each kind"));
    }
    if (unknown_ > 0) lines.push_back(trials(unknown_) + " without an estimate of time: none like these has run here" + (request_.measures ? "" : "; --measure runs a short probe of each kind"));
  }

  static constexpr double kNominalRate = 1e11;  // where only the cost's counts are wanted

  const EstimateRequest& request_;
  WorkerPool& workers_;
  const std::atomic<int>& stop_;
  std::vector<Known> known_;
  std::map<std::int64_t, std::size_t> index_;
  std::map<std::string, std::unique_ptr<study::TrialSize>> sizes_;
  std::map<std::string, study::CostRate> rates_;
  std::map<bool, std::optional<double>> product_rates_;
  std::set<std::string> told_;
  std::size_t measured_ = 0, reckoned_ = 0, unknown_ = 0, probed_ = 0;
  Estimates estimates_;
};

}  // namespace

std::vector<record::TrialCosts> earlier_costs(const fs::path& results, const std::string& study, std::int64_t threads, const std::string& host) {
  constexpr std::size_t kMostTrials = 100, kMostStudies = 20;  // of a study; beside the own one
  std::vector<record::TrialCosts> all;
  const auto take = [&](const fs::path& file) {
    std::optional<record::StudyCosts> costs = record::read_costs(file, kMostTrials);
    if (!costs || costs->host != host || threads_of(costs->experiment) != threads) return;
    std::move(costs->trials.begin(), costs->trials.end(), std::back_inserter(all));
  };
  take(results / study / "study.h5");
  std::error_code error;
  std::vector<fs::path> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(results, error))
    if (entry.path().filename() != study && fs::exists(entry.path() / "study.h5", error)) others.push_back(entry.path() / "study.h5");
  const auto time = [](const fs::path& file) {
    std::error_code ignored;
    return fs::last_write_time(file, ignored);
  };
  std::sort(others.begin(), others.end(), [&](const fs::path& a, const fs::path& b) { return time(a) > time(b); });  // the newest first
  if (others.size() > kMostStudies) others.resize(kMostStudies);
  for (const fs::path& file : others) take(file);
  return all;
}

Estimates estimate(const EstimateRequest& request, WorkerPool& workers, const std::atomic<int>& stop) { return Estimator(request, workers, stop).run(); }

}  // namespace temper::launch
