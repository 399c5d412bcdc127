// Small made-up records of trials, for tests of whatever writes, reads or shows them.
#pragma once

#include <cstdint>
#include <string>

#include "record/trial_record.h"

namespace temper::testing {

// A trial that trained for three steps in two phases, with everything that a record can hold.
inline record::TrialRecord example_trial(double learning_rate = 5e-5, double objective = 0.625) {
  record::TrialRecord trial;
  trial.strategy = "lora";
  trial.seed = 7;
  trial.from_trial = 3;
  trial.identity = "1f2e";
  trial.objective = objective;
  trial.parameters = {{"training.learning_rate", learning_rate},
                      {"training.batch_size", 16},
                      {"training.bf16", true},
                      {"prompt.input", "Tweet: {text}\nGefühl:"},
                      {"lora.target_modules", Value::Array{"query", "value"}},
                      {"dataset.limit.train", 1000}};
  trial.swept = {"training.learning_rate"};
  trial.training = record::TrainingCurves{.step = {1, 2, 3},
                                          .epoch = {0.5, 1, 0.5},
                                          .seconds = {0.25, 0.5, 0.75},
                                          .tokens = {100, 190, 300},
                                          .learning_rate = {learning_rate, learning_rate / 2, learning_rate},
                                          .loss = {1.1, 0.9, record::kNaN},
                                          .grad_norm = {2, 1.5, 0.1},
                                          .phase = {0, 0, 1},
                                          .phases = {"domain-adaptive", "supervised"}};
  trial.evaluation = record::EvaluationCurves{.step = {0, 2, 3},
                                              .epoch = {0, 1, 0.5},
                                              .phase = {0, 0, 1},
                                              .phases = {"domain-adaptive", "supervised"},
                                              .columns = {{"train_loss", {1.2, 0.8, 0.5}},
                                                          {"validation_loss", {1.25, 0.9, objective}},
                                                          {"validation_accuracy", {0.3, record::kNaN, 0.7}}}};
  trial.test.emplace();
  trial.test->metrics = {{"accuracy", 0.746, 0.0137}, {"f1_macro", 0.74, record::kNaN}};
  trial.test->predictions.id = {"test:1", "test:2"};
  trial.test->predictions.prediction = {"positive", "négatif 👎"};
  trial.test->predictions.reference = {"positive", "neutral"};
  trial.test->predictions.scores = {{"score_accuracy", {1, 0}}};
  trial.test->predictions.used_ids = {{"train:4", "train:9"}, {}};
  trial.test->predictions.dropped_ids = {{}, {"train:4"}};
  trial.test->predictions.written = {{" positive", " négatif 👎"}, {"stop_token", "length"}, {12, 40}, {1, 64}};
  trial.test->labels = {"negative", "positive"};
  trial.test->statistics = {{"accuracy", 2, {1, 1, 0, 1}, {0, 1}, true, {}}, {"chrf", 2, {1, 1, 0, 1}, {0, 1}, false, {{"chrf", "nrefs:1"}, {"chrf++", "nrefs:2"}}}};
  trial.diagnosis = record::DiagnosisRecord{"good", "validation loss fell to 0.625 and stays within two standard errors", 3, 0.125};
  trial.cost = record::CostRecord{12.5, 1.25, 0.5, 0.25, 300, 1 << 20, 4096, {"0002"}};
  trial.data = record::DataRecord{{"train", "test"}, {1200, 300}, {3, 0}, {1000, 300}, {17, 0}, {"1 empty text\na note", ""}};
  return trial;
}

// A strategy that does not train.
inline record::TrialRecord example_untrained() {
  record::TrialRecord trial;
  trial.strategy = "majority";
  trial.seed = 1;
  trial.parameters = {{"dataset.limit.train", 1000}};
  trial.test.emplace();
  trial.test->metrics = {{"accuracy", 0.405, 0.0155}};
  trial.test->predictions.id = {"test:1", "test:2"};
  trial.test->predictions.prediction = {"neutral", "neutral"};
  trial.test->predictions.reference = {"positive", "neutral"};
  trial.diagnosis = record::DiagnosisRecord{"undecided", "it does not train", -1, record::kNaN};
  trial.cost.emplace();
  return trial;
}

}  // namespace temper::testing
