// The plugin perplexity: the contract of metrics, then its weighting by tokens.
#include <temper/testing/metric.h>

#include <cmath>

#include <gtest/gtest.h>

#include "registry/registry.h"

namespace temper {
namespace {

TEST(Perplexity, KeepsTheMetricContract) { testing::check_metric("perplexity"); }

TEST(Perplexity, WeighsTokensNotTexts) {
  const TaskInfo task{Task::kLanguageModeling, {}};
  const auto metric = registry::installed().create<Metric>("perplexity");
  std::vector<double> sum(2, 0.0), row(2, 0.0);
  for (const auto& [nll, tokens] : {std::pair{3 * std::log(8.0), 3}, std::pair{std::log(2.0), 1}, std::pair{99.0, 0}}) {
    Prediction prediction;
    prediction.nll = nll;
    prediction.nll_tokens = tokens;
    row.assign(2, 0.0);
    metric->statistics(task, prediction, {}, row);
    sum[0] += row[0];
    sum[1] += row[1];
  }
  EXPECT_NEAR(metric->evaluate(task, sum).at(0), std::pow(2.0, 10.0 / 4), 1e-12);  // (3 x 3 bits + 1 bit) / 4 tokens
}

}  // namespace
}  // namespace temper
