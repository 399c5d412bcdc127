// Resampling of items by a counter-based generator: every draw is a pure function of seed, resample and item.
#include "analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <temper/error.h>

#include "data/shuffle.h"

namespace temper::analysis {
namespace {

using evaluation::ItemStatistics;
using Row = std::vector<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A number in 0 .. size - 1 from 64 random bits (Lemire 2019 without the rejection: the bias is below size / 2^64).
std::size_t below(std::uint64_t bits, std::size_t size) { return static_cast<std::size_t>(static_cast<unsigned __int128>(bits) * size >> 64); }

std::size_t items_of(Runs runs) {
  if (runs.empty()) throw Error("there are no results to compare");
  for (const ItemStatistics* run : runs) {
    if (run->items() != runs[0]->items()) throw Error("results of " + std::to_string(run->items()) + " and of " + std::to_string(runs[0]->items()) + " items do not compare");
  }
  return runs[0]->items();
}

void add_to_mean(Row& mean, const Row& values, std::size_t runs) {
  mean.resize(values.size(), 0.0);
  for (std::size_t v = 0; v < values.size(); ++v) mean[v] += values[v] / static_cast<double>(runs);
}

// How often each distinct row of a run is drawn.
Row weights_of(const ItemStatistics& run, const std::vector<std::size_t>& items) {
  Row weights(run.distinct_rows(), 0.0);
  for (const std::size_t item : items) weights[run.row_of_item(item)] += 1;
  return weights;
}

// Between order statistics linearly (Hyndman and Fan 1996, type 7). `sorted` is not empty.
double quantile(const Row& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

// Items whose answers have equal statistics in all runs of both strategies: they may be swapped by their number.
struct Group {
  std::size_t item = 0;  // one of them
  bool differs = false;  // swapping changes something
};

}  // namespace

std::vector<double> mean_values(const Metric& metric, const TaskInfo& task, Runs runs) {
  items_of(runs);
  Row mean;
  for (const ItemStatistics* run : runs) add_to_mean(mean, metric.over(task, run->rows())(run->weights()), runs.size());
  return mean;
}

std::vector<Interval> bootstrap_intervals(const Metric& metric, const TaskInfo& task, Runs runs, const ResamplingOptions& options) {
  const std::size_t items = items_of(runs);
  std::vector<Row> values(mean_values(metric, task, runs).size());  // [values][resamples]
  std::vector<std::size_t> drawn(items);
  std::vector<WeightedValues> of_run;
  for (const ItemStatistics* run : runs) of_run.push_back(metric.over(task, run->rows()));
  for (int resample = 0; resample < options.resamples && items > 0; ++resample) {
    std::uint64_t counter = static_cast<std::uint64_t>(resample) * (items + runs.size());
    for (std::size_t& item : drawn) item = below(data::random_bits(options.seed, counter++), items);
    Row mean;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::size_t run = below(data::random_bits(options.seed, counter++), runs.size());
      add_to_mean(mean, of_run[run](weights_of(*runs[run], drawn)), runs.size());
    }
    for (std::size_t v = 0; v < mean.size(); ++v) {
      if (!std::isnan(mean[v])) values[v].push_back(mean[v]);
    }
  }
  std::vector<Interval> intervals;
  for (Row& sample : values) {
    std::sort(sample.begin(), sample.end());
    const double tail = (1 - options.level) / 2;
    intervals.push_back(sample.empty() ? Interval{kNaN, kNaN} : Interval{quantile(sample, tail), quantile(sample, 1 - tail)});
  }
  return intervals;
}

std::vector<PairedTest> paired_tests(const Metric& metric, const TaskInfo& task, Runs a, Runs b, const ResamplingOptions& options) {
  const std::size_t items = items_of(a);
  if (items_of(b) != items) throw Error("results of " + std::to_string(items) + " and of " + std::to_string(items_of(b)) + " items do not compare");
  if (a.size() != b.size()) throw Error("results of " + std::to_string(a.size()) + " and of " + std::to_string(b.size()) + " seeds do not compare item by item");

  std::vector<Group> groups;
  std::vector<std::size_t> group_of_item(items);
  std::map<std::vector<std::size_t>, std::size_t> known;
  for (std::size_t item = 0; item < items; ++item) {
    std::vector<std::size_t> rows;
    bool differs = false;
    for (std::size_t run = 0; run < a.size(); ++run) {
      rows.insert(rows.end(), {a[run]->row_of_item(item), b[run]->row_of_item(item)});
      differs |= !std::ranges::equal(a[run]->item(item), b[run]->item(item));
    }
    const auto [found, is_new] = known.emplace(std::move(rows), groups.size());
    if (is_new) groups.push_back({item, differs});
    group_of_item[item] = found->second;
  }

  // A seed's answers of both strategies in one table: a swap moves a count from one's row to the other's.
  std::vector<Row> numbers(a.size()), counts_a(a.size()), counts_b(a.size());
  std::vector<WeightedValues> of_run;
  for (std::size_t run = 0; run < a.size(); ++run) {
    const StatisticsRows rows_a = a[run]->rows(), rows_b = b[run]->rows();
    numbers[run].assign(rows_a.numbers.begin(), rows_a.numbers.end());
    numbers[run].insert(numbers[run].end(), rows_b.numbers.begin(), rows_b.numbers.end());
    of_run.push_back(metric.over(task, {numbers[run], rows_a.size}));
    counts_a[run] = a[run]->weights();
    counts_a[run].resize(rows_a.count() + rows_b.count(), 0.0);
    counts_b[run].assign(rows_a.count(), 0.0);
    const Row weights_b = b[run]->weights();
    counts_b[run].insert(counts_b[run].end(), weights_b.begin(), weights_b.end());
  }
  // Mean value of a minus that of b when so many items of each group are swapped.
  const auto difference = [&](const std::vector<std::size_t>& swapped) {
    Row result;
    for (std::size_t run = 0; run < a.size(); ++run) {
      Row of_a = counts_a[run], of_b = counts_b[run];
      for (std::size_t g = 0; g < groups.size(); ++g) {
        if (!groups[g].differs || swapped[g] == 0) continue;
        const std::size_t row_a = a[run]->row_of_item(groups[g].item), row_b = a[run]->distinct_rows() + b[run]->row_of_item(groups[g].item);
        const auto change = static_cast<double>(swapped[g]);
        of_a[row_a] -= change, of_a[row_b] += change;
        of_b[row_b] -= change, of_b[row_a] += change;
      }
      Row values = of_run[run](of_a);
      const Row other = of_run[run](of_b);
      for (std::size_t v = 0; v < values.size(); ++v) values[v] -= other[v];
      add_to_mean(result, values, a.size());
    }
    return result;
  };

  const Row observed = difference(std::vector<std::size_t>(groups.size(), 0));
  std::vector<int> as_large(observed.size(), 0);
  for (int shuffle = 0; shuffle < options.resamples; ++shuffle) {
    std::vector<std::size_t> swapped(groups.size(), 0);
    for (std::size_t item = 0; item < items; ++item) {
      swapped[group_of_item[item]] += data::random_bits(options.seed, static_cast<std::uint64_t>(shuffle) * items + item) >> 63;
    }
    const Row now = difference(swapped);
    // Sums in another order differ in the last digits; an undefined value counts against the difference.
    for (std::size_t v = 0; v < now.size(); ++v) as_large[v] += !(std::abs(now[v]) < std::abs(observed[v]) * (1 - 1e-9) - 1e-15);
  }
  std::vector<PairedTest> tests;
  for (std::size_t v = 0; v < observed.size(); ++v) {
    const double p = (1.0 + as_large[v]) / (1.0 + options.resamples);
    tests.push_back({observed[v], std::isnan(observed[v]) ? kNaN : p});
  }
  return tests;
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (!std::isnan(p_values[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - rank) * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace temper::analysis
