// The loop of one training phase: step, evaluate, select, snapshot, until there is a reason to end.
#include "training/trainer.h"

#include <chrono>
#include <cmath>
#include <map>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "training/data_order.h"
#include "training/optimizer.h"
#include "training/schedule.h"
#include "training/selection.h"
#include "training/snapshot.h"
#include "training/step.h"
#include "training/tune.h"

namespace temper::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void check(const TrainingInput& input) {
  std::int64_t targets = 0;
  for (const Example& example : input.train) targets += input.objective->count(example);
  if (!input.train.empty() && targets == 0) {
    throw Error("no item of the train split has anything to learn from", "give labels, or longer texts to a language model");
  }
  if (input.train_probe.empty()) throw Error("the train probe is empty", "score at least one item of train");
}

class Loop {
 public:
  explicit Loop(const TrainingInput& input);
  TrainingResult run();

 private:
  void start();
  bool resume();
  // One optimizer step; false when its loss or gradient is not finite, and then nothing was updated.
  bool take_step();
  StepLoss gradients(std::vector<std::vector<std::size_t>> micro_batches, const StepOptions& options);
  void tell_step(double loss, double norm, double rate, bool always);
  bool evaluation_is_due() const;
  void evaluate_now();
  SplitScore score(EvaluatedSplit split, std::span<const Example> examples) const;
  double objective_value(const SplitScore& validation) const;
  void keep_weights();
  void restore_best();
  bool snapshot_is_due() const;
  Snapshot snapshot(bool finished) const;
  void write(bool finished);
  void hand_over();
  TrainingResult finish(Status status);

  std::int64_t global_step() const { return input_.first_step + state_.step; }
  double seconds() const { return state_.seconds + seconds_since(began_); }
  bool selects() const { return !input_.validation.empty(); }
  bool keeps_best() const { return selects() && input_.options.keep == "best"; }
  bool patience_is_over() const {
    return selects() && input_.options.early_stopping_patience && state_.selection.misses >= *input_.options.early_stopping_patience;
  }

  const TrainingInput& input_;
  StepPlan plan_;
  DataOrder order_;
  AdamW optimizer_;
  std::unique_ptr<inference::FrozenSplit> frozen_train_, frozen_validation_;  // null: nothing is kept
  Snapshot state_;                 // tensors only while it is written or read
  std::map<std::string, Tensor> best_;  // copies of the trained parameters at the best evaluation
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_snapshot_ = Clock::now();
  bool has_snapshot_ = false;
  std::int64_t executed_steps_ = 0;
};

AdamWOptions adamw_options(const TrainingInput& input) {
  const TrainingOptions& options = input.options;
  return {options.adam_beta1, options.adam_beta2, options.adam_epsilon, options.weight_decay, input.plain ? AdamWKernel::kPlain : AdamWKernel::kOwn};
}

Loop::Loop(const TrainingInput& input)
    : input_(input),
      plan_(plan_steps(static_cast<std::int64_t>(input.train.size()), input.options)),
      order_(input.train, plan_, input.options.batch_size, input.seed),
      optimizer_(input.model->parameters(), adamw_options(input)) {
  if (!input.frozen || input.plain || input.objective->redraws()) return;
  frozen_train_ = input.frozen->open(input.train);
  frozen_validation_ = input.frozen->open(input.validation);
  if (input.frozen->left_out_items() > 0 && input.observer) {
    input.observer->on_warning("the states of frozen layers of " + std::to_string(input.frozen->left_out_items()) +
                               " items are computed in every epoch: training.frozen_cache_bytes is " + std::to_string(input.options.frozen_cache_bytes));
  }
}

TrainingResult Loop::run() {
  if (!resume()) start();
  if (state_.finished) return finish(state_.status);
  while (state_.step < plan_.total_steps && !state_.stopped_early) {
    const bool is_finite = take_step();
    const bool hands_over = is_finite && input_.hand_over && state_.step == input_.hand_over->step;
    if (hands_over && !input_.hand_over->evaluates) hand_over();
    if (!is_finite || evaluation_is_due()) evaluate_now();
    if (!is_finite || state_.status == Status::kDiverged) return finish(Status::kDiverged);
    state_.stopped_early = patience_is_over();
    if ((hands_over && input_.hand_over->evaluates) || (state_.stopped_early && input_.hand_over && state_.step < input_.hand_over->step)) hand_over();
    const bool ends = state_.step == plan_.total_steps || state_.stopped_early;
    const bool interrupted = !ends && input_.stop && input_.stop();
    if (interrupted || (!ends && snapshot_is_due())) write(false);
    if (interrupted) return finish(Status::kInterrupted);
  }
  return finish(Status::kComplete);
}

void Loop::start() {
  if (input_.evaluate_at_start) evaluate_now();
}

bool Loop::resume() {
  if (input_.snapshot.empty()) return false;
  std::optional<Snapshot> found = read_snapshot(input_.snapshot, input_.identity);
  if (!found || (input_.observer && !input_.observer->can_restore(found->observer))) return false;
  const c10::NoGradGuard no_grad;
  const auto tensor = [&](const std::string& name) -> const Tensor& {
    const auto at = found->tensors.find(name);
    if (at == found->tensors.end()) throw Error(input_.snapshot.string() + " lacks " + name, "delete it to start over");
    return at->second;
  };
  for (std::size_t i = 0; i < optimizer_.parameters().size(); ++i) {
    Parameter& parameter = *optimizer_.parameters()[i];
    const Tensor& stored = tensor("parameter." + parameter.name);
    if (stored.sizes() != parameter.tensor.sizes()) throw Error(input_.snapshot.string() + " has another shape of " + parameter.name, "delete it to start over");
    parameter.tensor.copy_(stored);
    mark_changed(parameter);
    if (const auto best = found->tensors.find("best." + parameter.name); best != found->tensors.end()) best_[parameter.name] = best->second.to(parameter.tensor.device());
    const auto steps = found->moment_steps.find(parameter.name);
    if (steps == found->moment_steps.end()) continue;
    const auto rows = found->tensors.find("rows." + parameter.name);
    optimizer_.restore(i, {tensor("m." + parameter.name), tensor("v." + parameter.name), rows == found->tensors.end() ? Tensor() : rows->second, steps->second});
  }
  found->tensors.clear();
  state_ = std::move(*found);
  has_snapshot_ = true;
  if (input_.observer) input_.observer->restore(state_.observer);
  return true;
}

bool Loop::take_step() {
  const double rate = learning_rate(input_.options, plan_.total_steps, state_.step);
  StepOptions options;
  options.dropout = {input_.seed, static_cast<std::uint64_t>(global_step())};
  options.bf16 = input_.options.bf16;
  options.plain = input_.plain;
  options.device = input_.device;
  options.frozen = frozen_train_.get();
  const StepLoss step = gradients(order_.micro_batches(state_.step), options);
  const double norm = optimizer_.clip(input_.options.max_grad_norm);
  const bool is_finite = std::isfinite(step.loss) && std::isfinite(norm);
  if (is_finite) optimizer_.step(rate);
  optimizer_.clear_gradients();
  ++state_.step;
  ++executed_steps_;
  state_.tokens += step.tokens;
  tell_step(step.loss, norm, rate, !is_finite);
  return is_finite;
}

// Where an objective draws each pass anew, the step's items alone are drawn.
StepLoss Loop::gradients(std::vector<std::vector<std::size_t>> micro_batches, const StepOptions& options) {
  if (!input_.objective->redraws()) return add_gradients(*input_.model, *input_.objective, input_.train, micro_batches, options);
  std::vector<Example> drawn;
  for (auto& batch : micro_batches) {
    for (std::size_t& index : batch) {
      drawn.push_back(input_.objective->drawn(input_.train[index], input_.seed, state_.step / plan_.steps_per_epoch));
      index = drawn.size() - 1;
    }
  }
  return add_gradients(*input_.model, *input_.objective, drawn, micro_batches, options);
}

void Loop::tell_step(double loss, double norm, double rate, bool always) {
  if (!input_.observer) return;
  if (always || state_.step % input_.options.logging_steps == 0 || state_.step == plan_.total_steps) {
    input_.observer->on_step(
        {global_step(), plan_.epoch(state_.step), input_.first_seconds + seconds(), input_.first_tokens + state_.tokens, rate, loss, norm});
  }
  input_.observer->on_progress(global_step(), input_.first_step + plan_.total_steps);
}

bool Loop::evaluation_is_due() const {
  if (state_.step == plan_.total_steps) return true;
  const std::int64_t every = input_.options.eval_steps.value_or(plan_.steps_per_epoch);
  return state_.step % every == 0;
}

SplitScore Loop::score(EvaluatedSplit split, std::span<const Example> examples) const {
  EvaluateOptions options{input_.options.eval_batch_size, input_.options.bf16, input_.plain, input_.device, nullptr, input_.alive};
  inference::FrozenSplit* frozen = split == EvaluatedSplit::kTrain ? frozen_train_.get() : frozen_validation_.get();
  if (frozen && frozen->begins_with(examples)) options.frozen = frozen;
  Evaluation evaluation = evaluate(*input_.model, *input_.objective, examples, options);
  SplitScore score;
  score.loss = evaluation.loss();
  score.loss_stderr = evaluation.loss_stderr();
  if (input_.metrics) score.metrics = input_.metrics(split, evaluation);
  score.losses = std::move(evaluation.losses);
  score.counts = std::move(evaluation.counts);
  return score;
}

void Loop::evaluate_now() {
  EvaluationRow row;
  row.step = global_step();
  row.epoch = plan_.epoch(state_.step);
  row.train = score(EvaluatedSplit::kTrain, input_.train_probe);
  if (selects()) row.validation = score(EvaluatedSplit::kValidation, input_.validation);
  if (selects() && state_.selection.add(row.step, objective_value(*row.validation), input_.better, input_.options.early_stopping_threshold)) keep_weights();
  const auto is_broken = [](const SplitScore& score) {
    for (const std::int64_t count : score.counts) {
      if (count > 0) return !std::isfinite(score.loss);
    }
    return false;  // nothing to score, nothing to judge
  };
  if (is_broken(row.train) || (row.validation && is_broken(*row.validation))) state_.status = Status::kDiverged;
  if (!input_.general.empty()) {
    const EvaluateOptions options{input_.options.eval_batch_size, input_.options.bf16, input_.plain, input_.device, nullptr, input_.alive};
    row.forgetting_loss = evaluate(*input_.model, *input_.general_objective, input_.general, options).loss();
  }
  if (input_.observer) input_.observer->on_evaluation(row);
  state_.evaluations.push_back(std::move(row));
}

double Loop::objective_value(const SplitScore& validation) const {
  constexpr std::string_view kPrefix = "validation_";
  std::string name = input_.best_by;
  if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  if (name == "loss") return validation.loss;
  std::vector<std::string> names;
  for (const auto& [metric, value] : validation.metrics) {
    if (metric == name) return value;
    names.push_back(metric);
  }
  throw Error("objective is \"" + input_.best_by + "\", which no metric of this trial gives", did_you_mean(name, names));
}

void Loop::keep_weights() {
  if (!keeps_best()) return;
  const c10::NoGradGuard no_grad;
  for (const Parameter* parameter : optimizer_.parameters()) {
    Tensor& copy = best_[parameter->name];
    if (copy.defined()) {
      copy.copy_(parameter->tensor);
    } else {
      copy = parameter->tensor.detach().clone();
    }
  }
}

void Loop::restore_best() {
  const c10::NoGradGuard no_grad;
  for (Parameter* parameter : optimizer_.parameters()) {
    const auto best = best_.find(parameter->name);
    if (best == best_.end()) continue;
    parameter->tensor.copy_(best->second);
    mark_changed(*parameter);
  }
  best_.clear();
}

bool Loop::snapshot_is_due() const {
  if (input_.snapshot.empty()) return false;
  if (input_.options.snapshot_steps) return state_.step % *input_.options.snapshot_steps == 0;
  return seconds_since(last_snapshot_) >= input_.options.snapshot_seconds;
}

void Loop::hand_over() {
  const HandOver& other = *input_.hand_over;
  Snapshot snapshot = this->snapshot(false);
  snapshot.identity = other.identity;
  snapshot.steps_from = other.from;
  snapshot.shared_steps = state_.step;
  try {
    snapshot.observer = other.observer();
    write_snapshot(other.snapshot, snapshot);
  } catch (const Error& error) {  // the other one takes the steps itself
    if (input_.observer) input_.observer->on_warning(error.what());
  }
}

Snapshot Loop::snapshot(bool finished) const {
  Snapshot snapshot = state_;
  snapshot.identity = input_.identity;
  snapshot.finished = finished;
  snapshot.seconds = seconds();
  snapshot.moment_steps.clear();  // of a snapshot that this training went on from
  for (std::size_t i = 0; i < optimizer_.parameters().size(); ++i) {
    const std::string& name = optimizer_.parameters()[i]->name;
    snapshot.tensors["parameter." + name] = optimizer_.parameters()[i]->tensor;
    const Moments& moments = optimizer_.moments()[i];
    if (finished || !moments.m.defined()) continue;
    snapshot.tensors["m." + name] = moments.m;
    snapshot.tensors["v." + name] = moments.v;
    if (moments.rows.defined()) snapshot.tensors["rows." + name] = moments.rows;
    snapshot.moment_steps[name] = moments.steps;
  }
  for (const auto& [name, tensor] : best_) snapshot.tensors["best." + name] = tensor;
  return snapshot;
}

void Loop::write(bool finished) {
  if (input_.snapshot.empty()) return;
  Snapshot snapshot = this->snapshot(finished);
  if (input_.observer) snapshot.observer = input_.observer->save();
  last_snapshot_ = Clock::now();
  try {
    write_snapshot(input_.snapshot, snapshot);
    has_snapshot_ = true;
  } catch (const Error& error) {  // a full disk costs the chance to resume here, not the training
    if (input_.observer) input_.observer->on_warning(error.what());
  }
}

TrainingResult Loop::finish(Status status) {
  const bool was_finished = state_.finished;
  state_.status = status;
  if (!was_finished && status != Status::kInterrupted) {
    restore_best();
    if (input_.snapshot_when_finished || has_snapshot_ || snapshot_is_due()) write(true);
  }
  TrainingResult result;
  result.status = status;
  result.steps = global_step();
  result.stopped_early = state_.stopped_early;
  result.best_step = state_.selection.best_step;
  result.best_value = state_.selection.best_value;
  result.seconds = was_finished ? state_.seconds : seconds();
  result.tokens = state_.tokens;
  result.trainable_parameters = input_.model->parameters().trainable_count();
  result.executed_steps = executed_steps_;
  result.steps_from = state_.steps_from;
  result.shared_steps = state_.shared_steps;
  result.evaluations = std::move(state_.evaluations);
  return result;
}

}  // namespace

TrainingResult train(const TrainingInput& input) {
  check(input);
  apply_tune(*input.model, input.tune, input.seed);  // before the optimizer looks at what is to be trained
  return Loop(input).run();
}

}  // namespace temper::training
