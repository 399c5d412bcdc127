// Three training steps of each task are transformers' steps: the same model, the same batch, the same losses.
#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>

#include "data/atomic_file.h"
#include "nn/checkpoint.h"
#include "registry/registry.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"
#include "training/objectives.h"
#include "training/trainer.h"

namespace temper::training {
namespace {

// Its masks are those of the batch.
class Masked final : public Objective {
 public:
  std::int64_t count(const Example& example) const override { return own_.count(example); }
  ObjectiveOutput forward(HeadedModel& model, std::span<const Example* const> examples, ForwardContext context) const override { return own_.forward(model, examples, context); }

 private:
  MaskedLanguageModeling own_{4, 50};
};

struct Losses final : TrainingObserver {
  std::vector<double> steps;
  void on_step(const StepRow& row) override { steps.push_back(row.loss); }
  void on_evaluation(const EvaluationRow&) override {}
};

std::vector<Example> examples_of(const Value& steps) {
  std::vector<Example> examples;
  for (const Value& row : steps.find("rows")->as_array()) {
    Example& example = examples.emplace_back();
    example.key = examples.size();
    for (const Value& id : row.find("ids")->as_array()) example.ids.push_back(static_cast<std::int32_t>(id.as_integer()));
    if (const Value* labels = row.find("labels")) for (const Value& label : labels->as_array()) example.labels.push_back(label.as_integer());
    if (const Value* values = row.find("values")) for (const Value& value : values->as_array()) example.values.push_back(static_cast<float>(value.as_number()));
  }
  return examples;
}

void expect_same_steps(const std::filesystem::path& folder, HeadKind head, const Objective& objective, bool plain) {
  SCOPED_TRACE(folder.filename().string());
  const Value steps = parse_json(data::read_file(folder / "steps.json"), "steps.json");
  nn::LoadedModel loaded = nn::load_model(registry::installed(), folder, {.head = head});
  ASSERT_TRUE(loaded.new_parameters.empty()) << loaded.new_parameters.front();
  const std::vector<Example> examples = examples_of(steps);
  Losses losses;
  TrainingInput input;
  input.model = &loaded.model;
  input.objective = &objective;
  input.train = examples;
  input.train_probe = std::span(examples).first(1);
  input.options.learning_rate = steps.find("learning_rate")->as_number();
  input.options.lr_scheduler_type = "constant";
  input.options.batch_size = static_cast<std::int64_t>(examples.size());
  input.options.epochs = static_cast<double>(steps.find("losses")->as_array().size());
  input.observer = &losses;
  input.plain = plain;
  train(input);
  const Value::Array& expected = steps.find("losses")->as_array();
  ASSERT_EQ(losses.steps.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(losses.steps[i], expected[i].as_number(), 2e-5 * std::max(1.0, expected[i].as_number())) << "step " << i;
}

TEST(TaskSteps, AreThoseOfTransformers) {
  const char* python = std::getenv("TEMPER_PYTHON");
  if (!python || testing::run_shell(std::string(python) + " -c 'import transformers'").status != 0) {
    GTEST_SKIP() << "TEMPER_PYTHON names no python with transformers (scripts/setup --tests makes one)";
  }
  const testing::TemporaryFolder folder;
  const testing::ProgramResult made = testing::run_shell("'" + std::string(python) + "' '" TEMPER_SOURCE_DIRECTORY "/tests/interop/train_tasks.py' .", folder.path());
  ASSERT_EQ(made.status, 0) << made.all();
  for (const bool plain : {false, true}) {
    expect_same_steps(folder / "regression", HeadKind::kSequenceClassification, Regression(), plain);
    expect_same_steps(folder / "class_weights", HeadKind::kSequenceClassification, SequenceClassification({0.25, 5, 1}), plain);
    expect_same_steps(folder / "multi_label", HeadKind::kSequenceClassification, MultiLabelClassification(), plain);
    expect_same_steps(folder / "token_classification", HeadKind::kTokenClassification, TokenClassification(), plain);
    expect_same_steps(folder / "masked", HeadKind::kMaskedLanguageModeling, Masked(), plain);
    expect_same_steps(folder / "question_answering", HeadKind::kQuestionAnswering, SpanExtraction(), plain);
    expect_same_steps(folder / "generation", HeadKind::kLanguageModeling, CausalLanguageModeling(), plain);
  }
}

}  // namespace
}  // namespace temper::training
