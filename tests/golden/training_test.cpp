// The same training steps as in transformers: losses, gradient norms, learning rates, final weights and logits, through the
// framework's own loop.
#include <cmath>
#include <map>
#include <string>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "nn/adapter_files.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/close.h"
#include "support/golden.h"
#include "training/data_order.h"
#include "training/objectives.h"
#include "training/trainer.h"

namespace temper::training {
namespace {

using testing::Golden;

// From golden/models/README.md: the float32 run is within 1e-5 of the float64 one, so more is a difference in method.
constexpr double kLoss = 2e-5, kNorm = 1e-4, kRate = 1e-9, kFinal = 5e-5;

// The rows of all steps in the order of the file.
std::vector<Example> rows(const Golden& golden) {
  const at::Tensor ids = golden.tensor("train.input_ids").flatten(0, 1), mask = golden.tensor("train.attention_mask").flatten(0, 1);
  const at::Tensor labels = golden.tensor("train.labels").flatten(0, 1);
  std::vector<Example> examples;
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    Example& example = examples.emplace_back();
    example.key = static_cast<std::uint64_t>(row);
    if (labels.dim() == 1) example.labels = {labels[row].item<std::int64_t>()};
    for (std::int64_t t = 0; t < ids.size(1) && mask[row][t].item<std::int64_t>() == 1; ++t) {
      example.ids.push_back(ids[row][t].item<std::int32_t>());
      if (labels.dim() == 2) example.labels.push_back(labels[row][t].item<std::int64_t>());
    }
  }
  return examples;
}

// Puts each row where the loop's order will meet it when the file has it: the loop shuffles, the reference does not.
std::vector<Example> arranged(const std::vector<Example>& wanted, std::uint64_t seed) {
  const std::vector<std::size_t> order = epoch_order(static_cast<std::int64_t>(wanted.size()), seed, 0);
  std::vector<Example> examples(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) examples[order[i]] = wanted[i];
  return examples;
}

struct Rows final : TrainingObserver {
  std::vector<StepRow> steps;
  void on_step(const StepRow& row) override { steps.push_back(row); }
  void on_evaluation(const EvaluationRow&) override {}
};

TrainingOptions options_of(const Value& hyperparameters, std::int64_t rows_per_step, std::int64_t micro_batches) {
  const auto number = [&](const char* name) { return hyperparameters.find(name)->as_number(); };
  TrainingOptions options;
  options.learning_rate = number("learning_rate");
  options.weight_decay = number("weight_decay");
  options.adam_beta1 = hyperparameters.find("betas")->as_array()[0].as_number();
  options.adam_beta2 = hyperparameters.find("betas")->as_array()[1].as_number();
  options.adam_epsilon = number("eps");
  options.max_grad_norm = number("max_grad_norm");
  options.lr_scheduler_type = hyperparameters.find("schedule")->as_string();
  options.warmup_steps = hyperparameters.find("warmup_steps")->as_integer();
  options.epochs = 1;
  options.batch_size = rows_per_step / micro_batches;
  options.gradient_accumulation_steps = micro_batches;
  return options;
}

// Logits on the first step's rows, in their order: a classifier's, or a language model's at the last token of each row.
at::Tensor final_logits(HeadedModel& model, std::span<const Example> first_step) {
  const c10::NoGradGuard no_grad;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < first_step.size(); ++i) all.push_back(i);
  const PackedInput input(pack(first_step, all), at::kCPU);
  ForwardContext context;
  context.input = &input;
  std::vector<std::int64_t> last;
  for (std::size_t b = 1; b < input.host.starts.size(); ++b) last.push_back(input.host.starts[b] - 1);
  const bool is_classifier = model.head().kind == HeadKind::kSequenceClassification;
  return model.logits(model.states(context, is_classifier ? model.pooled_tokens(input) : at::tensor(last)), context);
}

void expect_trajectory(const std::string& folder, HeadKind head, const std::string& trajectory, bool plain, const Tune& tune = {}) {
  const auto golden = testing::open_golden(folder);
  if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
  const Value& notes = *golden->notes().find_path("trajectories")->find(trajectory);
  const Value* micro = notes.find("micro_batches");
  const std::int64_t steps = golden->tensor("train.input_ids").size(0), rows_per_step = golden->tensor("train.input_ids").size(1);
  const std::vector<Example> wanted = rows(*golden);
  const std::vector<Example> train_rows = arranged(wanted, 3);

  nn::LoadRequest request;
  request.head = head;
  nn::LoadedModel loaded = nn::load_model(registry::installed(), golden->folder(), request);
  const std::unique_ptr<Objective> objective = make_objective(head);
  Rows rows;
  TrainingInput input;
  input.model = &loaded.model;
  input.objective = objective.get();
  input.train = train_rows;
  input.train_probe = std::span(train_rows).first(1);
  input.options = options_of(*notes.find("hyperparameters"), rows_per_step, micro ? static_cast<std::int64_t>(micro->as_array().size()) : 1);
  input.seed = 3;
  input.tune = tune;
  input.observer = &rows;
  input.plain = plain;
  ASSERT_EQ(train(input).steps, steps);

  const at::Tensor loss = golden->tensor(trajectory + ".loss"), norm = golden->tensor(trajectory + ".grad_norm"), rate = golden->tensor(trajectory + ".learning_rate");
  for (std::int64_t i = 0; i < steps; ++i) {
    EXPECT_NEAR(rows.steps[i].loss, loss[i].item<double>(), kLoss) << "step " << i;
    EXPECT_NEAR(rows.steps[i].grad_norm, norm[i].item<double>(), kNorm * norm[i].item<double>()) << "step " << i;
    EXPECT_NEAR(rows.steps[i].learning_rate, rate[i].item<double>(), kRate) << "step " << i;
  }
  const std::string final_prefix = trajectory + ".final.";
  for (const std::string& name : golden->names_that_begin(final_prefix)) {
    std::string own = name.substr(final_prefix.size());
    constexpr std::string_view kPeftPrefix = "base_model.model.";  // adapters are called so; modules that are trained whole are not
    if (!loaded.model.parameters().find(own) && own.starts_with(kPeftPrefix)) own.erase(0, kPeftPrefix.size());
    const Parameter* parameter = loaded.model.parameters().find(own);
    ASSERT_TRUE(parameter) << name;
    EXPECT_TRUE(testing::close(parameter->tensor, golden->tensor(name), kFinal)) << name;
  }
  EXPECT_TRUE(testing::close(final_logits(loaded.model, std::span(wanted).first(rows_per_step)), golden->tensor(trajectory + ".final_logits"), kFinal));
}

TEST(GoldenTraining, LanguageModelSteps) { expect_trajectory("gpt2-causal", HeadKind::kLanguageModeling, "train", false); }
TEST(GoldenTraining, LanguageModelStepsInMicroBatches) { expect_trajectory("gpt2-causal", HeadKind::kLanguageModeling, "train_micro", false); }
TEST(GoldenTraining, ClassifierSteps) { expect_trajectory("gpt2-seqcls", HeadKind::kSequenceClassification, "train", false); }
TEST(GoldenTraining, ClassifierStepsInMicroBatches) { expect_trajectory("gpt2-seqcls", HeadKind::kSequenceClassification, "train_micro", false); }
TEST(GoldenTraining, PlainTwinsTakeTheSameSteps) {
  expect_trajectory("gpt2-causal", HeadKind::kLanguageModeling, "train", true);
  expect_trajectory("gpt2-seqcls", HeadKind::kSequenceClassification, "train_micro", true);
}

Tune as_saved(const char* folder) {
  const auto golden = testing::open_golden(folder);
  return golden ? Tune{TuneMode::kLora, 0, nn::read_adapter_options(golden->folder())} : Tune{};
}

TEST(GoldenTraining, AdapterSteps) {
  expect_trajectory("lora-gpt2", HeadKind::kLanguageModeling, "train", false, as_saved("lora-gpt2"));
  expect_trajectory("lora-llama", HeadKind::kLanguageModeling, "train", false, as_saved("lora-llama"));
}
TEST(GoldenTraining, RankStabilisedAdapterSteps) { expect_trajectory("lora-llama-rslora", HeadKind::kLanguageModeling, "train", false, as_saved("lora-llama-rslora")); }
TEST(GoldenTraining, DoraSteps) { expect_trajectory("lora-llama-dora", HeadKind::kLanguageModeling, "train", false, as_saved("lora-llama-dora")); }
TEST(GoldenTraining, AdapterAndHeadSteps) { expect_trajectory("lora-gpt2-seqcls", HeadKind::kSequenceClassification, "train", false, as_saved("lora-gpt2-seqcls")); }
TEST(GoldenTraining, PlainTwinsTakeTheSameStepsWithAdapters) {
  expect_trajectory("lora-gpt2", HeadKind::kLanguageModeling, "train", true, as_saved("lora-gpt2"));
  expect_trajectory("lora-llama-dora", HeadKind::kLanguageModeling, "train", true, as_saved("lora-llama-dora"));
}

// ---- without reference numbers: micro-batches with dropout on ----

// Random weights of a small model with the family's usual dropout of 0.1 in embeddings, attention and blocks.
nn::LoadedModel small(const std::string& family) {
  const std::map<std::string, std::string> configs = {
      {"gpt2", R"({"vocab_size": 97, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 32, "pad_token_id": 96, "initializer_range": 0.1})"},
      {"bert", R"({"vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 32, "initializer_range": 0.1})"}};
  nn::LoadRequest request;
  request.labels = {"a", "b", "c"};
  request.seed = 5;
  return nn::new_model(registry::installed(), family, parse_json(configs.at(family)), request);
}

std::vector<StepRow> steps_with(const std::string& family, std::int64_t batch_size, std::int64_t accumulation, std::uint64_t first_key) {
  std::vector<Example> examples(40);  // the last step of an epoch is short: 8 of 16
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (std::size_t t = 0; t < 2 + (i * 7) % 11; ++t) examples[i].ids.push_back(static_cast<std::int32_t>((i * 31 + t * t * 17) % 96));
    examples[i].labels = {static_cast<std::int64_t>(i % 3)};
    examples[i].key = first_key + i;
  }
  nn::LoadedModel loaded = small(family);
  const SequenceClassification objective;
  Rows rows;
  TrainingInput input;
  input.model = &loaded.model;
  input.objective = &objective;
  input.train = examples;
  input.train_probe = std::span<const Example>(examples).first(4);
  input.options.batch_size = batch_size;
  input.options.gradient_accumulation_steps = accumulation;
  input.options.learning_rate = 1e-3;
  input.options.epochs = 3;
  input.observer = &rows;
  train(input);
  return rows.steps;
}

TEST(Accumulation, OfFourByFourIsTheBatchOfSixteenWithDropoutOn) {
  for (const std::string family : {"gpt2", "bert"}) {
    const std::vector<StepRow> whole = steps_with(family, 16, 1, 0), parts = steps_with(family, 4, 4, 0), others = steps_with(family, 16, 1, 1000);
    ASSERT_EQ(whole.size(), 9u);
    ASSERT_EQ(parts.size(), 9u);
    EXPECT_GT(std::abs(whole[0].loss - others[0].loss), 10 * kLoss) << family << ": dropout is on, other items' masks are others";
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_NEAR(parts[i].loss, whole[i].loss, kLoss) << family << ", step " << i + 1;
      EXPECT_NEAR(parts[i].grad_norm, whole[i].grad_norm, kNorm * whole[i].grad_norm) << family << ", step " << i + 1;
    }
  }
}

TEST(GoldenTraining, DecaysWhatTransformersDecays) {
  for (const auto& [folder, head] : {std::pair{"gpt2-causal", HeadKind::kLanguageModeling}, std::pair{"gpt2-seqcls", HeadKind::kSequenceClassification}}) {
    const auto golden = testing::open_golden(folder);
    if (!golden) GTEST_SKIP() << testing::kNoSharedFolder;
    nn::LoadRequest request;
    request.head = head;
    nn::LoadedModel loaded = nn::load_model(registry::installed(), golden->folder(), request);
    for (const auto& [list, decays] : {std::pair{"weight_decay_on", true}, std::pair{"no_weight_decay_on", false}}) {
      for (const Value& name : golden->notes().find(list)->as_array()) {
        const Parameter* parameter = loaded.model.parameters().find(name.as_string());
        ASSERT_TRUE(parameter) << name.as_string();
        EXPECT_EQ(parameter->decays, decays) << name.as_string();
      }
    }
  }
}

}  // namespace
}  // namespace temper::training
