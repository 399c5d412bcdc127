// All that is recorded of one trial, as plain values, and its file trial.h5. The layout is in results/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/value.h>

#include "record/hdf5.h"

namespace temper::evaluation {
class ItemStatistics;
}

namespace temper::record {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// How a trial ended, as stored.
inline constexpr const char* kComplete = "complete";
inline constexpr const char* kPruned = "pruned";
inline constexpr const char* kFailed = "failed";
inline constexpr const char* kDiverged = "diverged";
// In a study's file only: a trial that has not ended yet.
inline constexpr const char* kPending = "pending";

// A row per logged optimizer step; all columns are equally long.
struct TrainingCurves {
  std::vector<std::int64_t> step;       // optimizer updates so far, through all phases; the first is 1
  std::vector<double> epoch;            // passes over the training items of the phase
  std::vector<double> seconds;          // of training since the trial began
  std::vector<std::int64_t> tokens;     // trained on so far
  std::vector<double> learning_rate;
  std::vector<double> loss;             // nats per target token (or per item), of the step's batch in training mode
  std::vector<double> grad_norm;        // before clipping
  std::vector<std::int64_t> phase;      // index into `phases`
  std::vector<std::string> phases;      // "domain-adaptive", "supervised"
};

// One optional column: "validation_loss", "train_accuracy", "score_accuracy".
struct Column {
  std::string name;
  std::vector<double> values;  // NaN where a row has none
};

// A row per evaluation, from step 0 (before training) to the last step.
struct EvaluationCurves {
  std::vector<std::int64_t> step;
  std::vector<double> epoch;
  std::vector<std::int64_t> phase;      // index into `phases`
  std::vector<std::string> phases;
  // train_loss, validation_loss, train_<metric>, validation_<metric>, forgetting_loss; those that apply, in this order.
  std::vector<Column> columns;
  const Column* find(const std::string& name) const;
};

struct MetricResult {
  std::string name;
  double value = kNaN;
  double standard_error = kNaN;
};

// Answers that a language model wrote; a row per test item, or none at all.
struct WrittenAnswers {
  std::vector<std::string> text, finish;             // what stands behind the prompt, and why it ended
  std::vector<std::int64_t> prompt_tokens, tokens;   // lengths of prompt and answer
};

// A row per test item.
struct Predictions {
  std::vector<std::string> id, prediction, reference;  // label name, text, or JSON for tags and several references
  std::vector<Column> scores;                          // "score_<metric>"
  // For prompts: the ids of shots and passages in each prompt, and of those that did not fit; empty for other strategies.
  std::vector<std::vector<std::string>> used_ids, dropped_ids;
  WrittenAnswers written;
};

// A metric's statistics of each test item, from which intervals and paired tests follow; equal rows are held once.
struct StatisticsRecord {
  std::string metric;                     // the plugin's name: "f1"
  std::int64_t size = 0;                  // numbers per row
  std::vector<double> rows;               // [distinct rows, size]
  std::vector<std::int64_t> row_of_item;  // [items]
  bool additive = true;                   // values follow from the sum over items; else, of a rank metric, from the rows
  std::vector<std::pair<std::string, std::string>> signatures;  // by value, where it has one: "bleu", "nrefs:1|case:mixed|..."
};
StatisticsRecord statistics_record(const std::string& metric, const evaluation::ItemStatistics& statistics);
evaluation::ItemStatistics item_statistics(const StatisticsRecord& record);

struct TestResults {
  std::vector<MetricResult> metrics;
  Predictions predictions;
  std::vector<std::string> labels;  // the classes in the order in which statistics count them; empty where the task has none
  std::vector<StatisticsRecord> statistics;
};

struct DiagnosisRecord {
  std::string verdict = "undecided";  // underfit, good, overfit, diverged, undecided
  std::string reason;                 // a sentence
  std::int64_t best_step = -1;        // of the smallest validation loss; -1: none
  double gap = kNaN;                  // validation loss - train loss at the end, nats
};

// A row per split: what its file held, and what of it the trial was given.
struct DataRecord {
  std::vector<std::string> split;                              // "train", "validation", "test"
  std::vector<std::int64_t> rows_read, rows_dropped, rows_used;  // good ones of the file or share; bad ones; after split and limit
  std::vector<std::int64_t> rows_truncated;                    // used ones that the model read a part of only
  std::vector<std::string> notes;                              // a line each
};

struct CostRecord {
  double train_seconds = 0, prepare_seconds = 0, predict_seconds = 0, seconds_per_prediction = 0;
  std::int64_t train_tokens = 0, peak_memory_bytes = 0, trainable_parameters = 0;
  std::vector<std::string> shared_with;  // trials ("0002") whose work this one used; their cost is not counted twice
  std::int64_t attempts = 1;             // how often a worker began it or went on with it, since the study was last started
};

struct TrialRecord {
  std::string status = kComplete;
  std::string strategy;  // its name in the experiment
  std::int64_t seed = 0;
  std::string error;     // what went wrong; empty unless failed
  std::int64_t from_trial = 0;  // number of the trial that it went on from; 0: of none, or not known yet
  std::string identity;  // hash of all that the trial depends on
  // The experiment's objective for the weights that were tested; NaN where it is unknown.
  double objective = kNaN;
  std::vector<std::pair<std::string, Value>> parameters;  // full path -> value, for every option that it reads and that is set
  std::vector<std::string> swept;                         // paths among `parameters`
  // Absent where it did not train.
  std::optional<TrainingCurves> training;
  std::optional<EvaluationCurves> evaluation;
  // Every complete trial has these.
  std::optional<TestResults> test;
  std::optional<DiagnosisRecord> diagnosis;
  std::optional<CostRecord> cost;  // of one that failed, what is known of it
  std::optional<DataRecord> data;
};

// Atomically (see write_hdf5). Throws Error when columns are of unequal length, before anything is written.
void write_trial(const std::filesystem::path& file, const TrialRecord& record);
TrialRecord read_trial(const std::filesystem::path& file);
// The same without curves and results: status, identity, parameters and what else are attributes. Where many are looked at.
TrialRecord read_trial_head(const std::filesystem::path& file);

// The same for a group of an open file: trial.h5 holds it as /trial, study.h5 as /trials/NUMBER.
inline constexpr const char* kTrialGroup = "trial";
void write_trial(Hdf5Group& group, const TrialRecord& record);
TrialRecord read_trial(const Hdf5Group& group);
TrialRecord read_trial_head(const Hdf5Group& group);
CostRecord read_cost(const Hdf5Group& group);  // of its group `cost`

// "0001": the name of a trial's group and folder.
std::string trial_name(std::int64_t number);

}  // namespace temper::record
