// See cost_model.h.
#include "study/cost_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "training/schedule.h"

namespace temper::study {

namespace {

// What a whole step reaches of the rate of a large product: the rest are norms, activations, attention and smaller products.
constexpr double kEfficiency = 0.6;
// AdamW reads and writes weights, gradients, moments and bf16 copies: bound by memory traffic.
constexpr double kOptimizerSecondsPerParameter = 0.6e-9;
// Starting some dozens of operations a block, which is all that very small models take.
constexpr double kSecondsPerBlock = 0.4e-3;
constexpr double kOtherSeconds = 0.5;  // opening the model and writing the record
constexpr double kProcessBytes = 300e6;

TrainingOptions options_of(const PhaseSize& phase, TrainingOptions options) {
  const PhaseOptions& own = phase.options;
  if (own.max_steps || own.epochs) options.max_steps = own.max_steps;
  if (own.epochs) options.epochs = *own.epochs;
  if (own.batch_size) options.batch_size = *own.batch_size;
  return options;
}

double tokens_of_pass(const PhaseSize& phase, const TrainingOptions& options) {
  return phase.examples > 0 ? phase.tokens / static_cast<double>(phase.examples) * static_cast<double>(std::min(options.batch_size, phase.examples)) : 0;
}

// Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer Models", equation 2 without attention's scores, which
// are not kept here: 34 bytes per token, channel and block in half precision; most are kept in float32 here.
double activation_bytes(const PhaseSize& phase, const TrialSize& size, double tokens) {
  constexpr double kBytes = 2 * 34;
  const double share = phase.tokens > 0 ? phase.targets / phase.tokens : 0;
  const double logits = 2 * 4 * share * static_cast<double>(size.vocabulary);  // and their gradients
  return tokens * (kBytes * static_cast<double>(size.width * phase.trained_blocks) + logits);
}

double memory_of(const PhaseSize& phase, const TrialSize& size, const TrainingOptions& options) {
  const auto all = static_cast<double>(size.parameters), trained = static_cast<double>(phase.trainable_parameters);
  double bytes = size.process_bytes > 0 ? static_cast<double>(size.process_bytes) : kProcessBytes;
  bytes += 4 * all + (options.bf16 ? 2 * all : 0);        // weights, and their bfloat16 copies
  bytes += (4 + 8) * trained;                             // gradients and both moments
  if (options.keep == "best") bytes += 4 * trained;
  bytes += activation_bytes(phase, size, tokens_of_pass(phase, options));
  if (phase.frozen > 0 && options.frozen_cache) {
    const double states = 4 * static_cast<double>(size.width) * (phase.tokens + phase.validation_tokens);
    bytes += std::min(states, static_cast<double>(options.frozen_cache_bytes));
  }
  return bytes;
}

double middle(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

PhaseOperations operations(const PhaseSize& phase, const TrialSize& size, bool keeps_frozen) {
  const auto width = static_cast<double>(size.width), blocks = static_cast<double>(phase.trained_blocks);
  const double all_blocks = static_cast<double>(size.layers);
  // A product costs 2 operations per element and token, its backward pass 2 for the input's gradient and 2 for the weight's.
  // Attention: scores and sums over the tokens of one's own text, 4 x length x width a block; its backward pass costs twice that.
  const double attention = 4 * phase.mean_length * width;
  const double words = 2 * static_cast<double>(size.vocabulary) * width;  // a token's logits over the vocabulary
  const double frozen = 2 * phase.frozen + attention * std::max(0.0, all_blocks - blocks);
  const double above_forward = 2 * (phase.passed + phase.trained) + attention * blocks;
  const double above = 4 * phase.passed + 6 * phase.trained + 3 * attention * blocks;
  const double evaluated = phase.probe_tokens + phase.validation_tokens;
  const double target_share = phase.tokens > 0 ? phase.targets / phase.tokens : 0;
  PhaseOperations result;
  result.epoch = phase.tokens * above + phase.targets * 3 * words;
  result.evaluation = evaluated * (above_forward + target_share * words);
  if (keeps_frozen) {
    result.frozen = (phase.tokens + phase.validation_tokens) * frozen;
  } else {
    result.epoch += phase.tokens * frozen;
    result.evaluation += evaluated * frozen;
  }
  return result;
}

TrialCost reckon(const TrialSize& size, const TrainingOptions& options, double rate) {
  TrialCost cost;
  const double per_second = kEfficiency * rate;
  double forward = 0;  // operations per token of an answer
  for (const PhaseSize& phase : size.phases) {
    if (phase.examples <= 0) continue;
    const TrainingOptions own = options_of(phase, options);
    const training::StepPlan plan = training::plan_steps(phase.examples, own);
    const auto steps = static_cast<double>(plan.total_steps);
    const double epochs = steps / static_cast<double>(plan.steps_per_epoch);
    const double evaluations = 1 + std::ceil(steps / static_cast<double>(own.eval_steps.value_or(plan.steps_per_epoch)));
    const PhaseOperations work = operations(phase, size, own.frozen_cache);
    const double passes = steps * static_cast<double>(own.gradient_accumulation_steps);
    cost.steps += plan.total_steps;
    cost.evaluations += static_cast<std::int64_t>(evaluations);
    cost.tokens += epochs * phase.tokens;
    cost.train_seconds += (epochs * work.epoch + evaluations * work.evaluation + work.frozen) / per_second;
    cost.train_seconds += steps * kOptimizerSecondsPerParameter * static_cast<double>(phase.trainable_parameters);
    cost.train_seconds += passes * 3 * kSecondsPerBlock * static_cast<double>(std::max<std::int64_t>(1, phase.trained_blocks));
    cost.memory_bytes = std::max(cost.memory_bytes, memory_of(phase, size, own));
    const double trained = 4 * static_cast<double>(phase.trainable_parameters);
    const double snapshot = (own.keep == "best" ? 4 : 3) * trained;  // weights, both moments, the best weights
    cost.kept_bytes = size.saves_adapter ? trained : 4 * static_cast<double>(size.parameters);
    cost.disk_bytes = std::max(cost.disk_bytes, snapshot + cost.kept_bytes);
    forward = 2 * (phase.frozen + phase.passed + phase.trained) + 4 * phase.mean_length * static_cast<double>(size.width * size.layers);
  }
  cost.other_seconds = kOtherSeconds + size.test_tokens * forward / per_second;
  return cost;
}

std::string cost_key(const std::vector<std::pair<std::string, Value>>& parameters) {
  static constexpr std::array kOfTraining = {"batch_size", "gradient_accumulation_steps", "max_length", "doc_stride", "packing", "completion_only_loss", "bf16",
                                             "train_probe"};
  static constexpr std::array kNotOfDataset = {"seed", "limit", "validation", "test", "stratify", "fold", "folds", "fold_is", "group", "on_bad_row"};
  const auto counts = [](const std::string& path) {
    const auto named = [&](const std::string& prefix, const auto& names) {
      const std::string rest = path.substr(prefix.size());
      return std::any_of(names.begin(), names.end(), [&](const char* name) { return rest == name || rest.starts_with(std::string(name) + '.'); });
    };
    if (path.starts_with("training.")) return named("training.", kOfTraining);
    if (path.starts_with("dataset.")) return !named("dataset.", kNotOfDataset);
    if (path.starts_with("metrics")) return false;
    return !path.starts_with("from.training.") || named("from.training.", kOfTraining);
  };
  std::map<std::string, std::string> kept;
  for (const auto& [path, value] : parameters)
    if (counts(path)) kept[path] = shown(value);
  std::string key;
  for (const auto& [path, value] : kept) key += path + '=' + value + '\n';
  return key;
}

std::map<std::string, CostRate> cost_rates(const std::vector<record::TrialCosts>& trials) {
  struct Seen {
    std::vector<double> per_token, per_token_shared, other, per_answer;
    double memory = 0;
    std::int64_t trials = 0;
  };
  std::map<std::string, Seen> seen;
  for (const record::TrialCosts& trial : trials) {
    Seen& kind = seen[cost_key(trial.parameters)];
    const record::CostRecord& cost = trial.cost;
    ++kind.trials;
    if (cost.train_tokens > 0) (cost.shared_with.empty() ? kind.per_token : kind.per_token_shared).push_back(cost.train_seconds / static_cast<double>(cost.train_tokens));
    kind.other.push_back(cost.prepare_seconds);
    kind.per_answer.push_back(cost.seconds_per_prediction);
    kind.memory = std::max(kind.memory, static_cast<double>(cost.peak_memory_bytes));
  }
  std::map<std::string, CostRate> rates;
  for (const auto& [key, kind] : seen) {
    CostRate& rate = rates[key];
    const std::vector<double>& per_token = kind.per_token.empty() ? kind.per_token_shared : kind.per_token;
    if (!per_token.empty()) rate.seconds_per_token = middle(per_token);
    rate.other_seconds = middle(kind.other);
    rate.seconds_per_answer = middle(kind.per_answer);
    rate.memory_bytes = kind.memory;
    rate.trials = kind.trials;
  }
  return rates;
}

CostRate rate_of_probe(const record::TrialRecord& probe, std::int64_t evaluated) {
  CostRate rate;
  rate.trials = 1;
  if (!probe.cost) return rate;
  rate.other_seconds = probe.cost->prepare_seconds;
  rate.seconds_per_answer = probe.cost->seconds_per_prediction;
  rate.memory_bytes = static_cast<double>(probe.cost->peak_memory_bytes);
  if (!probe.training || probe.training->step.size() < 2) return rate;
  const std::vector<double>& seconds = probe.training->seconds;
  const std::vector<std::int64_t>& tokens = probe.training->tokens;
  if (tokens.back() <= tokens.front()) return rate;
  rate.seconds_per_token = std::max(0.0, (seconds.back() - seconds.front()) / static_cast<double>(tokens.back() - tokens.front()));
  const double steps = *rate.seconds_per_token * static_cast<double>(tokens.back());
  if (evaluated > 0) rate.seconds_per_evaluated = std::max(0.0, probe.cost->train_seconds - steps) / static_cast<double>(evaluated);
  return rate;
}

void apply_rate(const CostRate& rate, const SplitSizes& items, std::int64_t train_probe, TrialCost& cost) {
  if (rate.seconds_per_token && cost.tokens > 0) {
    cost.train_seconds = *rate.seconds_per_token * cost.tokens;
    const auto scored = static_cast<double>(std::min(train_probe, items.train) + items.validation);
    if (rate.seconds_per_evaluated) cost.train_seconds += *rate.seconds_per_evaluated * static_cast<double>(cost.evaluations) * scored;
  }
  cost.other_seconds = rate.other_seconds + rate.seconds_per_answer * static_cast<double>(items.test);
  if (rate.memory_bytes > 0) cost.memory_bytes = rate.memory_bytes;
}

double makespan(const std::vector<double>& jobs, std::int64_t workers) {
  std::vector<double> free_at(static_cast<std::size_t>(std::max<std::int64_t>(1, workers)), 0.0);
  for (const double job : jobs) *std::min_element(free_at.begin(), free_at.end()) += job;
  return *std::max_element(free_at.begin(), free_at.end());
}

}  // namespace temper::study
