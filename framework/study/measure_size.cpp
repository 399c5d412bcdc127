// See measure_size.h.
#include "study/measure_size.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>

#include <temper/error.h>

#include "nn/lora.h"
#include "study/phase_data.h"
#include "study/tasks/task_work.h"
#include "study/trial_inputs.h"
#include "study/trial_model.h"
#include "training/tune.h"

namespace temper::study {

namespace {

constexpr std::size_t kSampledRows = 2000;      // of each split
constexpr std::size_t kSampledBytes = 4 << 20;  // of each phase's texts

// Thrown through a strategy: what it asks for cannot be had without running the trial.
struct NotKnown {
  std::string why;
};

std::int64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

// Every n-th row.
class SpacedRows final : public Split {
 public:
  SpacedRows(const Split& split, std::size_t most) : split_(split), rows_(std::min(most, split.size())) {}
  std::size_t size() const override { return rows_; }
  Item item(std::size_t row) const override { return split_.item(place(row)); }
  Targets targets(std::size_t row) const override { return split_.targets(place(row)); }
  std::int64_t line(std::size_t row) const override { return split_.line(place(row)); }

 private:
  std::size_t place(std::size_t row) const { return row * split_.size() / rows_; }
  const Split& split_;
  std::size_t rows_;
};

// What the examples of some rows add up to.
struct Counted {
  double examples = 0, tokens = 0, targets = 0, squared_lengths = 0;
  double mean_length() const { return tokens > 0 ? squared_lengths / tokens : 0; }
};

Counted count(const data::EncodedSplit& encoded, bool predicts_words, double scale) {
  Counted counted;
  for (const Example& example : encoded.examples) {
    const auto length = static_cast<double>(example.ids.size());
    counted.tokens += length;
    std::size_t begin = 0;
    for (std::size_t part = 1; part <= example.parts.size() || part == 1; ++part) {  // documents of a block do not see each other
      const std::size_t end = part < example.parts.size() ? static_cast<std::size_t>(example.parts[part].begin) : example.ids.size();
      counted.squared_lengths += static_cast<double>(end - begin) * static_cast<double>(end - begin);
      begin = end;
    }
    if (predicts_words) counted.targets += static_cast<double>(std::count_if(example.labels.begin(), example.labels.end(), [](std::int64_t label) { return label != kIgnored; }));
  }
  counted.examples = static_cast<double>(encoded.examples.size()) * scale;
  counted.tokens *= scale;
  counted.targets *= scale;
  counted.squared_lengths *= scale;
  return counted;
}

// Notes the phases of a training instead of running them.
class SizeContext final : public AdaptContext {
 public:
  SizeContext(const Trial& trial, const TaskInfo& task, const data::Splits& splits, TrialModel& model, const Tokenizer* tokenizer, TrialSize& size, int threads)
      : trial_(trial), task_(task), splits_(splits), model_(model), tokenizer_(tokenizer), size_(size), threads_(threads), training_(training_options(trial)) {
    if (trial.reads("prompt")) {
      OptionsOf<PromptOptions> prompt;
      fill(prompt, trial.table("prompt"));
      prompt_ = prompt.value;
    }
  }

  const TaskInfo& task() const override { return task_; }
  const Split& train() const override { return *splits_.train; }
  const Split* validation() const override { return splits_.validation.get(); }
  std::uint64_t seed() const override { return static_cast<std::uint64_t>(trial_.seed.value_or(0)); }
  bool is_causal() override { return model_.loaded.model.model().shape().causal; }
  const PromptFormat& format() const override { throw NotKnown{"its strategy renders items itself"}; }
  Embeddings embed(std::span<const Item>, const EmbeddingOptions&) override { throw NotKnown{"its strategy asks for vectors of items"}; }
  std::shared_ptr<const Retriever> index(const PluginChoice&, std::span<const Passage>) override { throw NotKnown{"its strategy retrieves"}; }

  void run_training(const TrainingPhase& phase) override {
    PhaseSize& noted = size_.phases.emplace_back();
    noted.is_of_texts = phase.texts != nullptr;
    noted.options = phase.options;
    training::apply_tune(model_.loaded.model, phase.tune, seed());
    count_parameters(noted);
    if (phase.texts) count_texts(*phase.texts, phase.options, noted);
    else count_items(noted);
  }

  // Of a split as `purpose` reads it.
  Counted counted(const Split& split, data::EncodeFor purpose) {
    const SpacedRows rows(split, kSampledRows);
    if (rows.size() == 0) return {};
    size_.is_sampled = size_.is_sampled || rows.size() < split.size();
    const auto encoder = data::make_encoder(task_, prompt_, tokenizer_, encode_settings(task_, model_, training_, purpose));
    const bool predicts_words = task_.task == Task::kLanguageModeling || task_.task == Task::kGeneration;
    return count(encoder->encode(rows, threads_), predicts_words, static_cast<double>(split.size()) / static_cast<double>(rows.size()));
  }

 private:
  void count_parameters(PhaseSize& phase) {
    HeadedModel& model = model_.loaded.model;
    const std::int64_t first = model.frozen_places();
    phase.trainable_parameters = model.parameters().trainable_count();
    phase.trained_blocks = std::max<std::int64_t>(0, size_.layers - std::max<std::int64_t>(0, first));
    for (const Parameter& parameter : model.parameters().all()) {
      if (parameter.tensor.dim() < 2 || parameter.block < 0 || parameter.is_head) continue;  // embeddings are looked up, heads read few tokens
      const auto elements = static_cast<double>(parameter.tensor.numel());
      if (parameter.tensor.requires_grad()) phase.trained += elements;
      else if (parameter.block < first) phase.frozen += elements;
      else phase.passed += elements;
    }
  }

  void count_items(PhaseSize& phase) {
    const Counted train = counted(*splits_.train, data::EncodeFor::kTraining);
    take(train, phase);
    const std::unique_ptr<Split> probe = limited(*splits_.train, static_cast<std::size_t>(training_.train_probe));
    phase.probe_tokens = counted(*probe, data::EncodeFor::kAnswers).tokens;
    if (splits_.validation) phase.validation_tokens = counted(*splits_.validation, data::EncodeFor::kAnswers).tokens;
  }

  void count_texts(const Texts& texts, const PhaseOptions& options, PhaseSize& phase) {
    TrainingOptions training = training_;
    if (options.max_length) training.max_length = *options.max_length;
    double scale = 1;
    const auto sample = [&](const std::vector<std::string>& all) {
      std::vector<std::string> some;
      std::size_t bytes = 0, whole = 0;
      for (const std::string& text : all) {
        whole += text.size();
        if (bytes >= kSampledBytes) continue;
        some.push_back(text.substr(0, kSampledBytes - bytes));
        bytes += some.back().size();
      }
      scale = bytes > 0 ? static_cast<double>(whole) / static_cast<double>(bytes) : 1;
      size_.is_sampled = size_.is_sampled || whole > bytes;
      return some;
    };
    const TaskInfo words{Task::kLanguageModeling, {}};
    const auto counted_texts = [&](const std::vector<std::string>& all, data::EncodeFor purpose) {
      const std::vector<std::string> some = sample(all);
      RowsInMemory rows;
      for (std::size_t i = 0; i < some.size(); ++i) {
        Item item{std::to_string(i), {}};
        item.fields.set(kTextField, some[i]);
        rows.add(std::move(item), {});
      }
      data::EncodeSettings settings = encode_settings(words, model_, training, purpose);
      if (training.max_length > 0) settings.max_length = std::min(*settings.max_length, training.max_length);
      return count(data::make_encoder(words, {}, tokenizer_, settings)->encode(rows, threads_), true, scale);
    };
    if (!tokenizer_) throw Error("the model has no tokenizer, so it cannot learn from texts");
    take(counted_texts(texts.train, data::EncodeFor::kTraining), phase);
    phase.probe_tokens = std::min(1.0, static_cast<double>(training.train_probe) / std::max<double>(1, static_cast<double>(phase.examples))) * phase.tokens;
    if (!texts.validation.empty()) phase.validation_tokens = counted_texts(texts.validation, data::EncodeFor::kAnswers).tokens;
    if (!texts.general.empty()) phase.validation_tokens += counted_texts(texts.general, data::EncodeFor::kAnswers).tokens;
  }

  static void take(const Counted& train, PhaseSize& phase) {
    phase.examples = static_cast<std::int64_t>(train.examples + 0.5);
    phase.tokens = train.tokens;
    phase.targets = train.targets;
    phase.mean_length = train.mean_length();
  }

  const Trial& trial_;
  const TaskInfo& task_;
  const data::Splits& splits_;
  TrialModel& model_;
  const Tokenizer* tokenizer_;
  TrialSize& size_;
  int threads_;
  TrainingOptions training_;
  PromptOptions prompt_;
};

}  // namespace

MeasuredSize measure_size(const Trial& trial, TrialInputs& inputs, const registry::Registry& registry, int threads) {
  if (!trial.reads("training") || !trial.reads("model")) return {std::nullopt, "it does not train"};
  at::set_num_threads(threads);
  TrialSize size;
  size.process_bytes = resident_bytes();
  const Task kind = task_from_string(trial.options.find("task")->as_string());
  const auto splits = inputs.splits(trial.table("dataset"), kind);
  const TaskInfo task{kind, task_labels(trial.table("model"), splits->labels)};
  TrialModel model = open_trial_model(registry, trial, own_model_place(trial), task, at::kCPU, nn::head_kind(kind));
  const ModelShape shape = model.loaded.model.model().shape();
  size.parameters = model.loaded.model.parameters().count();
  size.layers = shape.layers;
  size.width = shape.width;
  size.vocabulary = shape.vocabulary;
  const std::shared_ptr<const Tokenizer> tokenizer = inputs.tokenizer(model.tokenizer);
  SizeContext context(trial, task, *splits, model, tokenizer.get(), size, threads);
  try {
    make_strategy(registry, trial)->adapt(context);
  } catch (const NotKnown& unknown) {
    return {std::nullopt, unknown.why};
  }
  if (splits->test) size.test_tokens = context.counted(*splits->test, data::EncodeFor::kAnswers).tokens;
  size.saves_adapter = model.loaded.model.lora() != nullptr;
  return {size, ""};
}

double product_rate(bool bf16, int threads) {
  at::set_num_threads(threads);
  const c10::NoGradGuard no_grad;
  constexpr std::int64_t kRows = 512, kIn = 768, kOut = 3072;
  const auto type = bf16 ? at::kBFloat16 : at::kFloat;
  const at::Tensor x = at::ones({kRows, kIn}, type), w = at::ones({kIn, kOut}, type);
  at::Tensor y = at::mm(x, w);  // the first one prepares
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun = Clock::now();
  double seconds = 0;
  int products = 0;
  while (seconds < 0.1) {
    at::mm_out(y, x, w);
    ++products;
    seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  }
  return 2.0 * kRows * kIn * kOut * products / seconds;
}

}  // namespace temper::study
