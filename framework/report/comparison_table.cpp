// See comparison_table.h.
#include "report/comparison_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "report/columns.h"
#include "report/words.h"

namespace temper::report {

namespace {

using record::ComparedMetric;
using record::Comparison;

constexpr double kChance = 0.05;  // a difference whose p-value is above may be chance

bool has_values(const ComparedMetric& metric, std::size_t strategy) { return !std::isnan(metric.value[strategy]); }

// "0.746 [0.719, 0.772]", with as many decimals as the interval's width means.
std::string with_interval(double value, double low, double high) {
  if (std::isnan(value)) return "-";
  if (std::isnan(low) || std::isnan(high)) return short_number(value);
  const double width = high - low;
  const int decimals = width > 0 ? std::clamp(2 - static_cast<int>(std::ceil(std::log10(width))), 0, 9) : 3;
  char text[128];
  std::snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", decimals, value, decimals, low, decimals, high);
  return text;
}

// The strategies with a value, the best first.
std::vector<std::size_t> ranked(const ComparedMetric& metric) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < metric.value.size(); ++i)
    if (has_values(metric, i)) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return metric.better == Better::kLower ? metric.value[a] < metric.value[b] : metric.value[a] > metric.value[b];
  });
  return order;
}

std::string verdict(const Comparison& comparison, const ComparedMetric& metric, const Terminal& terminal) {
  const std::vector<std::size_t> order = ranked(metric);
  const std::size_t first = order[0], second = order[1];
  const std::size_t cell = first * comparison.strategy.size() + second;
  const double difference = std::abs(metric.value[first] - metric.value[second]), p = metric.p_value[cell];
  std::string text = "by " + metric.name + " on the test split: ";
  if (difference == 0) return text + comparison.strategy[first] + " and " + comparison.strategy[second] + " come out equal\n";
  text += styled(comparison.strategy[first], Style::kBold, terminal) + " is ahead of " + comparison.strategy[second] + " by " + short_number(difference);
  if (std::isnan(p)) return text + "; no paired test can be made of the two\n";
  text += p > kChance ? ", which may be chance" : ", more than chance";
  char number[32];
  std::snprintf(number, sizeof number, "%.2g", p);
  return text + " (p = " + number + ", not corrected for the number of comparisons)\n";
}

}  // namespace

std::string comparison_table(const Comparison& comparison, const Terminal& terminal) {
  const std::size_t size = comparison.strategy.size();
  if (comparison.metrics.empty() || ranked(comparison.metrics.front()).size() < 2) return {};
  std::vector<TableColumn> columns{{"strategy", {}, false, 9}, {"trial", {}, true, 8}, {"seeds", {}, true, 2}, {"training", {}, true, 3}};
  for (std::size_t i = 0; i < size; ++i) {
    const bool chosen = comparison.best_trial[i] >= 0;
    columns[0].cells.push_back({printable(comparison.strategy[i])});
    columns[1].cells.push_back({chosen ? std::to_string(comparison.best_trial[i]) : "-"});
    columns[2].cells.push_back({std::to_string(comparison.n_seeds[i])});
    columns[3].cells.push_back({duration(comparison.train_seconds[i])});
  }
  if (std::any_of(comparison.n_folds.begin(), comparison.n_folds.end(), [](std::int64_t folds) { return folds > 0; })) {
    TableColumn& folds = columns.emplace_back(TableColumn{"folds", {}, true, 2});
    for (const std::int64_t count : comparison.n_folds) folds.cells.push_back({std::to_string(count)});
  }
  const std::size_t first_metric = columns.size();
  for (const ComparedMetric& metric : comparison.metrics) {
    TableColumn& column = columns.emplace_back(TableColumn{metric.name, {}, true, columns.size() == first_metric ? 7 : 1});
    for (std::size_t i = 0; i < size; ++i) column.cells.push_back({with_interval(metric.value[i], metric.low[i], metric.high[i])});
  }
  char level[32];
  std::snprintf(level, sizeof level, "%.0f %%", comparison.level * 100);
  std::string text = "strategies on the test split, each by its best configuration on validation, with " + std::string(level) + " intervals:\n\n";
  const Columns table = lay_out(std::move(columns), terminal);
  return text + table.text + "\n" + verdict(comparison, comparison.metrics.front(), terminal);
}

}  // namespace temper::report
