// Makes the comparison of a study's strategies from its trials.
#pragma once

#include <string>
#include <vector>

#include <temper/metric.h>

#include "analysis/statistics.h"
#include "evaluation/score.h"
#include "record/comparison.h"
#include "record/hdf5.h"

namespace temper::record {

// The labels that the study's metrics count, from its first complete trial that has some; empty where the task has none.
std::vector<std::string> compared_labels(const Hdf5Group& study);

// Compares by what /trials of `study` holds, but for trials that the experiment file no longer has. `metrics` are the study's, made for its task. A metric whose statistics a trial lacks
// is NaN for its strategy; a pair is NaN where the two did not answer the same items or number their labels differently.
Comparison compare_strategies(const Hdf5Group& study, Better better, const evaluation::MetricSet& metrics,
                              const analysis::ResamplingOptions& options = {});

}  // namespace temper::record
