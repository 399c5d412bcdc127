// How sure we are: bootstrap intervals and paired tests, from the statistics of items.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <temper/metric.h>
#include <temper/task.h>

#include "evaluation/item_statistics.h"

namespace temper::analysis {

struct ResamplingOptions {
  int resamples = 2000;
  double level = 0.95;     // of intervals
  std::uint64_t seed = 42;
};

struct Interval {
  double low = 0, high = 0;  // NaN where the value is undefined
};

// A strategy's results on the same items under several seeds: one statistics matrix per seed, all of the same items.
using Runs = std::span<const evaluation::ItemStatistics* const>;

// The mean over runs of each value of the metric, in the order of Metric::values.
std::vector<double> mean_values(const Metric& metric, const TaskInfo& task, Runs runs);

// Percentile bootstrap (Efron and Tibshirani 1993, section 13.3) of that mean: items are drawn with replacement, the same for all
// runs, and, where there are several runs, runs too. One interval per value.
std::vector<Interval> bootstrap_intervals(const Metric& metric, const TaskInfo& task, Runs runs, const ResamplingOptions& options = {});

struct PairedTest {
  double difference = 0;  // mean value of `a` minus that of `b`
  double p_value = 1;     // two-sided
};

// Is the difference between two strategies more than chance? Approximate randomization (Noreen 1989; Riezler and Maxwell 2005,
// section 3): for each item a coin decides whether the two swap their answers; p = (1 + number of shuffles with a difference at
// least as large) / (1 + shuffles). `a` and `b` must hold the same items. One test per value of the metric.
std::vector<PairedTest> paired_tests(const Metric& metric, const TaskInfo& task, Runs a, Runs b, const ResamplingOptions& options = {});

// Holm 1979: p-values of several tests adjusted so that the chance of any false alarm stays at the level. NaN stays NaN and
// counts as no test.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace temper::analysis
