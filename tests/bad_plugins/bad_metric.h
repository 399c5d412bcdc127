// The metric that all plugins of this folder register: it counts items. What is wrong with each stands in its own file.
#pragma once

#include <temper/metric.h>

namespace bad {

class CountsItems : public temper::Metric {
 public:
  template <class Options>
  explicit CountsItems(const Options&) {}
  bool applies_to(temper::Task) const override { return true; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override { return {{.name = "items"}}; }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 1; }
  void statistics(const temper::TaskInfo&, const temper::Prediction&, const temper::Targets&, std::span<double> out) const override { out[0] = 1; }
  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0]}; }
};

}  // namespace bad
