// Splits and texts on their way into the training loop.
#include "study/phase_data.h"

#include <algorithm>

#include <temper/error.h>

#include "study/trial_model.h"

namespace temper::study {

namespace {

class FirstRows final : public Split {
 public:
  FirstRows(const Split& split, std::size_t rows) : split_(split), rows_(std::min(rows, split.size())) {}
  std::size_t size() const override { return rows_; }
  Item item(std::size_t row) const override { return split_.item(row); }
  Targets targets(std::size_t row) const override { return split_.targets(row); }
  std::int64_t line(std::size_t row) const override { return split_.line(row); }

 private:
  const Split& split_;
  std::size_t rows_;
};

}  // namespace

std::unique_ptr<Split> limited(const Split& split, std::size_t rows) { return std::make_unique<FirstRows>(split, rows); }

EncodedRows first_rows(std::shared_ptr<const data::EncodedSplit> encoded, const Split& split, std::size_t rows) {
  EncodedRows first;
  rows = std::min(rows, split.size());
  for (std::size_t row = 0; row < rows; ++row) {
    first.items.push_back(split.item(row));
    first.targets.push_back(split.targets(row));
  }
  first.examples = std::span(encoded->examples).first(encoded->first.at(rows));
  first.encoded = std::move(encoded);
  return first;
}

PhaseData text_phase(const Texts& texts, TrialModel& model, const Tokenizer* tokenizer, const TrainingOptions& options, int threads) {
  if (!tokenizer) throw Error("the model has no tokenizer, so it cannot learn from texts", "put its tokenizer's files beside config.json");
  const TaskInfo task{Task::kLanguageModeling, {}};
  const auto encode = [&](const std::vector<std::string>& documents, const char* name, data::EncodeFor purpose) {
    RowsInMemory rows;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      Item item{std::string(name) + "-" + std::to_string(i + 1), {}};
      item.fields.set(kTextField, documents[i]);
      rows.add(std::move(item), {});
    }
    data::EncodeSettings settings = encode_settings(task, model, options, purpose);
    if (options.max_length > 0) settings.max_length = std::min(*settings.max_length, options.max_length);
    return std::make_shared<const data::EncodedSplit>(data::make_encoder(task, {}, tokenizer, settings)->encode(rows, threads));
  };
  PhaseData phase;
  phase.train = encode(texts.train, "train", data::EncodeFor::kTraining);
  if (phase.train->examples.empty()) throw Error("the texts to train on are too short for a single block of max_length tokens");
  phase.probe.encoded = phase.train;
  phase.probe.examples = std::span(phase.train->examples).first(std::min(phase.train->examples.size(), static_cast<std::size_t>(options.train_probe)));
  if (!texts.validation.empty()) {
    phase.validation.encoded = encode(texts.validation, "validation", data::EncodeFor::kAnswers);
    phase.validation.examples = phase.validation.encoded->examples;
  }
  if (!texts.general.empty()) phase.general = encode(texts.general, "general", data::EncodeFor::kAnswers);
  phase.objective = task_objective(task, model, tokenizer);
  return phase;
}

training::NamedValues scored(const PhaseData& phase, const evaluation::MetricSet& metrics, training::EvaluatedSplit which, const training::Evaluation& evaluation) {
  training::NamedValues values;
  if (!phase.work || !phase.work->answers()) return values;
  const EncodedRows& rows = which == training::EvaluatedSplit::kTrain ? phase.probe : phase.validation;
  const std::vector<Prediction> predictions = answers(*phase.work, rows.items, *rows.encoded, evaluation);
  for (const auto& value : evaluation::score_predictions(metrics, predictions, rows.targets, {.standard_errors = false, .item_scores = false}).values) {
    values.emplace_back(value.name, value.value);
  }
  return values;
}

}  // namespace temper::study
