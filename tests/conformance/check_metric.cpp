// check_metric: the suite of metrics on an installed plugin.
#include <temper/testing/metric.h>

#include <gtest/gtest.h>
#include <temper/error.h>

#include "registry/registry.h"

namespace temper::testing {

void check_metric(const std::string& name) {
  std::unique_ptr<Metric> metric;
  try {
    metric = registry::installed().create<Metric>(name);
  } catch (const Error& error) {
    FAIL() << "the metric " << name << " cannot be made: " << error.what();
  }
  for (const Failure& failure : metric_failures(*metric)) ADD_FAILURE() << name << " breaks " << failure.check << ": " << failure.what;
}

}  // namespace temper::testing
