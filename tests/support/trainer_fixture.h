// A small classification task for tests of the training loop, and an observer that keeps what it is told.
#pragma once

#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "training/objectives.h"
#include "training/trainer.h"

namespace temper::training {

struct Recorder : TrainingObserver {
  std::vector<StepRow> steps;
  std::vector<EvaluationRow> evaluations;
  std::vector<Value> restored;
  std::vector<std::string> warnings;
  void on_step(const StepRow& row) override { steps.push_back(row); }
  void on_evaluation(const EvaluationRow& row) override { evaluations.push_back(row); }
  void on_warning(const std::string& what) override { warnings.push_back(what); }
  Value save() override { return static_cast<std::int64_t>(steps.size()); }
  void restore(const Value& saved) override { restored.push_back(saved); }
};

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() {
    options_.learning_rate = 1e-2;
    options_.batch_size = 4;
    options_.epochs = 2;
    options_.train_probe = 8;
  }

  TrainingInput input(HeadedModel& model, Recorder& recorder) {
    TrainingInput input;
    input.model = &model;
    input.objective = &objective_;
    input.train = train_;
    input.train_probe = std::span(train_).first(8);
    input.validation = validation_;
    input.options = options_;
    input.seed = 7;
    input.observer = &recorder;
    return input;
  }

  // All of the model's numbers, one after another.
  static Tensor weights(HeadedModel& model) {
    std::vector<Tensor> parts;
    for (const Parameter& parameter : model.parameters().all()) parts.push_back(parameter.tensor.detach().reshape(-1));
    return at::cat(parts);
  }
  static std::vector<std::int64_t> steps_of(const std::vector<EvaluationRow>& rows) {
    std::vector<std::int64_t> steps;
    for (const EvaluationRow& row : rows) steps.push_back(row.step);
    return steps;
  }

  testing::TemporaryFolder folder_;
  TrainingOptions options_;
  SequenceClassification objective_;
  std::vector<Example> train_ = testing::tiny_examples(30);
  std::vector<Example> validation_ = testing::tiny_examples(12, 3, 1000);
};

}  // namespace temper::training
