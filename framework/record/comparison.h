// The strategies of a study side by side: each by its best configuration over all its seeds and folds, with intervals, paired tests and cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <temper/metric.h>

#include "record/hdf5.h"

namespace temper::record {

// S strategies, in the order of their first trials.
struct ComparedMetric {
  std::string name;
  Better better = Better::kHigher;
  std::vector<double> value, low, high;     // [S], on the test split, the mean over seeds and its interval
  std::vector<double> difference, p_value;  // [S, S]: the row's value minus the column's, and its paired test
};

struct Comparison {
  std::vector<std::string> strategy;
  // A strategy's configuration is chosen by the objective, the mean over its seeds; never by the test split. Of several
  // configurations without an objective none is chosen: -1, 0 seeds and NaN.
  std::vector<std::int64_t> best_trial, n_seeds;
  std::vector<std::int64_t> n_folds;  // 0 where the study has none
  std::vector<ComparedMetric> metrics;
  double level = 0.95;  // of the intervals
  // Of all trials of a strategy together; and of its best trial.
  std::vector<double> train_seconds, prepare_seconds, predict_seconds, seconds_per_prediction;
};

// /comparison. The second is empty when the file has none.
void write_comparison(Hdf5Group& study, const Comparison& comparison);
std::optional<Comparison> read_comparison(const Hdf5Group& study);

}  // namespace temper::record
