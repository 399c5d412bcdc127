// What one phase of training reads: encoded splits, what is learned of them, and how an evaluation is scored.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <temper/strategy.h>

#include "evaluation/score.h"
#include "study/tasks/task_work.h"
#include "training/trainer.h"

namespace temper::study {

// A split as it is encoded, and its first rows as items.
struct EncodedRows {
  std::shared_ptr<const data::EncodedSplit> encoded;
  std::span<const Example> examples;  // of it: all, or those of its first rows
  std::vector<Item> items;            // none where nobody asks for answers
  std::vector<Targets> targets;
};

struct PhaseData {
  std::shared_ptr<const data::EncodedSplit> train;
  EncodedRows probe, validation;                       // the probe is of train; validation may be empty
  std::shared_ptr<const data::EncodedSplit> general;   // null: nothing is forgotten that anybody asks for
  std::unique_ptr<temper::Objective> objective;
  std::unique_ptr<TaskWork> work;  // null: an evaluation has a loss and no metrics
};

// The examples of the first `rows` rows, with these as items.
EncodedRows first_rows(std::shared_ptr<const data::EncodedSplit> encoded, const Split& split, std::size_t rows);
// The first rows of a split.
std::unique_ptr<Split> limited(const Split& split, std::size_t rows);

// Continued pre-training of `model` on texts; `tokenizer` may be null only where there are none.
PhaseData text_phase(const Texts& texts, TrialModel& model, const Tokenizer* tokenizer, const TrainingOptions& options, int threads);

// The values of metrics in an evaluation of the probe or of validation; nothing where the phase has none.
training::NamedValues scored(const PhaseData& phase, const evaluation::MetricSet& metrics, training::EvaluatedSplit which, const training::Evaluation& evaluation);

}  // namespace temper::study
