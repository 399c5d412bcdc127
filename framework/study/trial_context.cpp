// Training and prediction on behalf of a strategy.
#include "study/trial_context.h"

#include <algorithm>
#include <chrono>

#include <c10/core/GradMode.h>

#include <temper/error.h>

#include "data/class_weights.h"
#include "nn/lora.h"
#include "study/hand_over.h"
#include "study/step_sharing.h"
#include "training/schedule.h"
#include "training/trainer.h"

namespace temper::study {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLive{200};  // two messages that only show how far a trial is

// The training room's rows, written as events.
class EventWriter final : public training::TrainingObserver {
 public:
  EventWriter(TrialLog& log, record::PhaseStarted phase, const std::function<void(const LiveProgress&)>& live) : log_(log), phase_(std::move(phase)), live_(live) {}

  // Whether a row was told in this process: not where a finished phase was read from its snapshot.
  bool has_trained() const { return has_trained_; }

  void on_step(const training::StepRow& row) override {
    begin();
    has_trained_ = true;
    told_ = Clock::now();
    log_.append(record::StepRow{row.step, row.epoch, row.seconds, row.tokens, row.learning_rate, row.loss, row.grad_norm, phase_.phase});
  }

  void on_evaluation(const training::EvaluationRow& row) override {
    begin();
    has_trained_ = true;
    record::EvaluationRow event{row.step, row.epoch, phase_.phase, {}};
    event.values.emplace_back("train_loss", row.train.loss);
    if (row.validation) event.values.emplace_back("validation_loss", row.validation->loss);
    for (const auto& [name, value] : row.train.metrics) event.values.emplace_back("train_" + name, value);
    if (row.validation) {
      for (const auto& [name, value] : row.validation->metrics) event.values.emplace_back("validation_" + name, value);
    }
    if (row.forgetting_loss) event.values.emplace_back("forgetting_loss", *row.forgetting_loss);
    log_.append(event);
  }

  // Steps that have no row of their own.
  void on_progress(std::int64_t step, std::int64_t steps) override {
    if (!live_) return;
    const Clock::time_point now = Clock::now();
    if (now - told_ < kBetweenLive) return;
    told_ = now;
    live_({.step = step, .steps = steps});
  }

  void on_warning(const std::string& what) override { log_.append(record::Warning{what}); }

  Value save() override {
    begin();
    log_.sync();
    return Value(log_.offset());
  }
  bool can_restore(const Value& saved) override { return log_.reaches(saved.as_integer()); }
  void restore(const Value& saved) override {
    log_.go_on_from(saved.as_integer());
    begun_ = true;  // the rows that are kept have told of the phase
  }

 private:
  void begin() {
    if (!begun_) log_.append(phase_);
    begun_ = true;
  }

  TrialLog& log_;
  record::PhaseStarted phase_;
  const std::function<void(const LiveProgress&)>& live_;
  Clock::time_point told_{};
  bool begun_ = false, has_trained_ = false;
};

void override_with(const PhaseOptions& phase, TrainingOptions& options) {
  if (phase.max_steps || phase.epochs) options.max_steps = phase.max_steps;
  if (phase.epochs) options.epochs = *phase.epochs;
  if (phase.learning_rate) options.learning_rate = *phase.learning_rate;
  if (phase.batch_size) options.batch_size = *phase.batch_size;
  if (phase.max_length) options.max_length = *phase.max_length;
}

// What chooses the best evaluation, as the training room names it.
struct BestBy {
  std::string name = "validation_loss";
  Better better = Better::kLower;
};

BestBy best_by(const Trial& trial, const evaluation::MetricSet& metrics) {
  const Value* objective = trial.options.find("objective");
  if (!objective || objective->as_string() == "validation_loss") return {};
  const std::string prefix = "validation_", name = objective->as_string();
  const std::string metric = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  for (const auto& choice : metrics.choices) {
    if (metrics.chosen(choice).name == metric) return {metric, metrics.chosen(choice).better};
  }
  throw Error("the objective " + name + " is not among the metrics", "add \"" + metric + "\" to metrics");
}

}  // namespace

TrialContext::TrialContext(Setup setup)
    : setup_(std::move(setup)), seed_(static_cast<std::uint64_t>(setup_.trial.seed.value_or(0))),
      device_(find_device(setup_.trial.options.find("device") ? setup_.trial.options.find("device")->as_string() : "auto")) {
  options_ = training_options(setup_.trial);
  OptionsOf<PromptOptions> prompt;
  if (setup_.trial.reads("prompt")) fill(prompt, setup_.trial.table("prompt"));
  answering_.emplace(AnsweringSetup{.registry = setup_.registry, .inputs = setup_.inputs, .source = *this, .task = setup_.task, .prompt = prompt.value,
                                    .training = options_, .batch_size = options_.eval_batch_size, .bf16 = options_.bf16, .device = device_, .threads = setup_.threads,
                                    .seed = seed_,
                                    .strategy = setup_.trial.strategy, .reads_prompt = setup_.trial.reads("prompt"),
                                    .warn = [this](const std::string& what) { setup_.log.append(record::Warning{what}); },
                                    .bases = setup_.bases, .answered = [this](std::int64_t more) { tell_answered(more); }, .keep_prompts = true});
}

TrialContext::~TrialContext() = default;

std::vector<Prediction> TrialContext::answer(std::span<const Item> items, std::span<const Prompt> prompts, const AnswerOptions& options) {
  answered_ = 0;
  return answering_->answer(items, prompts, options);
}

void TrialContext::tell_answered(std::int64_t more) {
  answered_ += more;
  const Clock::time_point now = Clock::now();
  if (!setup_.live || now - told_ < kBetweenLive) return;
  told_ = now;
  setup_.live({.answered = answered_});
}

TrialModel& TrialContext::any_model() { return model_ ? *model_ : model(nn::head_kind(setup_.task.task)); }

// What the checkpoint lacks is drawn from the seed.
std::string TrialContext::weights_key() const { return phases_.empty() ? to_json(setup_.place.table) + '\n' + std::to_string(setup_.place.seed) : std::string(); }

// Opened anew, or taken over from a trial of this worker that began with the same weights and trained few of them, or none.
std::shared_ptr<TrialModel> TrialContext::opened(HeadKind head) {
  KeptModel& kept = setup_.inputs.kept_model();
  std::string key = to_json(setup_.trial.table("model")) + '\n' + std::to_string(static_cast<int>(head)) + '\n' + device_.str();
  for (const std::string& label : setup_.task.labels) key += '\n' + label;
  const bool may_stay = !setup_.trial.reads("training") || (setup_.leaves_first_layers && !has_adapters(setup_.place.table));  // which training merges
  const bool stays = may_stay && to_json(setup_.place.table) == to_json(setup_.trial.table("model"));
  if (stays && kept.model && kept.key == key && take_over(kept, setup_.trial, setup_.place)) return kept.model;
  kept = {};  // two models at once may be more than the memory holds
  auto model = std::make_shared<TrialModel>(open_trial_model(setup_.registry, setup_.trial, setup_.place, setup_.task, device_, head));
  if (stays) kept = keep_model(key, model, setup_.place.seed);
  return model;
}

bool TrialContext::has_kind(TrialModel& model, HeadKind head) const {
  const HeadKind kind = model.loaded.model.head().kind;
  return kind == head || (setup_.task.task == Task::kLanguageModeling && head == HeadKind::kLanguageModeling && kind == HeadKind::kMaskedLanguageModeling);
}

// The same blocks under another head: as the trial's model has it, or drawn from the seed.
void TrialContext::change_head(HeadKind head) {
  const std::shared_ptr<TrialModel> before = std::move(model_);
  frozen_.reset();
  nn::merge_lora(before->loaded.model);
  model_ = opened(head);
  const c10::NoGradGuard no_grad;
  for (Parameter& parameter : model_->loaded.model.parameters().all()) {
    const Parameter* trained = parameter.is_head ? nullptr : before->loaded.model.parameters().find(parameter.name);
    if (!trained) continue;
    parameter.tensor.copy_(trained->tensor);
    mark_changed(parameter);
  }
}

TrialModel& TrialContext::model(HeadKind head) {
  if (model_ && !has_kind(*model_, head)) {
    if (phases_.empty()) throw Error("the strategy asks one model for answers of two kinds: by a head, and by choice");
    change_head(head);
  }
  if (!model_) {
    if (!setup_.trial.reads("model")) throw Error("the strategy \"" + setup_.trial.strategy + "\" asks for a model, and says that it needs none");
    model_ = opened(head);
    const std::vector<std::string>& drawn = model_->loaded.new_parameters;
    if (drawn.size() == model_->loaded.model.parameters().all().size()) {
      const Value* checkpoint = setup_.place.table.find("checkpoint");
      if (checkpoint && !checkpoint->is_null()) setup_.log.append(record::Warning{"the checkpoint has a config and no tensors: all weights are random"});
      else setup_.log.append(record::Note{"the model is a config: all weights were drawn from the seed"});
    } else {
      for (const std::string& name : drawn) setup_.log.append(record::Note{name + " is new: it was drawn from the seed"});
    }
    for (const std::string& name : model_->loaded.head_of_base) setup_.log.append(record::Note{name + " is the base model's: the adapter has no head of its own"});
  }
  return *model_;
}

std::shared_ptr<const data::EncodedSplit> TrialContext::encoded(const Split& split, const std::string& name, data::EncodeFor purpose) {
  const TrialModel& model = any_model();
  auto result = encode_split(setup_.inputs, setup_.trial, setup_.task, model, split, name, purpose, setup_.threads);
  const bool is_first = truncated_.emplace(name, result->truncated_items).second;  // told once, not by every phase
  if (result->truncated_items > 0 && is_first) {
    setup_.log.append(record::Warning{std::to_string(result->truncated_items) + " items of " + name + " were longer than " + std::to_string(model.max_length) +
                                      " tokens and lost " + std::to_string(result->dropped_tokens) + " tokens"});
  }
  return result;
}

void TrialContext::keep_frozen_states(std::int64_t phase) {
  frozen_.reset();
  if (!options_.frozen_cache) return;
  // Trials of other seeds have the same frozen layers where all of them come from the checkpoint.
  const ParameterTable& parameters = model_->loaded.model.parameters();
  const std::vector<std::string>& drawn = model_->loaded.new_parameters;
  const Value* checkpoint = setup_.place.table.find("checkpoint");
  const bool is_of_checkpoint = checkpoint && !checkpoint->is_null() && std::all_of(drawn.begin(), drawn.end(), [&](const std::string& name) {
    const Parameter* parameter = parameters.find(name);
    return parameter && parameter->is_head;
  });
  const std::string weights = to_json(setup_.place.table) + (is_of_checkpoint ? "" : '\n' + std::to_string(setup_.place.seed));
  std::shared_ptr<inference::FrozenStore>& store = setup_.inputs.frozen_store();
  if (!store) store = std::make_shared<inference::FrozenStore>();
  frozen_.emplace(inference::FrozenStates::Setup{
      .model = model_->loaded.model, .store = *store, .weights = weights, .changed_from = changed_from_,
      .own_weights = setup_.trial.identity + "/" + std::to_string(phase) + '\n' + weights, .trial = record::trial_name(setup_.trial.number),
      .shared_with = shared_with_, .bound_bytes = options_.frozen_cache_bytes, .bf16 = options_.bf16, .device = device_});
}

// Of the task's labels, in its order.
std::vector<double> TrialContext::class_weights() const {
  const data::Splits& splits = *setup_.splits;
  const std::vector<std::int64_t>& counted = splits.reports.front().label_counts;  // train's
  std::vector<std::int64_t> counts(setup_.task.labels.size());
  for (std::size_t i = 0; i < counted.size(); ++i) {
    const auto label = std::find(setup_.task.labels.begin(), setup_.task.labels.end(), splits.labels[i]);
    if (label != setup_.task.labels.end()) counts[static_cast<std::size_t>(label - setup_.task.labels.begin())] = counted[i];
  }
  return data::class_weights(options_.class_weights, setup_.task.labels, counts);
}

PhaseData TrialContext::task_phase(TrialModel& model) {
  const Split& train = *setup_.splits->train;
  const auto rows = static_cast<std::size_t>(options_.train_probe);
  PhaseData phase;
  phase.train = encoded(train, "train", data::EncodeFor::kTraining);
  if (phase.train->examples.empty()) throw Error("the train split is too short for a single block of max_length tokens");
  if (!phase.train->first.empty()) {
    phase.probe = first_rows(phase.train, train, rows);
  } else {  // blocks of several items
    const std::unique_ptr<Split> probe = limited(train, rows);
    phase.probe = first_rows(encoded(*probe, "train, first " + std::to_string(rows), data::EncodeFor::kAnswers), *probe, rows);
  }
  if (const Split* validation = setup_.splits->validation.get()) {
    phase.validation = first_rows(encoded(*validation, "validation", data::EncodeFor::kAnswers), *validation, validation->size());
  }
  phase.objective = task_objective(setup_.task, model, setup_.inputs.tokenizer(model.tokenizer).get(), setup_.task.task == Task::kClassification ? class_weights() : std::vector<double>());
  phase.work = task_work(setup_.task, options_);
  return phase;
}

// The family's head for its own kind of pre-training.
PhaseData TrialContext::text_phase(const Texts& texts, const TrainingOptions& options) {
  const bool is_causal = this->is_causal();
  const HeadKind head = is_causal ? HeadKind::kLanguageModeling : HeadKind::kMaskedLanguageModeling;
  if (!has_kind(any_model(), head)) change_head(head);
  TrialModel& model = *model_;
  return study::text_phase(texts, model, setup_.inputs.tokenizer(model.tokenizer).get(), options, setup_.threads);
}

std::optional<training::HandOver> TrialContext::hand_over(const training::TrainingInput& input) {
  const Heir& heir = *setup_.heir;
  OptionsOf<TrainingOptions> longer;
  fill(longer, heir.trial.table("training"));
  const std::int64_t items = static_cast<std::int64_t>(input.train.size());
  const training::StepPlan plan = training::plan_steps(items, longer.value);
  const HandedSteps steps{common_steps(options_, longer.value, items), plan.total_steps, options_.logging_steps};
  if (steps.last == 0) return std::nullopt;
  std::filesystem::create_directories(heir.folder / "snapshot");
  return training::HandOver{.step = steps.last, .evaluates = steps.last % longer.value.eval_steps.value_or(plan.steps_per_epoch) == 0,
                            .snapshot = heir.folder / "snapshot" / input.snapshot.filename(), .identity = heir.trial.identity + "/0",
                            .from = record::trial_name(setup_.trial.number),
                            .observer = [this, steps] { return Value(hand_over_events(setup_.log.file(), *setup_.heir, steps)); }};
}

void TrialContext::run_training(const TrainingPhase& phase) {
  // From weights that are no use nothing can be learned; the trial ends as the phase that broke it.
  if (!phases_.empty() && phases_.back().result.status == training::Status::kDiverged) {
    setup_.log.append(record::Note{"the phase \"" + phase.name + "\" is left out: \"" + phases_.back().name + "\" diverged"});
    return;
  }
  TrainingOptions options = options_;
  override_with(phase.options, options);
  const PhaseData data = phase.texts ? text_phase(*phase.texts, options) : task_phase(model(nn::head_kind(setup_.task.task)));
  HeadedModel& model = model_->loaded.model;
  const std::span<const Example> items = data.train->examples;
  const std::int64_t index = static_cast<std::int64_t>(phases_.size());
  const std::int64_t first_step = phases_.empty() ? 0 : phases_.back().result.steps;
  const std::int64_t steps = training::plan_steps(static_cast<std::int64_t>(items.size()), options).total_steps;
  EventWriter observer(setup_.log, {index, phase.name, first_step, steps}, setup_.live);
  const BestBy best = data.work ? best_by(setup_.trial, setup_.metrics) : BestBy();
  if (data.work && !data.work->answers() && best.name != "validation_loss") {
    throw Error("the objective is " + best.name + ", and a training of this task knows its loss alone: a metric would need an answer to be written", "objective = \"validation_loss\"");
  }

  training::TrainingInput input;
  input.model = &model;
  input.objective = data.objective.get();
  input.train = items;
  input.train_probe = data.probe.examples;
  input.validation = data.validation.examples;
  if (data.general) input.general = data.general->examples;
  input.general_objective = data.objective.get();
  input.options = options;
  input.tune = phase.tune;
  input.seed = seed_;
  input.best_by = best.name;
  input.better = best.better;
  input.metrics = [&](training::EvaluatedSplit which, const training::Evaluation& result) { return scored(data, setup_.metrics, which, result); };
  input.observer = &observer;
  input.stop = setup_.stop;
  input.alive = setup_.alive;
  // Another best trial to go on from means other weights to begin with: its snapshots are others.
  const std::string base = setup_.trial.base && setup_.trial.base->is_best ? "-from-" + std::to_string(setup_.trial.base->number) : std::string();
  input.snapshot = setup_.snapshots / ("phase-" + std::to_string(index) + base + ".safetensors");
  input.snapshot_when_finished = phase.more_follow;
  input.identity = setup_.trial.identity + "/" + std::to_string(index);
  input.first_step = first_step;
  for (const PhaseResult& before : phases_) {
    input.first_tokens += before.result.tokens;
    input.first_seconds += before.result.seconds;
  }
  // Rows of an earlier phase that was trained anew lie elsewhere in the events than a later snapshot says.
  if (has_trained_) std::filesystem::remove(input.snapshot);
  if (setup_.heir && index == 0 && !phase.more_follow && !phase.texts && awaits_steps(*setup_.heir)) input.hand_over = hand_over(input);
  input.device = device_;
  keep_frozen_states(index);
  input.frozen = frozen_states();

  const auto begun = std::chrono::steady_clock::now();
  phases_.push_back({phase.name, training::train(input), !phase.texts});
  has_trained_ = has_trained_ || observer.has_trained();
  if (!phases_.back().result.steps_from.empty()) shared_with_.insert(phases_.back().result.steps_from);
  training_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  changed_from_ = std::min(changed_from_, model.frozen_places());
  if (interrupted()) throw TrialInterrupted{};
}

// What is learned of texts for a task of texts is the task's head as well.
bool TrialContext::head_is_trained() const {
  if (setup_.place.head_is_trained) return true;
  const bool is_of_texts = setup_.task.task == Task::kLanguageModeling || setup_.task.task == Task::kGeneration;
  return std::any_of(phases_.begin(), phases_.end(), [&](const PhaseResult& phase) { return phase.is_of_task || is_of_texts; });
}

bool TrialContext::interrupted() const {
  return !phases_.empty() && phases_.back().result.status == training::Status::kInterrupted;
}

}  // namespace temper::study
